"""Machines that no open job of anybody stands behind."""

from __future__ import annotations

from adapters.compute.base import Backend
from adapters.store.jobs import JobTable


def end_strays(rows: JobTable, backend: Backend) -> None:
    """End every machine of ours that is nobody's.

    Machines are listed first: a job's row is there before its machine, so one that just begins is never taken for
    nobody's.
    """
    running = backend.running()
    for key in set(running) - rows.open_keys():
        backend.end(key)
