"""What launch_training gives."""

from __future__ import annotations

from adapters.records import JobState
from tools.results import Result


class Launched(Result):
    """The job that the quote became; `status` is how it stands, `moves` why it is where it was not quoted for."""

    job_id: str
    state: JobState
    status: str | None = None
    moves: tuple[str, ...] = ()
