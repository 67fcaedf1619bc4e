"""One database, opened the careful way: WAL, a wait for the lock, and writers that take turns from the start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.errors import AdapterError
from adapters.store.tables import metadata

BUSY_TIMEOUT_MS = 10_000


class StoreError(AdapterError):
    """The database could not be opened or asked."""


class Database:
    """Transactions on the state; the tables are made when they are not there."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(is_reader=True)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that holds the write lock from its first line, so that what it reads stays true."""
        with _busy_is_an_error(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads, and waits for nobody."""
        with _busy_is_an_error(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()


def open_sqlite(path: Path) -> Database:
    """The SQLite database at `path`, its folder and tables made when they are not there.

    Raises
    ------
    StoreError
        If the file is not a database of ours or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        engine = sa.create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", _begin)
        database = Database(engine)
        with database.read() as connection:
            known = set(sa.inspect(connection).get_table_names())
        if not known >= set(metadata.tables):
            with database.write() as connection:
                metadata.create_all(connection)
    except (OSError, StoreError, sa.exc.DatabaseError) as error:
        raise StoreError(f"cannot open the database {path}: {error.__cause__ or error}") from error
    return database


@contextmanager
def _busy_is_an_error() -> Iterator[None]:
    """What the database itself could not do, in a sentence."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise StoreError(f"the database could not be used: {error.orig}") from error


def _prepare(raw: Any, record: object) -> None:  # the driver's own connection: sqlite3 on SQLite
    # sqlite3 would begin a transaction by itself, and only at the first write: two that read before they write
    # would then both fail. `_begin` begins them instead.
    raw.isolation_level = None
    raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")


def _begin(connection: sa.Connection) -> None:
    is_reader = connection.get_execution_options().get("is_reader", False)
    connection.exec_driver_sql("BEGIN" if is_reader else "BEGIN IMMEDIATE")
