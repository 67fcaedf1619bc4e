"""The rows that are to be predicted, in parts: as they are written, and as the model takes them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from adapters.arrow_frames import as_pandas
from tools.errors import ToolError

if TYPE_CHECKING:
    from adapters.data.base import DuckTable

PART_ROWS = 50_000
"""A part of 1,000 rows costs 5 to 12 times as much a row, for the steps before the model take their time."""
FIRST_ROWS, FEWEST_ROWS = 1_000, 200
PACE_S = 0.25
"""So long may a part take, for between two parts the person can stop."""


@dataclass(frozen=True)
class Rows:
    """Consecutive rows: an Arrow array for each column of the table, in its order."""

    names: tuple[str, ...]
    columns: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.columns[0]) if self.columns else 0

    def slice(self, start: int, n: int) -> Rows:
        """`n` rows from `start` on, or as many as there are."""
        return Rows(self.names, tuple(column.slice(start, n) for column in self.columns))

    def frame(self, features: Sequence[str]) -> pd.DataFrame:
        """These columns as pandas has them where a table is read whole."""
        by_name = dict(zip(self.names, self.columns, strict=True))
        return pd.DataFrame({name: as_pandas(by_name[name]) for name in features})


def rows_of_table(table: DuckTable) -> Iterator[Rows]:
    """All rows of an open table, in the file's order.

    Raises
    ------
    ToolError
        If rows come out of order or are missing: a prediction would stand beside another row than its own.
    """
    n_seen = 0
    for batch in table.batches(PART_ROWS):
        numbers = batch.column(0).to_numpy()
        if not np.array_equal(numbers, np.arange(n_seen, n_seen + len(numbers))):
            raise ToolError(f"the rows of {table.dataset.name!r} did not come in order after row {n_seen:,}; try again")
        n_seen += len(numbers)
        yield Rows(tuple(batch.schema.names[1:]), tuple(batch.columns[1:]))
    if n_seen != table.dataset.rows:
        raise ToolError(f"{table.dataset.name!r} gave {n_seen:,} of its {table.dataset.rows:,} rows; load it again")


def rows_of_frame(frame: pd.DataFrame) -> Rows:
    """The rows of a table in memory."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    return Rows(tuple(table.column_names), tuple(column.combine_chunks() for column in table.columns))


def paced(parts: Iterator[Rows]) -> Iterator[Rows]:
    """The rows in parts of which each takes the loop about a quarter of a second at most."""
    most = FIRST_ROWS
    for part in parts:
        start = 0
        while start < len(part):
            began = time.monotonic()
            piece = part.slice(start, most)
            yield piece
            start += len(piece)
            seconds = max(time.monotonic() - began, 1e-6)
            if len(piece) == most:
                most = int(min(max(most * min(PACE_S / seconds, 4.0), FEWEST_ROWS), PART_ROWS))
