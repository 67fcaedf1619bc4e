"""One owner's jobs from quote to end. Row before call, always: a crash at any line is made good by `advance_all`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from adapters.compute.base import ComputeError
from adapters.names import name_choices
from adapters.records import Approval, Dataset, Job, JobState, Quote, Work
from tools.errors import ToolError
from tools.jobs.following import Following, JobView
from tools.jobs.launching import Launching
from tools.jobs.means import Means
from tools.jobs.quoting import Need, Quoting
from tools.results import Artifact

STARTING_S, LOOK_S = 10.0, 0.2
"""How long a launch waits for somebody else who is starting the same job's machine."""


class Desk:
    """Quotes, launches, follows and ends one owner's jobs."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._quoting = Quoting(means)
        self._launching = Launching(means)
        self._following = Following(means, self._launching)

    def quote(
        self,
        conversation_id: str,
        table: Dataset,
        work: Work,
        need: Need,
        warnings: Sequence[str] = (),
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> tuple[Quote, ...]:
        """Make and keep quotes for the job, the cheapest first; as `Quoting.quote`."""
        return self._quoting.quote(conversation_id, table, work, need, warnings, tell)

    def launch(self, approval: Approval) -> JobView:
        """Start the approved quote's job; the same approval again gives the same job. Raises as `Launching.claim`."""
        job = self._means.rows.job_of_approval(approval) or self._launching.claim(approval)
        view, deadline = self._following.advance(job), time.monotonic() + STARTING_S
        # Another thread or program may have seen its row first, and be starting its machine.
        while view.job.state is JobState.QUEUED and not view.job.cancel_requested and time.monotonic() < deadline:
            time.sleep(LOOK_S)
            view = self._following.advance(job)
        return view

    def find(self, job_id: str) -> Job:
        """The job's row; no machine is asked, and none started."""
        job = self._means.rows.job(self._means.owner_id, job_id)
        if job is None:
            names = [known.job_id for known in self.all()]
            raise ToolError(f"no job {job_id[:80]!r}; {name_choices(job_id, names)}")
        return job

    def get(self, job_id: str) -> JobView:
        """The job as it stands; a finished machine's result is taken over first."""
        try:
            return self._following.advance(self.find(job_id))
        except ComputeError as error:
            raise ToolError(str(error)) from error

    def offered(self, quote_id: str) -> Quote | None:
        """The owner's quote of that id."""
        return self._means.approvals.quote(self._means.owner_id, quote_id)

    def file_of(self, job: Job) -> Artifact | None:
        """The file of a job's predictions, once it is there."""
        return self._means.keeping.artifact_of(job)

    def quote_of(self, job: Job) -> Quote | None:
        """The quote that was agreed to."""
        return self._means.approvals.quote(self._means.owner_id, job.quote_id)

    def all(self) -> tuple[Job, ...]:
        """The owner's jobs, newest first."""
        return self._means.rows.jobs(self._means.owner_id)

    def cancel(self, job_id: str) -> JobView:
        """Stop the job's machine and wait until it is gone; a job whose machine was not started yet never starts."""
        job = self.find(job_id)
        if not job.state.is_final:
            self._means.rows.request_cancel(job)
            attempt = self._means.rows.attempt(job)
            try:
                self._means.backend(attempt.backend).terminate(attempt)
            except ComputeError as error:
                raise ToolError(str(error)) from error
        return self.get(job_id)

    def advance_all(self) -> tuple[JobView, ...]:
        """Bring every open job to what its machine says: launch what was only intended, take over what has ended."""
        views = []
        for job in self._means.rows.open_jobs(self._means.owner_id):
            try:
                views.append(self._following.advance(job))
            except Exception:  # what goes wrong with one must not keep the others from being ended
                logging.getLogger(__name__).exception("%s could not be brought up to date", job.job_id)
        return tuple(views)
