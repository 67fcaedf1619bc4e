"""Which text columns hold truth values: those that say true and false, and no other words."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier

TRUTH = "(?i)true|false"


def read_truth_values(connection: duckdb.DuckDBPyConnection) -> None:
    """Make booleans of the text columns of `data` of which every value is a literal true or false, in any case.

    DuckDB's reader also takes yes, no, t, f, y and n for them; those are the file's words for its two levels, and a
    result that speaks of `true` is about a value that nobody wrote.
    """
    described = connection.execute("SELECT column_name FROM (DESCRIBE data) WHERE column_type = 'VARCHAR'").fetchall()
    for (name,) in described:
        column = quote_identifier(name)
        other = f"SELECT 1 FROM data WHERE NOT regexp_full_match({column}, ?) LIMIT 1"
        if connection.execute(other, [TRUTH]).fetchall():
            continue
        if connection.execute(f"SELECT 1 FROM data WHERE {column} IS NOT NULL LIMIT 1").fetchall():
            connection.execute(f"ALTER TABLE data ALTER {column} TYPE BOOLEAN USING CAST({column} AS BOOLEAN)")
