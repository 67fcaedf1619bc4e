"""SQL expressions over a DataFrame, checked and evaluated in a child process: what an exported script will compute."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from adapters.data.asking_rows import StoredRows, keep_derived, keep_rows_where
from adapters.data.base import Watch, quote_identifier
from adapters.data.child import ChildLimits
from adapters.data.connection import connect

LIMITS = ChildLimits()


def rows_where(frame: pd.DataFrame, condition: str, limits: ChildLimits = LIMITS) -> pd.DataFrame:
    """The rows for which the condition is true, in their order; DataError if it is none that may be asked."""
    with _stored(frame) as stored:
        part = stored.path.with_name("kept.duckdb")
        keep_rows_where(stored, condition, part, _unwatched(), limits)
        with connect(str(part), read_only=True) as connection:
            kept = connection.execute("SELECT _row FROM data ORDER BY _row").fetchall()
    return frame.iloc[[row for (row,) in kept]]


def with_derived(frame: pd.DataFrame, column: str, expression: str, limits: ChildLimits = LIMITS) -> pd.DataFrame:
    """The frame with a column from an expression over the row or a window; DataError if it may not be asked."""
    with _stored(frame) as stored:
        part = stored.path.with_name("derived.duckdb")
        keep_derived(stored, expression, part, _unwatched(), limits)
        with connect(str(part), read_only=True) as connection:
            found = connection.execute("SELECT found FROM data ORDER BY rowid").df()["found"]
    return frame.assign(**{column: found.to_numpy()})


def _unwatched() -> Watch:
    return Watch(threading.Event(), lambda sentence, fraction: None)


@contextmanager
def _stored(frame: pd.DataFrame) -> Iterator[StoredRows]:
    columns = [str(name) for name in frame.columns]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frame.duckdb"
        with connect(str(path), config={"python_enable_replacements": "false"}) as connection:
            connection.register("source", frame)
            connection.execute(f"CREATE TABLE data AS SELECT {', '.join(map(quote_identifier, columns))} FROM source")
        yield StoredRows(path, columns)
