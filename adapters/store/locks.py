"""Locks that their holder's death gives back: the kernel's on a file, PostgreSQL's on a session.

Neither is a row with a lease: a program that is killed holds nothing from that moment, and nobody waits for a date.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import sqlalchemy as sa

from adapters.store.database import NO_LOCK, Database

TryIt = Callable[[], bool]
"""Takes the lock where it is free, and says whether it is held now."""


@contextmanager
def file_lock(path: Path) -> Iterator[TryIt]:
    """The lock on the file, its folder made where it is not there; given back at the end, with the file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, is_held = _opened(path), False

    def try_it() -> bool:
        nonlocal descriptor, is_held
        while not is_held:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            is_held = _is_at(path, descriptor)
            if not is_held:
                # Whoever held it has taken the file away since: others lock another one by now.
                os.close(descriptor)
                descriptor = _opened(path)
        return True

    try:
        yield try_it
    finally:
        if is_held:
            path.unlink(missing_ok=True)
        os.close(descriptor)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def named_lock(database: Database, name: str, folder: Path | None = None) -> AbstractContextManager[TryIt]:
    """The lock of that name among all programs on the database; of SQLite a file, in a folder beside it if not told."""
    if database.engine.dialect.name != "sqlite":
        return session_lock(database, name)
    beside = Path(database.engine.url.database or ".").parent / "locks"
    return file_lock((folder or beside) / f"{name}.lock")


@contextmanager
def session_lock(database: Database, name: str) -> Iterator[TryIt]:
    """PostgreSQL's lock of that name, among all programs on the database; given back at the end."""
    options = {"isolation_level": "AUTOCOMMIT", NO_LOCK: True}
    with database.engine.connect().execution_options(**options) as connection:
        # It may be held long: the connection is not one of the pool's while it lasts, and closing it ends the lock.
        connection.detach()
        try_lock = sa.select(sa.func.pg_try_advisory_lock(sa.func.hashtextextended(name, 0)))
        yield lambda: bool(connection.execute(try_lock).scalar())
