"""Parquet files: those that a person brings, and those that a worker reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.data.base import Watch
from adapters.data.child import ChildLimits, ask_child
from adapters.data.connection import connect
from adapters.data.unpacking import swelling_limit
from adapters.records.warned import Warned, read_warned

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

LIMITS = ChildLimits(seconds=3600.0, memory_bytes=600 * 10**6, address_bytes=2400 * 10**6, file_bytes=100 * 10**9)
"""Five thousand columns take two GB of address space, most of it never touched."""


def read_parquet(path: Path) -> pd.DataFrame:
    """The whole file as a DataFrame, in its row order; missing as NaN, NaT or None."""
    with connect() as connection:
        return connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()


def read_batches(path: Path, rows: int) -> Iterator[pa.RecordBatch]:
    """The file in parts of about so many rows, in its order, as Arrow has them."""
    with connect() as connection:
        yield from connection.read_parquet(str(path)).to_arrow_reader(rows)


def read_part(path: Path, first: int, rows: int) -> pa.RecordBatch:
    """So many rows from the number `first` on, in the file's order; row groups without any of them are passed over.

    Raises
    ------
    ValueError
        If they do not come in order, or are not as many.
    """
    query = (
        "SELECT * FROM read_parquet($path, file_row_number = true) "
        "WHERE file_row_number >= $first AND file_row_number < $end"
    )
    with connect() as connection:
        found = connection.sql(query, params={"path": str(path), "first": first, "end": first + rows})
        table = found.to_arrow_table().combine_chunks()
    if table["file_row_number"].to_pylist() != list(range(first, first + rows)):
        raise ValueError(f"the rows from {first:,} on are not there, or came out of order")
    (batch,) = table.drop_columns(["file_row_number"]).to_batches()
    return batch


def is_parquet(path: Path) -> bool:
    """True for a file that begins as Parquet does, whatever it is called."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def keep_parquet(path: Path, part: Path, watch: Watch) -> list[Warned]:
    """Read a person's Parquet file into the table `data` of the new DuckDB file `part`; gives the warnings.

    Raises
    ------
    DataError
        If it is malformed, or unpacks to far more than its size.
    Cancelled
        The user stopped it.
    """
    request = {"file": str(path), "part": str(part), "limit": swelling_limit(path)}
    answer = ask_child("parquet_worker", request, part.parent, LIMITS, watch)
    return list(map(read_warned, answer["warnings"]))
