"""One open dataset: a read-only DuckDB file behind a lock."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from adapters.data.asking_rows import StoredRows, keep_rows_where
from adapters.data.base import (
    NO_VALUE,
    PART_END,
    Cancelled,
    DataError,
    Row,
    Watch,
    drawn_rows,
    quote_identifier,
    quote_string,
)
from adapters.data.child import ChildLimits
from adapters.data.connection import connect
from adapters.data.stopping import stoppable
from adapters.data.workplace import workplace
from adapters.opening import is_plain_file
from adapters.records import Dataset

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

SMALL_VALUES = 100_000
MEMORY_LIMIT = "2GB"
LEAN_MEMORY_LIMIT = "512MB"
"""Of the engine where rows only stream past: what they are counted in comes on top."""
BATCH_ROWS = 1 << 17
FEW_COLUMNS = 200
"""So many are shown to every statement; of a wider table those that it names."""
COLUMNS_AT_HAND, VALUES_AT_HAND = 100, 1_000_000
"""Of a wide table that is short so many columns are copied at once: a statement over the stored table takes time for
all of its columns, one over the copy for those of the copy."""
NAMED = re.compile(r'(?=("(?:[^"]|"")*"))')
"""What may be a quoted name, from each quotation mark on: one that stands in a text hides no name behind it."""
DENIED = (
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "python_enable_replacements = false",
    "python_scan_all_frames = false",
    "allow_persistent_secrets = false",
    "enable_external_access = false",
    "lock_configuration = true",
)
"""What no SQL that Claude wrote may do, here or in a child process; the last takes the way back away."""


class OpenDuckTable:
    """A dataset opened by `open_table`; in SQL it is the view `data`, `_row` its row numbers."""

    def __init__(self, dataset: Dataset, connection: duckdb.DuckDBPyConnection, watch: Watch, row: str) -> None:
        self.dataset = dataset
        self._connection = connection
        self._watch = watch
        self._row = row
        self._whole = "whole"
        self._quoted = [quote_identifier(column.name) for column in dataset.columns]
        self._places = {column: place for place, column in enumerate(self._quoted)}
        self._shown: Sequence[str] = self._quoted
        self._near: Mapping[str, None] = {}
        self._n_rows: int | None = None
        self._is_grouped = False
        self._made_of: dict[str, Sequence[str]] = {}

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT over `data`."""
        with _sentences():
            self._show_only(sql)
            return self._connection.execute(sql, list(parameters)).fetchall()

    def count(self, counted: str = "*") -> int:
        """How many rows there are, or how many hold a value of this SQL."""
        ((n,),) = self.fetch(f"SELECT count({counted}) FROM data")
        return int(n)

    def frame(
        self, columns: Sequence[str] | None = None, most: int | None = None, as_text: Sequence[str] = ()
    ) -> pd.DataFrame:
        """The given columns (all by default) as a DataFrame, in the file's row order; `most` draws by chance."""
        names = [column.name for column in self.dataset.columns] if columns is None else columns
        quoted = {name: quote_identifier(name) for name in names}
        listed = ", ".join(
            f"CAST({sql} AS VARCHAR) AS {sql}" if name in as_text else sql for name, sql in quoted.items()
        )
        with _sentences():
            self._show_only(listed)
            drawn = "" if most is None else self._drawn(most)
            return self._connection.execute(f"SELECT {listed} FROM data {drawn} ORDER BY _row").df()

    def stream(
        self, columns: Sequence[str], most: int | None = None, labels: Mapping[str, Sequence[str]] | None = None
    ) -> Iterator[list[NDArray[np.float64]]]:
        """The columns batch by batch: float64 arrays, NaN where missing, or the place among the labels."""
        numbers = {name: f"CAST({quote_identifier(name)} AS DOUBLE)" for name in columns}
        for name, values in (labels or {}).items():
            listed = ", ".join(map(quote_string, values))
            place = f"list_position([{listed}]::VARCHAR[], CAST({quote_identifier(name)} AS VARCHAR))"
            numbers[name] = f"CAST({place} - 1 AS DOUBLE)"
        parts = [f"coalesce({numbers[name]}, CAST('nan' AS DOUBLE)) AS c{place}" for place, name in enumerate(columns)]
        with _sentences():
            self._show_only(", ".join(parts))
            drawn = "" if most is None else self._drawn(most)
            rows = self._connection.sql(f"SELECT {', '.join(parts)} FROM data {drawn}")
            for batch in rows.to_arrow_reader(BATCH_ROWS):
                yield [column.to_numpy() for column in batch.columns]

    def batches(self, n_rows: int) -> Iterator[pa.RecordBatch]:
        """Every column in parts of at most so many rows, in the file's row order, behind the row numbers in `_row`."""
        with _sentences():
            self._show_columns(self._quoted)
            listed = ", ".join(["_row", *self._quoted])
            yield from self._connection.sql(f"SELECT {listed} FROM data").to_arrow_reader(n_rows)

    def step(self, sentence: str) -> None:
        """Tell what comes next, unless the user has stopped."""
        if self._watch.cancel.is_set():
            raise Cancelled("stopped")
        self._watch.progress(sentence, None)

    def label(self, columns: Sequence[str]) -> str:
        """Give `data` a column of the values of several, as text; its name."""
        taken = {column.name.casefold() for column in self.dataset.columns}
        name = next(f"_by{n}" for n in range(len(taken) + 1) if f"_by{n}" not in taken)
        parts = [
            f"coalesce(CAST({quote_identifier(column)} AS VARCHAR), {quote_string(NO_VALUE)})" for column in columns
        ]
        # What stands on all columns must see them.
        self._show_columns(self._quoted)
        self._is_grouped = True
        joined = f" || {quote_string(PART_END)} || ".join(parts)
        with _sentences():
            self._connection.execute(f"CREATE TEMP VIEW labelled AS SELECT *, {joined} AS {name} FROM whole")
        self._whole, self._made_of = "labelled", {name: columns}
        self._show("")
        return name

    def each_group(self, by: str, most: int) -> Iterator[str | None]:
        """Go through the values of a column; meanwhile `data` is the rows of one of them."""
        column = quote_identifier(by)
        labels = self.fetch(
            f"SELECT CAST({column} AS VARCHAR), min({column}) FROM data GROUP BY 1 ORDER BY 2, 1 LIMIT {most + 1}"
        )
        if len(labels) > most:
            named = " and ".join(repr(name[:64]) for name in self._made_of.get(by, [by]))
            have = "have more than {} combinations" if by in self._made_of else "has more than {} values"
            raise DataError(f"{named} {have.format(most)}; filter or bin first")
        is_grouped, self._is_grouped = self._is_grouped, True
        self._show_columns(self._quoted)
        for label, _ in labels:
            value = "NULL" if label is None else quote_string(str(label))
            self._show(f"WHERE CAST({column} AS VARCHAR) IS NOT DISTINCT FROM {value}")
            yield None if label is None else str(label)
        # Not where the work on a group fails: the table is closed by then.
        self._show("")
        self._is_grouped = is_grouped

    def _show_only(self, sql: str) -> None:
        """Of a wide table show the columns that the SQL names: each statement takes time for all that are shown."""
        if len(self._quoted) <= FEW_COLUMNS or self._is_grouped:
            return
        self._show_columns(sorted(self._places.keys() & set(NAMED.findall(sql)), key=self._places.__getitem__))

    def _show_columns(self, columns: Sequence[str]) -> None:
        if columns == self._shown:
            return
        row, place = ("_row", "near") if self._come_near(columns) else (self._row, "stored.data")
        listed = ", ".join([row, *columns])
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW whole AS SELECT {listed} FROM {place}")
        self._connection.execute("CREATE OR REPLACE TEMP VIEW data AS SELECT * FROM whole")
        self._shown = columns

    def _come_near(self, columns: Sequence[str]) -> bool:
        """Copy the columns, with those behind the first of them, unless they are copied; False where that is much."""
        if self._near.keys() >= set(columns):
            return bool(self._near)
        if self._n_rows is None:
            self._n_rows = int(self._connection.execute("SELECT count(*) FROM stored.data").fetchall()[0][0])
        start = self._places[columns[0]]
        near = dict.fromkeys([*columns, *self._quoted[start : start + COLUMNS_AT_HAND]])
        if len(columns) > COLUMNS_AT_HAND or len(near) * self._n_rows > VALUES_AT_HAND:
            return False
        listed = ", ".join([self._row, *near])
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE near AS SELECT {listed} FROM stored.data")
        self._near = near
        return True

    def _show(self, condition: str) -> None:
        with _sentences():
            self._connection.execute(f"CREATE OR REPLACE TEMP VIEW data AS SELECT * FROM {self._whole} {condition}")

    def _drawn(self, most: int) -> str:
        """The condition that draws about `most` rows, by the hash of each row's number."""
        found = self._connection.execute("SELECT count(*) FROM data").fetchall()[0][0]
        return "" if found <= most else f"WHERE {drawn_rows(found, most)}"


