"""One database, SQLite or PostgreSQL: writers take turns from their first line, readers wait for nobody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.errors import AdapterError
from adapters.store import migrations
from adapters.store.turnstile import Turnstile

SCHEMA_VERSION = "0013"
"""The newest step in adapters/store/migrations/versions."""
BUSY_TIMEOUT_MS = 10_000
WRITER_LOCK = 0x57A7A6E7
"""PostgreSQL's number for our one lock of writers; any fixed number would do."""

NO_LOCK = "takes_no_lock"
"""The execution option of a connection that is neither a reader nor a writer: `adapters.store.turns`."""


class StoreError(AdapterError):
    """The database could not be opened or asked."""


class Database:
    """Transactions on the state.

    Parameters
    ----------
    turnstile : Turnstile or None
        What the writers of this process go through one by one, where the database itself has no queue for them.
    """

    def __init__(self, engine: sa.Engine, turnstile: Turnstile | None = None) -> None:
        self.engine = engine
        self._reader = engine.execution_options(is_reader=True)
        self._turnstile = turnstile

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that holds the write lock from its first line, so that what it reads stays true."""
        turnstile = self._turnstile
        in_turn = nullcontext() if turnstile is None else turnstile.through()
        with _busy_is_an_error(), in_turn, self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that only reads, one moment of the state, and waits for nobody."""
        with _busy_is_an_error(), self._reader.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


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
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return _brought_up(Database(engine, Turnstile(BUSY_TIMEOUT_MS / 1000)))
    except (OSError, StoreError, sa.exc.DatabaseError) as error:
        raise StoreError(f"cannot open the database {path}: {error.__cause__ or error}") from error


def open_postgres(url: str) -> Database:
    """The PostgreSQL database at `url` (postgresql://user:password@host/name), its tables made when they are not there.

    Raises
    ------
    StoreError
        If it is no such URL, or the server cannot be reached or refuses; the message never holds the password.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError("that is no database URL; write postgresql://host/name, the user before the host") from error
    if parsed.get_backend_name() != "postgresql":
        raise StoreError(f"a database of the kind {parsed.get_backend_name()!r} is not known; use postgresql://…")
    try:
        engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        sa.event.listen(engine, "begin", _begin_postgres)
        return _brought_up(Database(engine))
    except (StoreError, sa.exc.DatabaseError) as error:
        where = parsed.host or "this machine"
        raise StoreError(f"cannot open the database on {where}: {_first_line(error.__cause__ or error)}") from error


def _brought_up(database: Database) -> Database:
    """The database at our schema; of several programs that open it at once, one takes the steps."""
    try:
        with database.read() as connection:
            is_current = _version(connection) == SCHEMA_VERSION
        if not is_current:
            with database.write() as connection:
                if _version(connection) != SCHEMA_VERSION:
                    migrations.upgrade(connection)
    except BaseException:
        database.close()
        raise
    return database


def _version(connection: sa.Connection) -> str | None:
    """The step that the database is at; None where it is empty, or older than versions."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found


@contextmanager
def _busy_is_an_error() -> Iterator[None]:
    """What the database itself could not do, in a sentence."""
    try:
        yield
    except sa.exc.OperationalError as error:
        raise StoreError(f"the database could not be used: {_first_line(error.orig or error)}") from error
    except (TimeoutError, sa.exc.TimeoutError) as error:
        raise StoreError(f"the database could not be used: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    """The driver's words without the rest of its message; `orig` of an error of SQLAlchemy is the driver's own."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _prepare_sqlite(raw: Any, record: object) -> None:  # the driver's own connection: sqlite3
    # sqlite3 would begin a transaction by itself, and only at the first write: two that read before they write
    # would then both fail. `_begin_sqlite` begins them instead.
    raw.isolation_level = None
    raw.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")


def _is_reader(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("is_reader", False))


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN" if _is_reader(connection) else "BEGIN IMMEDIATE")


def _begin_postgres(connection: sa.Connection) -> None:
    if connection.get_execution_options().get(NO_LOCK, False):
        return
    if _is_reader(connection):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return
    # One writer at a time, as on SQLite: no order of locks to get wrong, and our transactions take milliseconds.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
