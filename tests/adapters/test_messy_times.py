"""Date-times as spreadsheets write them: without seconds, with AM and PM, in either order of day and month."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.data.base import LoadOptions
from adapters.data.duck import DuckData
from evals.world.files import Load, watch


@pytest.mark.parametrize(
    ("lines", "expected", "order"),
    [
        ("1/31/2024 3:15 PM\n2/1/2024 12:05 AM\n", ["2024-01-31 15:15:00", "2024-02-01 00:05:00"], "month before day"),
        ("31.01.2024 15:15\n01.02.2024 00:05\n", ["2024-01-31 15:15:00", "2024-02-01 00:05:00"], "day before month"),
        ("2/1/2024 3:15:30 p.m.\n", ["2024-02-01 15:15:30"], "month before day; every one would fit the other way"),
        ("2/1/2024 15:15\n", ["2024-01-02 15:15:00"], "day before month; every one would fit the other way"),
    ],
)
def test_times_in_spreadsheet_form_are_times(
    load: Load, data: DuckData, lines: str, expected: list[str], order: str
) -> None:
    dataset = load("t.csv", f"t,n\n{lines.replace(chr(10), ',1' + chr(10))}".encode())
    assert dataset.columns[0].type == "datetime"
    assert f"date-times are read {order}" in dataset.warnings[0]
    with data.open(dataset.name) as table:
        assert [str(row[0]) for row in table.fetch("SELECT t FROM data")] == expected


@pytest.mark.parametrize("lines", ["31/12/2024 10:00\n12/31/2024 10:00\n", "1/2/2024 25:00\n", "31/2/2024 10:00\n"])
def test_what_fits_no_order_and_no_clock_stays_text(load: Load, lines: str) -> None:
    assert load("t.csv", f"t\n{lines}".encode()).columns[0].type == "text"


def test_the_order_of_open_times_can_be_told(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "t.csv"
    path.write_bytes(b"t\n2/1/2024 15:15\n")
    dataset = data.load(str(path), None, LoadOptions(day_first=False), watch())
    assert str(dataset.columns[0].example) == "2024-02-01 15:15:00"
