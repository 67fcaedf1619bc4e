"""Rows of delimiters alone, and columns without a name and a value: what a spreadsheet leaves of cells once used."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import column_types, count_rows, drop_columns, rewrite
from adapters.records.warned import Warned

MAX_SHOWN = 60


def drop_empty_rows(connection: duckdb.DuckDBPyConnection, as_written: str) -> list[Warned]:
    """Leave out the rows of `data` that hold nothing in any column, with a warning; of one column they are values.

    Parameters
    ----------
    as_written : str
        The table as SQL once more, every column as text and only nothing read as missing; rows in the same order.
    """
    names = list(column_types(connection))
    n_rows, n_without_first = count_rows(connection), _count_empty(connection, names[:1])
    if len(names) < 2 or n_without_first == 0 or _count_empty(connection, names) == 0:
        return []
    # A row of NA and NA was written by somebody.
    blank = _is_empty(_columns(connection, as_written))
    numbered = f"SELECT row_number() OVER () - 1 AS r, {blank} AS is_blank FROM {as_written}"
    connection.execute(f"CREATE TEMP TABLE blank AS SELECT r FROM ({numbered}) WHERE is_blank")
    n_blank, first = connection.execute("SELECT count(*), min(r) FROM blank").fetchall()[0]
    if n_blank and n_blank < n_rows:
        kept = "SELECT * FROM data WHERE rowid NOT IN (SELECT r FROM blank) ORDER BY rowid"
        rewrite(connection, kept)
    connection.execute("DROP TABLE blank")
    if n_blank in (0, n_rows):
        return []
    if first == n_rows - n_blank:
        return [LoadWarns.EMPTY_ROWS_AT_END(n=n_blank)]
    return [LoadWarns.EMPTY_ROWS(n=n_blank, n_before=first)]


def drop_empty_columns(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], unnamed: Sequence[str]
) -> list[Warned]:
    """Leave out the columns of `data` that have neither name nor value; a warning for them and for the other unnamed.

    Parameters
    ----------
    names : sequence of str
        The names of all columns of the file, in their order.
    unnamed : sequence of str
        Those that were made up where the file has none.
    """
    if not unnamed:
        return []
    counts = ", ".join(f"count({quote_identifier(name)})" for name in unnamed)
    found = connection.execute(f"SELECT {counts} FROM data").fetchall()[0]
    empty = [name for name, n_values in zip(unnamed, found, strict=True) if n_values == 0]
    if len(empty) == len(names):
        empty = []
    drop_columns(connection, empty)
    warnings = [
        LoadWarns.UNNAMED_COLUMN(place=names.index(name) + 1, called=name[:MAX_SHOWN])
        for name in unnamed
        if name not in empty
    ]
    if empty:
        places = ", ".join(str(names.index(name) + 1) for name in empty[:10]) + ", …" * (len(empty) > 10)
        warnings.append(LoadWarns.EMPTY_COLUMNS(n=len(empty), places=places))
    return warnings


def _count_empty(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> int:
    return int(connection.execute(f"SELECT count(*) FROM data WHERE {_is_empty(names)}").fetchall()[0][0])


def _is_empty(names: Sequence[str]) -> str:
    """Whether the columns hold nothing but blanks, as SQL; one call, however many they are."""
    return f"trim(concat({', '.join(map(quote_identifier, names))})) = ''"


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    return [
        row[0] for row in connection.execute(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {source})").fetchall()
    ]
