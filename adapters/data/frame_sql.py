"""SQL expressions over a DataFrame, checked and behind a locked engine: what an exported script will compute."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pandas as pd

from adapters.data.base import quote_identifier
from adapters.data.expression import DERIVE, check_expression

MEMORY = "1GB"
MOST_MS = 30_000


def rows_where(frame: pd.DataFrame, condition: str) -> pd.DataFrame:
    """The rows for which the condition is true, in their order; DataError if it is none that may be asked."""
    checked = check_expression(condition, list(frame.columns))
    with _over(frame) as connection:
        kept = connection.execute(f"SELECT _row FROM rows WHERE {checked} ORDER BY _row").fetchall()
    return frame.iloc[[row for (row,) in kept]]


def with_derived(frame: pd.DataFrame, column: str, expression: str) -> pd.DataFrame:
    """The frame with a column from an expression over the row or a window; DataError if it may not be asked."""
    checked = check_expression(expression, list(frame.columns), DERIVE)
    with _over(frame) as connection:
        found = connection.execute(f"SELECT {checked} AS found FROM rows ORDER BY _row").df()["found"]
    return frame.assign(**{column: found.to_numpy()})


@contextmanager
def _over(frame: pd.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"memory_limit": MEMORY, "python_enable_replacements": "false"}) as connection:
        connection.register("source", frame.assign(_row=range(len(frame))))
        names = ", ".join(quote_identifier(str(name)) for name in [*frame.columns, "_row"])
        connection.execute(f"CREATE TEMP TABLE rows AS SELECT {names} FROM source")
        connection.execute(f"SET max_execution_time = {MOST_MS}")
        connection.execute("SET enable_external_access = false; SET lock_configuration = true")
        yield connection
