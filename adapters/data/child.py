"""Work on what Claude wrote is done in a child process: this side starts it, waits, and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.data.base import Cancelled, DataError, Watch
from adapters.data.workplace import workplace
from adapters.opening import is_plain_file
from adapters.records import Dataset

START_S = 3.0
"""What the child may take to start: its own clock begins when it has read the request."""
PACKAGES = Path(__file__).parents[2]


@dataclass(frozen=True)
class ChildLimits:
    """What one child may take: seconds, bytes of the engine, bytes of address space, bytes on disk, threads.

    The engine looks at its clock between two steps of its work; `grace_s` after the seconds the kernel ends the child.
    """

    seconds: float = 30.0
    grace_s: float = 3.0
    memory_bytes: int = 10**9
    address_bytes: int = 4 * 10**9
    file_bytes: int = 10 * 10**9
    threads: int = max(1, min(4, os.cpu_count() or 1))


def ask_child(
    module: str, request: Mapping[str, Any], folder: Path, limits: ChildLimits, watch: Watch
) -> dict[str, Any]:
    """The answer of `adapters.data.<module>` to the request; limits and a folder to spill into are added to it.

    Parameters
    ----------
    folder : Path
        The owner's folder; the child spills into a folder there that is removed.

    Raises
    ------
    DataError
        If the child refuses, or takes more than the limits; `what`, where the request has it, begins that sentence.
    Cancelled
        The user stopped it; the child is gone.
    """
    # A file and no pipe: what a pipe does not hold would wait for a child that is not there yet, and then for ever.
    with workplace(folder) as scratch, tempfile.TemporaryFile("w+", encoding="utf-8", dir=scratch) as asked:
        allowed = {
            "scratch": str(scratch),
            "seconds": limits.seconds,
            "wall_s": limits.seconds + limits.grace_s,
            "memory_bytes": limits.memory_bytes,
            "address_bytes": limits.address_bytes,
            "file_bytes": limits.file_bytes,
            "threads": limits.threads,
        }
        asked.write(json.dumps({**request, **allowed}))
        asked.seek(0)
        command = [sys.executable, "-P", "-m", f"adapters.data.{module}"]
        with subprocess.Popen(  # noqa: S603 - our own module, no shell
            command,
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            env={"PYTHONPATH": str(PACKAGES)},
            text=True,
            encoding="utf-8",
        ) as child:
            try:
                text = _wait(child, limits.seconds + limits.grace_s + START_S, watch)
            finally:
                child.kill()
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{request.get('what', '')}{_end(child.returncode, limits)}") from error
    if "error" in answer:
        raise DataError(answer["error"])
    return dict(answer)


def _wait(child: subprocess.Popen[str], seconds: float, watch: Watch) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if watch.cancel.is_set():
            raise Cancelled("stopped; nothing was changed")
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(timeout=0.1)[0]
    return ""


def _end(code: int, limits: ChildLimits) -> str:
    """Why a child that gave no answer ended: its alarm, our kill, or the limits of memory and disk."""
    if code in (-14, -9):
        return f"it takes longer than the {limits.seconds:.0f} s that it may; aggregate or filter first"
    return "it needs more memory or disk than it may take; aggregate, filter or select fewer columns"


def table_files(datasets: Sequence[Dataset]) -> list[dict[str, str]]:
    """The datasets as a child's request names them; DataError if a file is gone."""
    for dataset in datasets:
        if not is_plain_file(dataset.path):
            raise DataError(f"the stored table of {dataset.name!r} is gone; load {dataset.source!r} again")
    return [{"name": dataset.name, "path": str(dataset.path)} for dataset in datasets]
