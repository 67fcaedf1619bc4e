"""Does a table end in its totals? Then every mean, count and test is wrong by one row, and that is said."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier, quote_string
from adapters.data.load_warns import LoadWarns, Whys, joined
from adapters.records.warned import Warned

MOST_ROWS = 100_000
MOST_COLUMNS = 50
FEWEST_ROWS = 4
"""Of fewer rows the last may be the sum of the others by chance."""
NAMES = r"(grand |sub[- ]?|over)?totals?( general)?|totale?|sums?|summe|gesamt|insgesamt|всего|итого|合計"


def find_total_row(connection: duckdb.DuckDBPyConnection, n_rows: int) -> list[Warned]:
    """A warning where the last row of the table `data` is called total, or is the sum of the others.

    Without such a name two columns of numbers must be sums, so that chance is no reason.
    """
    if not FEWEST_ROWS <= n_rows <= MOST_ROWS:
        return []
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall()
    words = [name for name, kind in described if kind == "VARCHAR"][:MOST_COLUMNS]
    numbers = [name for name, kind in described if kind in ("BIGINT", "DOUBLE")][:MOST_COLUMNS]
    last = n_rows - 1
    label = _label(connection, words, last)
    sums = _sums(connection, numbers, last)
    inner = _inner(connection, words, last)
    if label is None and len(sums) < 2:
        return inner
    why = [] if label is None else [Whys.CALLED_TOTAL(label=label[:40])]
    if sums:
        why.append(Whys.SUM_OF_OTHERS(names=", ".join(repr(name[:40]) for name in sums[:3])))
    return [LoadWarns.LAST_ROW_IS_TOTAL(why=joined(why, " and "), last=last), *inner]


def _inner(connection: duckdb.DuckDBPyConnection, words: list[str], last: int) -> list[Warned]:
    """A warning for each column of words in which rows before the last are called total."""
    said = []
    for name in words:
        column = quote_identifier(name)
        n, example = connection.execute(
            f"SELECT count(*), first({column} ORDER BY rowid) FROM data "
            f"WHERE rowid < {last} AND regexp_full_match(trim({column}), ?, 'i')",
            [NAMES],
        ).fetchall()[0]
        if n:
            value = quote_string(example)
            said.append(
                LoadWarns.ROWS_ARE_TOTALS(name=name[:64], n=n, example=example[:40], column=column, value=value)
            )
    return said


def _label(connection: duckdb.DuckDBPyConnection, words: list[str], last: int) -> str | None:
    if not words:
        return None
    values = ", ".join(quote_identifier(name) for name in words)
    row = connection.execute(f"SELECT {values} FROM data WHERE rowid = {last}").fetchone() or ()
    named = "SELECT regexp_full_match(trim(?), ?, 'i')"
    for value in row:
        if value is not None and connection.execute(named, [value, NAMES]).fetchall()[0][0]:
            return str(value)
    return None


def _sums(connection: duckdb.DuckDBPyConnection, numbers: list[str], last: int) -> list[str]:
    """The columns of which the last value is the sum of those before, to six digits."""
    if not numbers:
        return []
    parts = [
        f"abs(sum({x}) FILTER (rowid < {last}) - max({x}) FILTER (rowid = {last})) <= 1e-6 * abs(max({x}) "
        f"FILTER (rowid = {last})) AND count(*) FILTER (rowid < {last} AND {x} <> 0) >= {FEWEST_ROWS - 1}"
        for x in (f"CAST({quote_identifier(name)} AS DOUBLE)" for name in numbers)
    ]
    found = connection.execute(f"SELECT {', '.join(parts)} FROM data").fetchall()[0]
    return [name for name, is_sum in zip(numbers, found, strict=True) if is_sum]
