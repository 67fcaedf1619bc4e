"""Jobs are looked after while the program runs: a thread that brings them up to date once a minute."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

from tools.jobs.desk import Desk, JobView

EVERY_S = 60.0


class Reconciler:
    """Reconciles one owner's jobs from `with` to its end; a failure is logged, and the next time tries again.

    `on_end` is told each job that has ended, in the thread that saw it.
    """

    def __init__(self, jobs: Desk, every_s: float = EVERY_S, on_end: Callable[[JobView], None] | None = None) -> None:
        self._jobs = jobs
        self._every_s = every_s
        self._on_end = on_end
        self._open: set[str] = set()
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
        for job_id in self._open - {view.job.job_id for view in views}:
            ended[job_id] = self._jobs.get(job_id)
        self._open = {view.job.job_id for view in views} - set(ended)
        for view in ended.values():
            self._tell(view)

    def _tell(self, view: JobView) -> None:
        if self._on_end is None:
            return
        try:
            self._on_end(view)
        except Exception:  # the next job's end is told all the same
            logging.getLogger(__name__).exception("the end of %s could not be told", view.job.job_id)
