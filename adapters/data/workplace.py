"""Where unfinished work lies: a folder that is locked while its run lives, and swept by the next program when it died.

The kernel takes the lock away with the process, however that ends, so neither clocks nor process numbers are asked.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PREFIX = "run_"
NAME = re.compile(rf"{PREFIX}[0-9a-f]{{16}}")
EARLIER = re.compile(r".*\.(part|part\.wal|utf8\.part|fetched|spill)|child_.*")
"""What versions until November 2026 left beside the datasets; this one writes nothing of the kind there."""
STORED = re.compile(r"[0-9a-f]{16}\.duckdb")


@dataclass(frozen=True)
class Swept:
    """How much was removed."""

    n: int = 0
    size_bytes: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(self.n + other.n, self.size_bytes + other.size_bytes)


@contextmanager
def workplace(folder: Path) -> Iterator[Path]:
    """A new folder in `folder` for unfinished work; whatever is still in it at the end is removed."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, held = _begin(folder)
    # A sweep may have come between the making and the locking.
    while not path.is_dir():
        os.close(held)
        path, held = _begin(folder)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(held)


def _begin(folder: Path) -> tuple[Path, int]:
    path = folder / f"{PREFIX}{secrets.token_hex(8)}"
    path.mkdir(mode=0o700)
    try:
        held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return path, os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(held, fcntl.LOCK_EX)
    return path, held


def sweep(folder: Path, named: Callable[[], Set[Path]]) -> Swept:
    """Remove what died runs left in an owner's folder of datasets: unfinished work, and its result without a row.

    A run's workplace stands until its row is written, under the name that its file gets: a file that no row names is
    removed only where the workplace of the run that made it is there to prove it. Any other may be somebody's, as when
    a database is lost or an earlier one is put back.

    Parameters
    ----------
    named : callable
        Gives the files that rows name; asked once the run is known to be dead.
    """

    def finished(workplace: Path) -> Swept:
        file = folder / f"{workplace.name.removeprefix(PREFIX)}.duckdb"
        if file in named():
            return Swept()
        return sum((remove(path) for path in _entries(folder) if path.name in _parts(file.name)), Swept())

    swept = sweep_workplaces(folder, finished)
    for path in _entries(folder):
        if EARLIER.fullmatch(path.name) and not path.is_symlink():
            swept += remove(path)
    return swept


def unnamed(folder: Path, named: Set[Path]) -> list[Path]:
    """The finished datasets in the folder that no row names; nothing removes them."""
    return [path for path in _entries(folder) if STORED.fullmatch(path.name) and path not in named]


def _parts(name: str) -> tuple[str, ...]:
    """A stored file and what the engine keeps beside it while it is written."""
    return name, f"{name}.wal", f"{name}.tmp"


def sweep_workplaces(folder: Path, before: Callable[[Path], Swept] = lambda place: Swept()) -> Swept:
    """Remove the workplaces in the folder whose runs have died; `before` is done first, with the workplace locked."""
    swept = Swept()
    for path in _entries(folder):
        if not NAME.fullmatch(path.name) or path.is_symlink():
            continue
        try:
            held = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            swept += before(path) + remove(path)
        except BlockingIOError:
            continue
        finally:
            os.close(held)
    return swept


def remove(path: Path) -> Swept:
    """Remove a file or a folder, no link followed; gives how much it was."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    size_bytes = 0
    for file in files:
        try:
            size_bytes += 0 if file.is_dir() else file.lstat().st_size
        except FileNotFoundError:
            continue
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return Swept(1, size_bytes)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
