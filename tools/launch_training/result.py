"""What launch_training gives."""

from __future__ import annotations

from adapters.records import JobState
from tools.results import Result


class Launched(Result):
    """The job that the quote became."""

    job_id: str
    state: JobState
