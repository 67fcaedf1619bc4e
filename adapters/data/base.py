"""The data port: how datasets come in, are opened, and are asked in SQL."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from adapters.errors import AdapterError
from adapters.records import Added, Dataset, JsonValue

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from adapters.data.holdings import Holding
    from adapters.data.steps.models import Step


class DataError(AdapterError):
    """Bad data or a bad request about data; the message says what is wrong, where, and what to try."""


class Cancelled(DataError):
    """The user stopped the work."""


@dataclass(frozen=True)
class LoadOptions:
    """What the user may say about a file's format; None means: find out."""

    delimiter: str | None = None
    header: bool | None = None
    sheet: str | None = None
    day_first: bool | None = None


@dataclass(frozen=True)
class RemoteRules:
    """How files are fetched from elsewhere: at most so many bytes, for how long, from whom, and with which keys.

    A download ends after `max_seconds` and one second more for each MB that has arrived, however it is spread.
    Without `has_keys` no key of this machine's is used: `s3://` gives what anybody may read, and `runpod://` nothing.
    `allow_loopback` lets web addresses of this machine pass. Without an `s3_endpoint` it is AWS, with the keys that
    boto3 finds; a `runpod_endpoint` comes with keys of its own.
    """

    max_bytes: int = 2 * 2**30
    max_seconds: float = 60.0
    allow_loopback: bool = False
    has_keys: bool = True
    s3_endpoint: str | None = None
    runpod_endpoint: str | None = None
    runpod_region: str | None = None
    runpod_access_key: str | None = field(default=None, repr=False)
    runpod_secret_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Watch:
    """How long work is followed and stopped: `progress(sentence, fraction or None)` and the stop event."""

    cancel: threading.Event
    progress: Callable[[str, float | None], None]


@dataclass(frozen=True)
class QueryResult:
    """The first rows of a query's result; `total` counts all of them, `truncated` says that there are more."""

    columns: tuple[str, ...]
    rows: tuple[tuple[JsonValue, ...], ...]
    total: int
    truncated: bool


@dataclass(frozen=True)
class SavedQuery:
    """A new dataset that holds all rows of a query, and the first of them."""

    dataset: Dataset
    shown: QueryResult


@dataclass(frozen=True)
class StepDone:
    """What one step of a transform did; `cells` is how many values it wrote."""

    op: str
    rows_before: int
    rows: int
    cells: int


@dataclass(frozen=True)
class Transformed:
    """A new dataset and what each step did."""

    dataset: Dataset
    changed: tuple[StepDone, ...]


PART_END, NO_VALUE = chr(0x1F), chr(0x10FFFF)
"""In a label of several columns' values: what ends one, before all letters, and what stands for a missing one, last."""


def label_parts(label: str) -> list[str | None]:
    """The values that a label of `DuckTable.label` is made of, None where one is missing."""
    return [None if part == NO_VALUE else part for part in label.split(PART_END)]


Row = tuple[Any, ...]
"""A row of a SELECT. Any: only its SQL says what each cell is (count int, DOUBLE float, VARCHAR str, NULL None)."""


class DuckTable(Protocol):
    """An open, read-only, locked dataset; in SQL it is the view `data`, already filtered by `where`."""

    @property
    def dataset(self) -> Dataset:
        """The row this table was opened from."""

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """All rows of one SELECT over `data`; column names in it are quoted by `quote_identifier`."""

    def count(self, counted: str = "*") -> int:
        """How many rows there are, or how many hold a value of this SQL (`DISTINCT …`: how many different ones)."""

    def frame(
        self, columns: Sequence[str] | None = None, most: int | None = None, as_text: Sequence[str] = ()
    ) -> pd.DataFrame:
        """The given columns (all by default) as a DataFrame, in the file's row order, missing as NaN or NaT.

        Parameters
        ----------
        most : int
            At most about so many rows, drawn by chance where there are more: the same ones each time.
        as_text : sequence of str
            Columns that come as text, as SQL writes their values: what `CAST(… AS VARCHAR)` gives.
        """

    def stream(
        self, columns: Sequence[str], most: int | None = None, labels: Mapping[str, Sequence[str]] | None = None
    ) -> Iterator[list[NDArray[np.float64]]]:
        """The columns batch by batch, in the file's row order: float64 arrays of equal length, NaN where missing.

        Only a batch is in memory at a time, so that a table may be larger than memory. `most` is as for `frame`. A
        column that has `labels` comes as the place of its value, as text, among them; NaN where it is none of them.
        """

    def batches(self, n_rows: int) -> Iterator[pa.RecordBatch]:
        """Every column in parts of at most so many rows, in the file's row order, behind the row numbers in `_row`.

        Only a part is in memory at a time. The types are those that the table is stored in.
        """

    def step(self, sentence: str) -> None:
        """Tell what is computed next without the table; ends with Cancelled where the user has stopped."""

    def label(self, columns: Sequence[str]) -> str:
        """Give `data` a column of the values of several, as text; its name. `label_parts` takes one apart."""

    def each_group(self, by: str, most: int) -> Iterator[str | None]:
        """Go through the values of a column, as text and in their own order, missing last as None.

        While the loop stands at a value, this table is only the rows that have it.

        Raises
        ------
        DataError
            If there are more than `most` values.
        """


