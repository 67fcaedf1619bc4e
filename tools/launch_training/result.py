"""What launch_training gives."""

from __future__ import annotations

from adapters.records import JobState
from tools.results import Result


class Launched(Result):
    """The job that the quote became; `status` is how it stands, `moves` why it is where it was not quoted for.

    With `ask_again` no machine was left at the price that was agreed to.
    """

    job_id: str
    state: JobState
    status: str | None = None
    moves: tuple[str, ...] = ()
    ask_again: bool = False
