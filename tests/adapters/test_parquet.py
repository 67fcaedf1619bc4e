"""Parquet files, and those that swell."""

from __future__ import annotations

import io
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.data import parquet_worker
from adapters.data.base import DataError
from adapters.data.duck import DuckData
from evals.world.files import Load, stored_files
from evals.world.pace import is_within


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd")
    return out.getvalue()


def test_a_parquet_file_becomes_a_table(load: Load) -> None:
    dataset = load("t.dat", parquet(pa.table({"a": [1, None], "b": ["x", "y"], "c": [[1], [2]]})))
    assert [(column.name, column.type, column.missing) for column in dataset.columns] == [
        ("a", "integer", 1),
        ("b", "text", 0),
        ("c", "text", 0),
    ]
    assert "'c' of type BIGINT[] is kept as text" in dataset.warnings[0]


def test_a_parquet_file_of_milliards_of_rows_is_refused_at_once(load: Load) -> None:
    zeros = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2**22, np.int32)), pa.array(["x"]))
    out = io.BytesIO()
    with pq.ParquetWriter(out, pa.schema([("a", zeros.type)]), compression="zstd") as writer:
        for _ in range(64):
            writer.write_table(pa.table({"a": zeros}), row_group_size=2**22)
    started = time.monotonic()
    with pytest.raises(DataError, match="unpacks to more than 1"):
        load("bomb.parquet", out.getvalue())
    assert is_within(5, since=started)


def test_more_values_than_the_limit_are_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "n.parquet").write_bytes(parquet(pa.table({"a": list(range(1000)), "b": list(range(1000))})))
    request = {"file": str(tmp_path / "n.parquet"), "memory_bytes": 10**9, "scratch": str(tmp_path), "threads": 1}
    with pytest.raises(DataError, match="unpacks to more than"):
        parquet_worker.run({**request, "part": str(tmp_path / "few.duckdb"), "limit": 1999})
    assert parquet_worker.run({**request, "part": str(tmp_path / "all.duckdb"), "limit": 2000}) == {"warnings": []}


def test_a_parquet_file_of_one_long_text_many_times_is_refused(load: Load, data: DuckData) -> None:
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 1500, pa.int32()), pa.array(["y" * 1_000_000]))
    content = parquet(pa.table({"a": long}))
    assert len(content) < 1000
    started = time.monotonic()
    with pytest.raises(DataError, match=r"memory than it may take|unpacks to more than|cannot be read"):
        load("bomb.parquet", content)
    assert is_within(10, since=started)
    assert stored_files(data._folder.parents[1]) == []


def test_a_broken_parquet_file_is_one_sentence(load: Load) -> None:
    with pytest.raises(DataError, match="parquet' cannot be read"):
        load("t.parquet", parquet(pa.table({"a": [1]}))[:-20])
