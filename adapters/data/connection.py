"""How DuckDB is opened here: without the bar that it draws on standard output for whatever takes two seconds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb


def connect(
    path: Path | str = ":memory:", *, read_only: bool = False, config: Mapping[str, str | bool] | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection to the file, or to a database in memory; `config` are DuckDB's settings."""
    connection = duckdb.connect(str(path), read_only=read_only, config=dict(config or {}))
    connection.execute("SET enable_progress_bar = false")
    return connection