class Data(Protocol):
    """One owner's datasets. Nobody else's can be reached through it."""

    def load(self, source: str, name: str | None, options: LoadOptions, watch: Watch) -> Dataset:
        """Load a file from a path inside the allowed roots, an address (https, s3, runpod), or an upload.

        Raises
        ------
        DataError
            With one sentence: outside the allowed roots, unreadable, malformed (naming line and column).
        Cancelled
            The user stopped it; nothing is left behind.
        """

    def receive(
        self, name: str, chunks: Iterable[bytes], watch: Watch, size_bytes: int = 0, key: str | None = None
    ) -> str:
        """Keep a file that a front end was sent, by this owner; gives the source that `load` takes.

        Parameters
        ----------
        size_bytes : int
            How much is to come, where that is known: what does not fit is refused before it comes.
        key : str
            Names the sending: what came under it before is there, and is not taken again.
        """

    def upload(self, source: str) -> Path:
        """The file that a front end was sent, by its source; DataError where there is none."""

    def all(self) -> tuple[Dataset, ...]:
        """The owner's datasets, newest first."""

    def get(self, name: str) -> Dataset:
        """The dataset of that name; DataError with the nearest names if there is none."""

    def open(
        self, name: str, where: str | None = None, watch: Watch | None = None, is_lean: bool = False
    ) -> AbstractContextManager[DuckTable]:
        """Open a dataset for reading; `where` is checked against an allow-list of SQL expressions.

        With a watch the work on the table is told of, and ends with Cancelled as soon as the user stops. A lean table
        keeps little of the file in memory: for what streams it, not for the database's own quantiles.
        """

    def open_version(self, dataset: Dataset) -> AbstractContextManager[DuckTable]:
        """Open this very dataset, whatever its name stands for now; lean, and of it all rows."""

    def query(self, sql: str, limit: int, watch: Watch) -> QueryResult:
        """The first `limit` rows of one SELECT over the owner's datasets, each a table of its name.

        Raises
        ------
        DataError
            If it is no single SELECT, names what there is not, or takes too much time or memory.
        Cancelled
            The user stopped it.
        """

    def save_query(self, sql: str, name: str, limit: int, watch: Watch) -> SavedQuery:
        """All rows of one SELECT as a new dataset, and the first `limit`; raises as `query` does, and keeps none."""

    def transform(self, name: str, steps: Sequence[Step], save_as: str, watch: Watch) -> Transformed:
        """A new dataset: the dataset of that name after the steps, in their order; the old one stays.

        Raises
        ------
        DataError
            If a step does not fit, naming it, or `save_as` is the name of the dataset itself.
        Cancelled
            The user stopped it; nothing is left behind.
        """

    def holdings(self) -> list[Holding]:
        """What the owner's data take on the disk, the largest first."""

    def used_bytes(self) -> int:
        """What they take together."""

    def check_room(self, coming_bytes: int) -> None:
        """DataError unless so many bytes more of the owner's fit, and leave enough of the disk free."""

    def remove(self, name: str) -> Holding:
        """Remove the dataset of that name or key in all its versions with its upload, or the upload; gives what it was.

        Raises
        ------
        DataError
            If the owner has none of that name.
        """

    def seen_by(self, conversation_id: str) -> Data:
        """These datasets as a conversation sees them: a name stands for what it stood for when it was first used."""

    def version(self, dataset_id: str) -> Dataset | None:
        """The dataset of that id, also where its name stands for another one now; None if it is gone."""

    def export(self, dataset: Dataset, path: Path, columns: Sequence[str] | None = None) -> None:
        """The dataset, or these columns of it, as a Parquet file in the file's row order: what leaves this program."""


class DatasetRows(Protocol):
    """The rows behind the datasets; `adapters.store` keeps them."""

    def add_dataset(self, dataset: Dataset, conversation_id: str | None = None) -> Added:
        """Let the dataset's name stand for it, for the owner and in this conversation; others keep what they saw."""

    def datasets(self, owner_id: str, conversation_id: str | None = None) -> tuple[Dataset, ...]:
        """The owner's datasets, newest first: of each name the one that the conversation saw, else the current one."""

    def see(self, dataset: Dataset, conversation_id: str) -> bool:
        """Keep that the conversation has seen it; False if it is gone, or the name stands for another one there."""

    def dataset(self, owner_id: str, dataset_id: str) -> Dataset | None:
        """The owner's dataset of that id, whatever its name stands for now."""

    def versions(self, owner_id: str) -> tuple[Dataset, ...]:
        """All the owner's datasets, also those that only some conversations see; the newest first."""

    def in_use(self, owner_id: str) -> Mapping[str, str]:
        """The datasets that the owner's open jobs are about, each with a job's id."""

    def forget(self, owner_id: str, dataset_ids: Sequence[str]) -> None:
        """Remove these rows, for every conversation."""


def quote_identifier(name: str) -> str:
    """A column or table name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_string(text: str) -> str:
    """A text as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def drawn_rows(n_rows: int, most: int) -> str:
    """The SQL condition that about `most` of more rows keep, by the hash of each row's number: each time the same."""
    return f"hash(_row) % {HASH_PARTS} < {math.ceil(HASH_PARTS * most / n_rows)}"


HASH_PARTS = 1 << 30
"""So finely is a share of the rows drawn."""
