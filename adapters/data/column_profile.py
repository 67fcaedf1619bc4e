"""What is in each column of a freshly loaded table."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.records import Column

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


@dataclass(frozen=True)
class Profile:
    """Rows, columns, and what is to be said about their counts."""

    rows: int
    columns: tuple[Column, ...]
    warnings: tuple[str, ...]


def profile(connection: duckdb.DuckDBPyConnection) -> Profile:
    """Rows and columns of the table `data`: types, missing and distinct values, and a first example.

    Distinct counts are exact in tables of up to a million rows, and beyond that up to about 10,000; larger ones are
    estimates (HyperLogLog, about 2 %): exact ones would take longer than reading the file.
    """
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall()
    n_rows = int(connection.execute("SELECT count(*) FROM data").fetchall()[0][0])
    columns = []
    for start in range(0, len(described), MAX_COLUMNS_AT_ONCE):
        columns += _profile_some(connection, described[start : start + MAX_COLUMNS_AT_ONCE], n_rows)
    rough = [column.name[:64] for column in columns if n_rows > EXACT_ROWS and column.distinct > EXACT_DISTINCT]
    said = f"distinct counts of {', '.join(map(repr, rough))} are estimates, good to about 2 %"
    return Profile(n_rows, tuple(columns), (said,) if rough else ())


def _profile_some(connection: duckdb.DuckDBPyConnection, described: list[tuple[str, str]], n_rows: int) -> list[Column]:
    names = [quote_identifier(name) for name, _ in described]
    estimated = [f"approx_count_distinct({name})" for name in names] if n_rows > EXACT_ROWS else ["0"] * len(names)
    counted = _one_row(connection, [f"count({name})" for name in names] + estimated)
    present, estimates = counted[: len(names)], counted[len(names) :]
    few = [name for name, estimate in zip(names, estimates, strict=True) if estimate <= EXACT_DISTINCT]
    exact = dict(zip(few, _one_row(connection, [f"count(DISTINCT {name})" for name in few]), strict=True))
    commented = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'data'"
    said = dict(connection.execute(commented).fetchall())
    columns = []
    for index, (name, data_type) in enumerate(described):
        column = names[index]
        # An estimate may pass what there is.
        distinct = exact.get(column, min(estimates[index], present[index]))
        first = f"SELECT CAST({column} AS VARCHAR) FROM data WHERE {column} IS NOT NULL ORDER BY rowid LIMIT 1"
        example = connection.execute(first).fetchall()
        shown = str(example[0][0])[:EXAMPLE_CHARACTERS] if example else None
        columns.append(Column(name, TYPES[data_type], n_rows - present[index], distinct, shown, said.get(name)))
    return columns


def _one_row(connection: duckdb.DuckDBPyConnection, parts: list[str]) -> list[int]:
    return list(connection.execute(f"SELECT {', '.join(parts)} FROM data").fetchall()[0]) if parts else []
