"""A JSON array of records, or one record a line, as the view `source`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from adapters.data.base import DataError, quote_string
from adapters.data.many_columns import check_width, column_types

SUFFIXES = (".json", ".jsonl", ".ndjson")
TAIL_BYTES = 1 << 12
MAX_RECORD_BYTES = 16 * 2**20
FORM = f"format='auto', records='true', compression='none', maximum_object_size={MAX_RECORD_BYTES}"
BETWEEN = re.compile(r"[\s,]*")
NO_FORM = "%Y|%m"
"""Of no date: dates stay text here, for its own reader moves some to UTC and others not."""


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
        If the file is empty, holds no records or too many names, or is an array that does not end: its reader would
        take what is there.
    """
    with path.open("rb") as file:
        head = file.read(TAIL_BYTES).lstrip(b"\xef\xbb\xbf \t\r\n")
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        tail = file.read().rstrip()
    if not head:
        raise DataError(f"{name!r} is empty: it holds no records")
    if head.startswith(b"[") and not tail.endswith(b"]"):
        raise DataError(f"{name!r} cannot be read: the array that begins in line 1 does not end; the file was cut")
    check_width(_n_names(path), repr(name))
    try:
        # Without the -1 records of two hundred names of one type would be one value, and no table.
        connection.execute(
            f"CREATE TEMP VIEW source AS SELECT * FROM read_json({quoted}, {FORM}, sample_size=-1, "
            f"map_inference_threshold=-1, timestampformat='{NO_FORM}', dateformat='{NO_FORM}')"
        )
    except duckdb.BinderException as error:
        raise DataError(f"{name!r} holds no records: a table needs objects with names and values") from error
    check_width(len(column_types(connection, "source")), repr(name))


def _n_names(path: Path) -> int:
    """How many names the first records have together, so that a hopeless file is refused at once; 0 where none is seen.

    The first 16 MB are looked at: of a longer file there may be more.
    """
    with path.open(encoding="utf-8-sig") as file:
        text = file.read(MAX_RECORD_BYTES)
    names: set[str] = set()
    place = max(0, text.find("{"))
    while text.startswith("{", place):
        try:
            record, end = json.JSONDecoder().raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        names |= record.keys()
        between = BETWEEN.match(text, end)
        place = end if between is None else between.end()
    return len(names)


def json_reader(quoted: str, kinds: Mapping[str, str]) -> str:
    """The records once more, as SQL, with these columns of these types; text of a number is as it was written."""
    listed = ", ".join(f"{quote_string(name)}: {quote_string(kind)}" for name, kind in kinds.items())
    return f"read_json({quoted}, {FORM}, columns={{{listed}}})"
