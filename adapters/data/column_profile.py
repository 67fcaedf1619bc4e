"""What is in each column of a freshly loaded table."""

from __future__ import annotations

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


def profile(connection: duckdb.DuckDBPyConnection) -> tuple[int, tuple[Column, ...]]:
    """Rows and columns of the table `data`: types, missing and distinct values (exact), and a first example."""
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall()
    parts = ["count(*)"]
    for name, _ in described:
        column = quote_identifier(name)
        parts += [f"count({column})", f"count(DISTINCT {column})", f"CAST(arg_min({column}, rowid) AS VARCHAR)"]
    row = connection.execute(f"SELECT {', '.join(parts)} FROM data").fetchall()[0]
    columns = []
    for index, (name, data_type) in enumerate(described):
        present, distinct, example = row[1 + 3 * index : 4 + 3 * index]
        shown = None if example is None else str(example)[:EXAMPLE_CHARACTERS]
        columns.append(Column(name, TYPES[data_type], row[0] - present, distinct, shown))
    return row[0], tuple(columns)
