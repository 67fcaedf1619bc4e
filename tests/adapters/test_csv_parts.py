"""A CSV file that is written part by part is the one that is written at once."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from adapters.csv_parts import CsvParts
from adapters.spreadsheet_csv import write_csv
from tests.adapters.test_spreadsheet_csv import FORMULAS, PLAIN


def written(path: Path, columns: dict[str, list[object]], n_rows: int = 2, is_raw: bool = False) -> CsvParts:
    """The columns, so many rows a part."""
    arrays = [pa.array(values) for values in columns.values()]
    with CsvParts(path, list(columns), is_raw=is_raw) as file:
        for start in range(0, len(arrays[0]), n_rows):
            file.write([array.slice(start, n_rows) for array in arrays])
    return file


def cells(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("is_raw", [False, True])
def test_cells_and_headers_are_marked_as_in_a_file_that_is_written_at_once(tmp_path: Path, is_raw: bool) -> None:
    words: list[object] = [*FORMULAS, *PLAIN]
    columns: dict[str, list[object]] = {
        "words": words,
        "=kind": words[::-1],
        "x": list(np.linspace(-1.5, 1e-300, len(words))),
    }
    file = written(tmp_path / "parts.csv", columns, is_raw=is_raw)
    assert file.n_formulas == write_csv(pd.DataFrame(columns), tmp_path / "whole.csv", is_raw=is_raw)
    assert file.n_formulas == 2 * len(FORMULAS) + 1
    assert cells(tmp_path / "parts.csv") == cells(tmp_path / "whole.csv")
    assert file.size_bytes == (tmp_path / "parts.csv").stat().st_size


def test_a_carriage_return_ends_no_row(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", {"a\r": ["x\r=1+1", "y"], "b": [1, 2]})
    assert (tmp_path / "a.csv").read_bytes() == b'"a\r","b"\n"x\r=1+1",1\n"y",2\n'


def test_what_is_missing_is_nothing_and_an_empty_text_is_not(tmp_path: Path) -> None:
    written(tmp_path / "a.csv", {"a": ["x", None, ""], "b": [1, None, -2], "c": [0.5, float("nan"), None]}, n_rows=1)
    assert (tmp_path / "a.csv").read_text() == 'a,b,c\nx,1,0.5\n,,\n"",-2,\n'


def test_times_and_others_stand_as_people_write_them(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {
        "day": [dt.date(2026, 1, 2)],
        "at": [np.datetime64("2026-01-02T03:04:05", "us")],
        "exact": [np.datetime64("2026-01-02T03:04:05.678", "us")],
        "zone": [dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)],
        "hour": [dt.time(3, 4)],
        "sum": [Decimal("1.50")],
        "yes": [True],
        "late": [dt.timedelta(days=-1)],
        "large": [2**62 + 1],
    }
    written(tmp_path / "a.csv", columns)
    day, at, exact, zone, hour, total, yes, late, large = cells(tmp_path / "a.csv")[1]
    assert (day, at, exact) == ("2026-01-02", "2026-01-02 03:04:05", "2026-01-02 03:04:05.678000")
    assert (zone, hour, total, yes) == ("2026-01-02 03:04:05Z", "03:04:00", "1.50", "true")
    assert (late, large) == ("'-1 day, 0:00:00", str(2**62 + 1))


def test_every_number_comes_back_to_the_last_digit(tmp_path: Path) -> None:
    values = np.random.default_rng(1).normal(size=5_000) * 10.0 ** np.random.default_rng(2).integers(-300, 300, 5_000)
    written(tmp_path / "a.csv", {"x": list(values)}, n_rows=999)
    assert [float(row[0]) for row in cells(tmp_path / "a.csv")[1:]] == list(values)


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(FileExistsError):
        CsvParts(tmp_path / "a.csv", ["a"])
