"""Trainings that stand still: a test looks at a running one for as long as it likes, and it takes no time of others."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from evals.world.home import wait_until


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Stop the workers of this machine that the home has, once there is one; at the end they go on."""
    wait_until(lambda: bool(_workers(home)))
    workers = _workers(home)
    _send(workers, signal.SIGSTOP)
    try:
        yield
    finally:
        _send(workers, signal.SIGCONT)


def _workers(home: Path) -> list[int]:
    claims = [json.loads(path.read_text()) for path in (home / "jobs").glob("*/claim.json")]
    return [claim["pid"] for claim in claims if claim["pid"] is not None]


def _send(workers: list[int], number: signal.Signals) -> None:
    for pid in workers:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
