"""A JSON array of records, or one record a line, as the view `source`."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from adapters.data.base import DataError

SUFFIXES = (".json", ".jsonl", ".ndjson")
TAIL_BYTES = 1 << 12
MAX_RECORD_BYTES = 16 * 2**20


def is_json(path: Path) -> bool:
    """By the name, else by a beginning that no CSV has."""
    if path.suffix.lower() in SUFFIXES:
        return True
    with path.open("rb") as file:
        return re.match(rb'\s*(\[\s*)?\{\s*"', file.read(TAIL_BYTES)) is not None


def view_json(connection: duckdb.DuckDBPyConnection, path: Path, quoted: str, name: str) -> None:
    """Make the view `source` of the file's records; types are decided over every record.

    Raises
    ------
    DataError
        If the file is empty, holds no records, or is an array that does not end: its reader would take what is there.
    """
    with path.open("rb") as file:
        head = file.read(TAIL_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read().rstrip()
    if not head:
        raise DataError(f"{name!r} is empty: it holds no records")
    if head.startswith(b"[") and not tail.endswith(b"]"):
        raise DataError(f"{name!r} cannot be read: the array that begins in line 1 does not end; the file was cut")
    try:
        connection.execute(
            f"CREATE TEMP VIEW source AS SELECT * FROM read_json({quoted}, format='auto', records='true', "
            f"sample_size=-1, compression='none', maximum_object_size={MAX_RECORD_BYTES})"
        )
    except duckdb.BinderException as error:
        raise DataError(f"{name!r} holds no records: a table needs objects with names and values") from error
