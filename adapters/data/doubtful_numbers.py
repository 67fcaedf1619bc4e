"""Numbers that may mean something else than they say: dates of eight digits, points between thousands."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier

THOUSANDS = r"[-+]?[1-9]\d{0,2}\.\d{3}"
FIRST_DAY, LAST_DAY = 19000101, 21001231


def name_doubtful_numbers(connection: duckdb.DuckDBPyConnection, as_written: str, delimiter: str) -> list[str]:
    """A sentence for each column of numbers of `data` that may be dates (20240131) or thousands (1.234).

    The latter only in files cut by semicolons: those come from where the comma is decimal.

    Parameters
    ----------
    as_written : str
        The table as SQL once more, every column as text and only nothing read as missing.
    """
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall()
    said = []
    for name, kind in described:
        column = quote_identifier(name)
        if kind == "BIGINT" and _are_all(
            connection,
            f"{column} BETWEEN {FIRST_DAY} AND {LAST_DAY} "
            f"AND try_strptime(CAST({column} AS VARCHAR), '%Y%m%d') IS NOT NULL",
            column,
            "data",
        ):
            said.append(
                f"column {name[:64]!r} holds whole numbers that look like dates (year, month, day): the step cast of "
                "transform (to date) makes them so"
            )
        if kind == "DOUBLE" and delimiter == ";":
            written = f"(SELECT {column} FROM {as_written} WHERE trim({column}) <> '')"
            if _are_all(connection, f"regexp_full_match(trim({column}), '{THOUSANDS}')", column, written):
                said.append(
                    f"column {name[:64]!r}: every value has three digits behind a point, which is read as the decimal "
                    f"one; if it stands between thousands, derive round({column} * 1000)"
                )
    return said


def _are_all(connection: duckdb.DuckDBPyConnection, condition: str, column: str, source: str) -> bool:
    """Whether the condition holds for every value, two or more; most columns fail in their first rows."""
    head = f"SELECT count(*), bool_and({condition}) FROM (SELECT {column} FROM {source} WHERE {column} IS NOT NULL"
    n, is_so = connection.execute(f"{head} LIMIT 1000)").fetchall()[0]
    return n > 1 and bool(is_so) and bool(connection.execute(f"{head})").fetchall()[0][1])
