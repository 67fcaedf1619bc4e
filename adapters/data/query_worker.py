"""The child process of a query: opens datasets read-only, locks the engine, runs one SELECT, answers in JSON.

`python -m adapters.data.query_worker` reads one request as JSON from stdin and writes one answer to stdout. Whatever
the SQL does, it does it here: under the kernel's limits of memory, file size and wall clock, in an empty environment.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

from adapters.data.base import DataError, quote_identifier, quote_string
from adapters.data.child_engine import ENGINE_ERRORS, answer_one_request, end_sentence, lock
from adapters.data.connection import connect
from adapters.data.many_columns import MAX_COLUMNS
from adapters.data.reading import keep_source
from adapters.data.select_check import check_select
from adapters.names import name_choices
from adapters.records.warned import Warned

MAX_CELL_CHARACTERS = 500
MAX_SHOWN_BYTES = 8_000_000
"""Of the rows as JSON: what a thousand rows of two hundred short cells take, and no more for the program to hold."""
OWN_NAMES = frozenset(["data", "result", "source"])
"""What `_keep` and `keep_source` call the tables that they write and read."""
UNKNOWN_COLUMN = re.compile(r'Referenced column "(.+?)" not found|does not have a column named "(.+?)"')
Cell = bool | int | float | str | None


def run(request: Mapping[str, Any]) -> dict[str, Any]:
    """Run the request's SELECT; with `part` its result becomes the table `data` of that file, and is shown from there.

    Raises
    ------
    DataError
        If the SQL is refused, does not fit the columns, or takes more than it may.
    """
    names = request["names"]
    with connect(request["part"] or ":memory:") as connection:
        sees_row = "_row" in request["sql"].lower()
        for index, table in enumerate(request["tables"]):
            connection.execute(f"ATTACH {quote_string(table['path'])} AS stored_{index} (READ_ONLY)")
            row = "rowid AS _row, " if sees_row else ""
            view = f"CREATE TEMP VIEW {quote_identifier(table['name'])} AS SELECT {row}* FROM stored_{index}.data"
            connection.execute(view)
        lock(connection, request)
        sql = check_select(connection, request["sql"], names)
        try:
            if request["part"]:
                warnings = _keep(connection, _apart(connection, sql, request["tables"]))
                # A dataset may be called data too: this one is the file's.
                place = quote_identifier(str(connection.execute("SELECT current_database()").fetchall()[0][0]))
                return {
                    **_show(connection, f"FROM {place}.main.data", request["limit"]),
                    "warnings": list(map(asdict, warnings)),
                }
            return _show(connection, sql, request["limit"])
        except ENGINE_ERRORS as error:
            raise DataError(f"sql: {_sentence(connection, error, names)}") from error


def _show(connection: duckdb.DuckDBPyConnection, sql: str, limit: int) -> dict[str, Any]:
    result = connection.execute(f"SELECT * FROM (\n{sql}\n) LIMIT {limit + 1}")
    columns = [str(field[0]) for field in result.description or ()]
    _check_width(columns)
    shown: list[list[Cell]] = []
    n_bytes = len(json.dumps(columns))
    while (row := result.fetchone()) is not None:
        cells = [_cell(value) for value in row]
        n_bytes += len(json.dumps(cells))
        if n_bytes > MAX_SHOWN_BYTES:
            raise DataError(
                f"sql: the answer is larger than {MAX_SHOWN_BYTES // 10**6} MB by row {len(shown) + 1}; "
                "select fewer or shorter columns, or ask for a smaller limit"
            )
        shown.append(cells)
    truncated, total = len(shown) > limit, len(shown)
    if truncated:
        total = connection.execute(f"SELECT count(*) FROM (\n{sql}\n)").fetchall()[0][0]
    return {"columns": columns, "rows": shown[:limit], "total": total, "truncated": truncated}


def _check_width(columns: Sequence[str]) -> None:
    if len(columns) > MAX_COLUMNS:
        raise DataError(f"sql: {len(columns):,} columns; at most {MAX_COLUMNS:,} are selected at once")


def _apart(connection: duckdb.DuckDBPyConnection, sql: str, tables: Sequence[Mapping[str, Any]]) -> str:
    """The SELECT, computed first where a dataset has a name of our own: from then on that name is ours."""
    taken = [table["name"] for table in tables if table["name"].lower() in OWN_NAMES]
    if not taken:
        return sql
    # No dataset's name has a blank in it.
    connection.execute(f'CREATE TEMP TABLE "computed first" AS SELECT * FROM (\n{sql}\n)')
    for name in taken:
        connection.execute(f"DROP VIEW temp.main.{quote_identifier(name)}")
    return 'FROM "computed first"'


def _keep(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Warned]:
    connection.execute(f"CREATE TEMP VIEW result AS SELECT * FROM (\n{sql}\n)")
    names = [row[0] for row in connection.execute("SELECT column_name FROM (DESCRIBE result)").fetchall()]
    _check_width(names)
    kept = [name for name in names if name.lower() != "_row"]
    if not kept:
        raise DataError("sql: a dataset needs at least one column beside _row")
    # The new dataset has row numbers of its own.
    columns = ", ".join(map(quote_identifier, kept))
    connection.execute(f"CREATE TEMP VIEW source AS SELECT {columns} FROM result")
    return keep_source(connection)


def _cell(value: object) -> Cell:
    """A value as JSON: numbers stay numbers where JSON has them, everything else is text."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (float, Decimal)):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    text = value.isoformat() if isinstance(value, (date, datetime, time)) else str(value)
    return text if len(text) <= MAX_CELL_CHARACTERS else text[: MAX_CELL_CHARACTERS - 1] + "…"


def _sentence(connection: duckdb.DuckDBPyConnection, error: Exception, tables: Sequence[str]) -> str:
    unknown = UNKNOWN_COLUMN.search(str(error))
    if unknown is not None:
        name = unknown.group(1) or unknown.group(2)
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        columns = [column for (view,) in views if view in tables for column in _columns(connection, view)]
        return f"no column {name[:64]!r}; {name_choices(name, columns)}"
    return end_sentence(error, "a query")


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(f"SELECT column_name FROM (DESCRIBE {quote_identifier(table)})").fetchall()
    return [row[0] for row in rows]


if __name__ == "__main__":
    answer_one_request(run)
