"""SQL that Claude wrote runs in a child process: this side starts it, waits, and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.data.base import Cancelled, DataError, QueryResult, Watch
from adapters.records import Dataset

GRACE_S = 3.0
"""What the child gets beyond the engine's own clock, before it is killed."""
PACKAGES = Path(__file__).parents[2]


@dataclass(frozen=True)
class QueryLimits:
    """What one query may take: seconds, bytes of the engine, bytes of address space, bytes on disk, threads."""

    seconds: float = 30.0
    memory_bytes: int = 10**9
    address_bytes: int = 4 * 10**9
    file_bytes: int = 10 * 10**9
    threads: int = max(1, min(4, os.cpu_count() or 1))


def show_query(
    datasets: Sequence[Dataset], sql: str, limit: int, folder: Path, limits: QueryLimits, watch: Watch
) -> QueryResult:
    """The first `limit` rows of one SELECT over the datasets, and how many there are in all.

    Parameters
    ----------
    folder : Path
        The owner's folder; the child spills into a folder there that is removed.

    Raises
    ------
    DataError
        If the SQL is refused, does not fit, or takes more than the limits.
    Cancelled
        The user stopped it; the child is gone.
    """
    answer = _ask_child(datasets, sql, limit, None, folder, limits, watch)
    rows = tuple(tuple(row) for row in answer["rows"])
    return QueryResult(tuple(answer["columns"]), rows, answer["total"], answer["truncated"])


def keep_query(datasets: Sequence[Dataset], sql: str, part: Path, limits: QueryLimits, watch: Watch) -> list[str]:
    """Write all rows of one SELECT as the table `data` of the new DuckDB file `part`; gives the warnings.

    Raises as `show_query` does; what is at `part` then is of no use.
    """
    warnings: list[str] = _ask_child(datasets, sql, 0, part, part.parent, limits, watch)["warnings"]
    return warnings


def _ask_child(
    datasets: Sequence[Dataset],
    sql: str,
    limit: int,
    part: Path | None,
    folder: Path,
    limits: QueryLimits,
    watch: Watch,
) -> dict[str, Any]:
    for dataset in datasets:
        if dataset.name.lower() in sql.lower() and not dataset.path.is_file():
            raise DataError(f"the stored table of {dataset.name!r} is gone; load {dataset.source!r} again")
    with _scratch(folder) as scratch:
        request = {
            "tables": [{"name": dataset.name, "path": str(dataset.path)} for dataset in datasets],
            "sql": sql,
            "limit": limit,
            "part": None if part is None else str(part),
            "scratch": str(scratch),
            "seconds": limits.seconds,
            "wall_s": limits.seconds + GRACE_S,
            "memory_bytes": limits.memory_bytes,
            "address_bytes": limits.address_bytes,
            "file_bytes": limits.file_bytes,
            "threads": limits.threads,
        }
        command = [sys.executable, "-P", "-m", "adapters.data.query_worker"]
        with subprocess.Popen(  # noqa: S603 - our own module, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=scratch,
            env={"PYTHONPATH": str(PACKAGES)},
            text=True,
            encoding="utf-8",
        ) as child:
            try:
                text = _wait(child, json.dumps(request), limits.seconds + 2 * GRACE_S, watch)
            finally:
                child.kill()
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(_end(child.returncode, limits)) from error
    if "error" in answer:
        raise DataError(answer["error"])
    return dict(answer)


def _wait(child: subprocess.Popen[str], request: str, seconds: float, watch: Watch) -> str:
    deadline = time.monotonic() + seconds
    words: str | None = request
    while time.monotonic() < deadline:
        if watch.cancel.is_set():
            raise Cancelled("stopped; the query was not finished")
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.communicate(words, timeout=0.1)[0]
        words = None
    return ""


def _end(code: int, limits: QueryLimits) -> str:
    """Why a child that gave no answer ended: its alarm, our kill, or the limits of memory and disk."""
    if code in (-14, -9):
        return f"sql: it takes longer than the {limits.seconds:.0f} s that a query may; aggregate or filter first"
    return "sql: it needs more memory or disk than a query may take; aggregate, filter or select fewer columns"


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = Path(tempfile.mkdtemp(prefix="query_", dir=folder))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
