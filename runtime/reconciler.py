"""Jobs are looked after while the program runs: a thread that brings them up to date once a minute."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

from adapters.records import Job
from tools.jobs.following import JobView

EVERY_S = 60.0


class Jobs(Protocol):
    """Jobs that are looked after: those of every owner of a home."""

    def reconcile(self) -> tuple[JobView, ...]:
        """Bring every open job to what its machine says."""

    def look_at(self, job: Job) -> JobView:
        """One job as it stands now."""


class Reconciler:
    """Reconciles jobs from `with` to its end; a failure is logged, and the next time tries again.

    `on_end` is told each job that has ended, in the thread that saw it.
    """

    def __init__(self, jobs: Jobs, every_s: float = EVERY_S, on_end: Callable[[JobView], None] | None = None) -> None:
        self._jobs = jobs
        self._every_s = every_s
        self._on_end = on_end
        self._open: dict[str, Job] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def __enter__(self) -> Reconciler:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join(timeout=1.0)

    def is_alive(self) -> bool:
        """True while the jobs are looked after."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                self._look()
            except Exception:  # this thread looks after machines that cost money: it must not end
                logging.getLogger(__name__).exception("jobs could not be brought up to date")

    def _look(self) -> None:
        """Bring the jobs up to date, and tell those that have ended since the last look."""
        views = self._jobs.reconcile()
        ended = {view.job.job_id: view for view in views if view.job.state.is_final}
        # Another thread, a poll_job, may have taken the result over before this one.
        seen = {view.job.job_id: view.job for view in views}
        for job_id in self._open.keys() - seen.keys():
            ended[job_id] = self._jobs.look_at(self._open[job_id])
        self._open = {job_id: job for job_id, job in seen.items() if job_id not in ended}
        for view in ended.values():
            self._tell(view)

    def _tell(self, view: JobView) -> None:
        if self._on_end is None:
            return
        try:
            self._on_end(view)
        except Exception:  # the next job's end is told all the same
            logging.getLogger(__name__).exception("the end of %s could not be told", view.job.job_id)