@contextmanager
def open_table(
    dataset: Dataset,
    where: str | None,
    watch: Watch | None = None,
    is_lean: bool = False,
    limits: ChildLimits = ChildLimits(),  # noqa: B008 - frozen
) -> Iterator[OpenDuckTable]:
    """Open the dataset's file for reading only; the rows of a `where` are copied first, by a child process.

    What does not fit into the engine's memory is spilled beside the dataset, and removed at the end.

    Raises
    ------
    DataError
        If `where` is refused, does not fit the columns' types or takes too long, or if the file is gone.
    """
    if not is_plain_file(dataset.path):
        raise DataError(f"the stored table of {dataset.name!r} is gone; load {dataset.source!r} again")
    followed = watch or Watch(threading.Event(), lambda sentence, fraction: None)

    def tell(fraction: float, seconds: float) -> None:
        if 0 < fraction < 1:
            followed.progress(f"reading {dataset.name}", fraction)

    with workplace(dataset.path.parent) as place:
        kept = dataset.path if where is None else place / "kept.duckdb"
        if where is not None:
            stored = StoredRows(dataset.path, [column.name for column in dataset.columns])
            keep_rows_where(stored, where, kept, followed, limits)
        # Threads that wait for each other take longer than a small table does.
        is_small = dataset.rows * len(dataset.columns) <= SMALL_VALUES
        with (
            connect(config={"threads": "1"} if is_small else {}) as connection,
            stoppable(connection, followed, "stopped", tell),
        ):
            attach(connection, kept)
            connection.execute(f"SET temp_directory = {quote_string(str(place / 'spill'))}")
            lock(connection, LEAN_MEMORY_LIMIT if is_lean else MEMORY_LIMIT)
            # What an expression kept has its row numbers with it.
            row, others = ("rowid AS _row", ", *") if where is None else ("_row", ", * EXCLUDE (_row)")
            connection.execute(f"CREATE TEMP VIEW whole AS SELECT {row}{others} FROM stored.data")
            connection.execute("CREATE TEMP VIEW data AS SELECT * FROM whole")
            yield OpenDuckTable(dataset, connection, followed, row)


def attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Make the dataset's table reachable as `stored.data`, for reading only."""
    connection.execute(f"ATTACH {quote_string(str(path))} AS stored (READ_ONLY)")


def lock(connection: duckdb.DuckDBPyConnection, memory: str) -> None:
    """No file, no network, no extension, no Python variable from here on, and no way back."""
    for setting in (f"memory_limit = '{memory}'", *DENIED):
        connection.execute(f"SET {setting}")


@contextmanager
def _sentences() -> Iterator[None]:
    """DuckDB's words about a value or a type, as one sentence."""
    try:
        yield
    except (duckdb.DataError, duckdb.ProgrammingError, duckdb.OutOfMemoryException) as error:
        raise DataError(str(error).partition("\n")[0]) from error
