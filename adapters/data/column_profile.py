"""What is in each column of a freshly loaded table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Question, ask_each, column_types, count_rows
from adapters.records import Column
from adapters.records.warned import Warned

EXAMPLE_CHARACTERS = 64

TYPES = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "datetime",
    "DOUBLE": "number",
    "BIGINT": "integer",
    "VARCHAR": "text",
}
"""Our word for each type that a stored table has; `adapters.data.duck` casts all others to one of these."""


EXACT_ROWS = 1_000_000
EXACT_DISTINCT = 10_000
MAX_COLUMNS_AT_ONCE = 20
LONG_ROWS = 50_000


@dataclass(frozen=True)
class Profile:
    """Rows, columns, and what is to be said about their counts."""

    rows: int
    columns: tuple[Column, ...]
    warnings: tuple[Warned, ...]


def profile(connection: duckdb.DuckDBPyConnection, descriptions: Mapping[str, str] | None = None) -> Profile:
    """Rows and columns of the table `data`: types, missing and distinct values, and a first example.

    Distinct counts are exact in tables of up to a million rows, and beyond that up to about 10,000; larger ones are
    estimates (HyperLogLog, about 2 %): exact ones would take longer than reading the file.
    """
    types = column_types(connection)
    n_rows = count_rows(connection)
    look = _look_at_long if n_rows > LONG_ROWS else _look_at_short
    looks = look(connection, types, n_rows)
    columns = tuple(
        Column(name, TYPES[kind], n_rows - looks[name].n, looks[name].distinct, looks[name].example, said)
        for name, kind in types.items()
        for said in [(descriptions or {}).get(name)]
    )
    rough = [column.name[:64] for column in columns if n_rows > EXACT_ROWS and column.distinct > EXACT_DISTINCT]
    warnings = (LoadWarns.ROUGH_COUNTS(names=", ".join(map(repr, rough))),) if rough else ()
    return Profile(n_rows, columns, warnings)


@dataclass(frozen=True)
class _Look:
    """How many values a column has, how many different ones, and the first as text."""

    n: int
    distinct: int
    example: str | None


def _look_at_short(connection: duckdb.DuckDBPyConnection, types: Mapping[str, str], n_rows: int) -> dict[str, _Look]:
    """Columns of one type at once, their values below one another."""
    first = f"left(CAST(arg_min(x, r) AS VARCHAR), {EXAMPLE_CHARACTERS})"
    question = Question(lambda cells: f"SELECT c, count(*), count(DISTINCT x), {first} FROM {cells} GROUP BY c")
    found = {name: _Look(0, 0, None) for name in types}
    for kind in dict.fromkeys(types.values()):
        answers = ask_each(connection, [name for name in types if types[name] == kind], question)
        found |= {name: _Look(*answer) for name, answer in answers.items()}
    return found


def _look_at_long(connection: duckdb.DuckDBPyConnection, types: Mapping[str, str], n_rows: int) -> dict[str, _Look]:
    """A few columns at once, so that their different values fit into memory."""
    found: dict[str, _Look] = {}
    names = list(types)
    for start in range(0, len(names), MAX_COLUMNS_AT_ONCE):
        found |= _look_at_some(connection, names[start : start + MAX_COLUMNS_AT_ONCE], n_rows)
    return found


def _look_at_some(connection: duckdb.DuckDBPyConnection, labels: Sequence[str], n_rows: int) -> dict[str, _Look]:
    names = [quote_identifier(name) for name in labels]
    estimated = [f"approx_count_distinct({name})" for name in names] if n_rows > EXACT_ROWS else ["0"] * len(names)
    counted = _one_row(connection, [f"count({name})" for name in names] + estimated)
    present, estimates = counted[: len(names)], counted[len(names) :]
    few = [name for name, estimate in zip(names, estimates, strict=True) if estimate <= EXACT_DISTINCT]
    exact = dict(zip(few, _one_row(connection, [f"count(DISTINCT {name})" for name in few]), strict=True))
    looks = {}
    for index, label in enumerate(labels):
        column = names[index]
        # An estimate may pass what there is.
        distinct = exact.get(column, min(estimates[index], present[index]))
        first = f"SELECT CAST({column} AS VARCHAR) FROM data WHERE {column} IS NOT NULL ORDER BY rowid LIMIT 1"
        example = connection.execute(first).fetchall()
        shown = str(example[0][0])[:EXAMPLE_CHARACTERS] if example else None
        looks[label] = _Look(present[index], distinct, shown)
    return looks


def _one_row(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> list[int]:
    return list(connection.execute(f"SELECT {', '.join(parts)} FROM data").fetchall()[0]) if parts else []
