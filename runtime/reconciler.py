"""Jobs are looked after while the program runs: a thread that brings them up to date once a minute."""

from __future__ import annotations

import logging
import threading
from types import TracebackType

from adapters.errors import AdapterError
from tools.errors import ToolError
from tools.jobs.desk import Desk

EVERY_S = 60.0


class Reconciler:
    """Reconciles one owner's jobs from `with` to its end; a failure is logged, and the next minute tries again."""

    def __init__(self, jobs: Desk, every_s: float = EVERY_S) -> None:
        self._jobs = jobs
        self._every_s = every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reconciler", daemon=True)

    def __enter__(self) -> Reconciler:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._done.set()
        self._thread.join(timeout=1.0)

    def _run(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                self._jobs.reconcile()
            except (AdapterError, ToolError):
                logging.getLogger(__name__).exception("jobs could not be brought up to date")
