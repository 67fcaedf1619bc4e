"""Machines that no open job of anybody stands behind."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from adapters.compute.base import Backend, ComputeError
from adapters.store.jobs import JobTable


def end_strays(rows: JobTable, backends: Iterable[Backend]) -> None:
    """End every machine of ours that is nobody's; a backend that cannot be asked now is logged.

    Machines are listed first: a job's row is there before its machine, so one that just begins is never taken for
    nobody's.
    """
    for backend in backends:
        try:
            running = backend.running()
            for key in set(running) - rows.open_keys():
                backend.end(key)
        except ComputeError:
            logging.getLogger(__name__).exception("the machines of %s could not be looked after", backend.name)
