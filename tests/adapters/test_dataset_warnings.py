"""What a dataset warns of: each has its code, across processes and in the database, also where that is older."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from adapters.data.duck import DuckData
from adapters.records import Dataset
from evals.world.files import Load, watch
from evals.world.home import DATABASE
from tests.adapters.test_excel import book
from tests.adapters.test_transform import SALES, take

FILES: dict[str, tuple[bytes, list[str]]] = {
    "two repairs": (b"a;b\n1,5;x\n\n", ["numbers_read"]),
    "marks that may be read the other way": (b"a;b\n1.234,5;1,234\n2,5;2,345\n", ["numbers_read", "numbers_read"]),
    "no other column tells": (b"w;b\nu;1,234\nv;2,345\n", ["either_mark"]),
    "day and month": (b"w,d\nu,01/02/2024\nv,03/04/2024\n", ["either_order"]),
    "day before month": (b"w,d\nu,13/02/2024\nv,03/04/2024\n", ["dates_read"]),
    "currencies": ("w;b\nu;5 €\nv;6 $\n".encode(), ["currencies_differ"]),
    "one header again": (b"a,b\n1,2\na,b\n3,4\n", ["header_again"]),
    "two headers again": (b"a,b\n1,2\na,b\n3,4\na,b\n5,6\n", ["header_again"]),
    "other encoding": (b"a,b\nBj\xf6rn,1\n", ["not_utf8"]),
    "no header": (b"1,2\n3,4\n", ["no_header"]),
    "words among numbers": (b"w,n\nu,5 kg\nv,7 kg\n", ["near_numbers"]),
}


@pytest.mark.parametrize("case", FILES)
def test_each_repair_and_doubt_of_a_file_has_its_code(load: Load, case: str) -> None:
    content, codes = FILES[case]
    dataset = load("t.csv", content)
    assert [one.code for one in dataset.warned] == codes
    assert dataset.warnings == tuple(one.words for one in dataset.warned)


def parquet(path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT [1, 2] AS c) TO {str(path)!r} (FORMAT parquet)")


@pytest.mark.parametrize(
    ("name", "write", "codes"),
    [
        ("p.parquet", parquet, ["type_kept_as_text"]),
        (
            "e.xlsx",
            lambda path: path.write_bytes(book(one=[["Sales of May"], ["a", "b", "c"], [1, 2, 3]], two=[["x"]])),
            ["sheet_chosen", "title_rows"],
        ),
    ],
)
def test_codes_come_across_from_the_process_that_reads(
    load: Load, tmp_path: Path, name: str, write: Callable[[Path], Any], codes: list[str]
) -> None:
    write(tmp_path / "made")
    assert [one.code for one in load(name, (tmp_path / "made").read_bytes()).warned] == codes


def test_codes_come_across_from_steps_and_queries(data: DuckData, load: Load) -> None:
    load("sales.csv", SALES)
    made = take(data, {"op": "drop_rows", "rows": [9]}, {"op": "cast", "columns": ["city"], "to": "number"})
    assert [one.code for one in made.dataset.warned] == ["no_such_rows", "not_converted"]
    saved = data.save_query("SELECT [1] AS c, now() AS t FROM sales", "kept", 1, watch())
    assert [one.code for one in saved.dataset.warned] == ["type_kept_as_text", "moments_in_utc"]
    assert [one.code for one in data.get("kept").warned] == ["type_kept_as_text", "moments_in_utc"]


def test_a_dataset_stored_before_codes_is_read_and_has_them_once_it_is_loaded_again(
    data: DuckData, load: Load, tmp_path: Path
) -> None:
    first = load("t.csv", FILES["day and month"][0])
    before = json.dumps(list(first.warnings))
    with contextlib.closing(sqlite3.connect(tmp_path / "home" / DATABASE)) as connection, connection:
        connection.execute("UPDATE datasets SET warnings = ?", [before])
    earlier = data.get("t")
    assert (earlier.warnings, [one.code for one in earlier.warned]) == (first.warnings, ["earlier"])
    assert with_codes(load("t.csv", FILES["day and month"][0])) == with_codes(data.get("t")) == with_codes(first)


def with_codes(dataset: Dataset) -> tuple[object, ...]:
    return (dataset.dataset_id, dataset.warned)
