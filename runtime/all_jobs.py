"""The jobs of every owner of this home, looked after by one."""

from __future__ import annotations

import logging
from dataclasses import replace

from adapters.errors import AdapterError
from adapters.records import Job
from adapters.store.jobs import JobTable
from runtime.program import Program
from runtime.session import Session
from tools.jobs.billing import Billing
from tools.jobs.following import JobView
from tools.jobs.strays import end_strays


class AllJobs:
    """Brings jobs up to date, whoever owns them."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._rows = JobTable(program.database)
        self._billing = Billing(self._rows, program.backends)

    def reconcile(self) -> tuple[JobView, ...]:
        """Bring every open job to what its machine says, end machines that are nobody's, and read bills.

        An owner whose jobs cannot be looked after is logged, and the next one's are.
        """
        end_strays(self._rows, self._program.backends.values())
        views: list[JobView] = []
        for owner_id in self._rows.owners_of_open_jobs():
            if not (self._program.settings.home / "data" / f"user_{owner_id}").is_dir():
                continue  # of another home that shares this database
            try:
                views += self._session(owner_id).jobs.advance_all()
            except AdapterError:
                logging.getLogger(__name__).exception("the jobs of %s could not be brought up to date", owner_id)
        self._billing.true_up(self._program.clock())
        return tuple(views)

    def look_at(self, job: Job) -> JobView:
        """The job as it stands now."""
        return self._session(job.owner_id).jobs.get(job.job_id)

    def _session(self, owner_id: str) -> Session:
        return Session(self._program, replace(self._program.settings.person(), owner_id=owner_id, roots=()))
