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
    n_rows = lines.count("\n")
    assert f"date-time{' is' if n_rows == 1 else 's are'} read {order}" in dataset.warnings[0]
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


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (["Apr 01, 2019", "May 31, 2019"], "date", ["2019-04-01", "2019-05-31"]),
        (["April 1 2019", "Sept. 3rd, 2020"], "date", ["2019-04-01", "2020-09-03"]),
        (["01-APR-19", "28-Feb-99"], "date", ["2019-04-01", "1999-02-28"]),
        (["1 january 2019", "2 Jun 2019"], "date", ["2019-01-01", "2019-06-02"]),
        (["Mon, 1 Apr 2019 08:05", "Tuesday 2 Apr 2019"], "datetime", ["2019-04-01 08:05:00", "2019-04-02 00:00:00"]),
        (
            ["Apr 1, 2019 3:15 PM", "Apr 1, 2019, 12:05:07 a.m."],
            "datetime",
            ["2019-04-01 15:15:00", "2019-04-01 00:05:07"],
        ),
        (["31 Feb 2019"], "text", ["31 Feb 2019"]),
        (["Apr 1, 2019", "1 Apr 2019"], "text", ["Apr 1, 2019", "1 Apr 2019"]),
        (["Marching 1, 2019"], "text", ["Marching 1, 2019"]),
        (["May 2019"], "text", ["May 2019"]),
    ],
)
def test_months_with_names(load: Load, data: DuckData, values: list[str], kind: str, expected: list[str]) -> None:
    dataset = load("t.csv", ("t;n\n" + "".join(f"{value};1\n" for value in [*values, ""])).encode())
    assert (dataset.columns[0].type, dataset.columns[0].missing) == (kind, 1)
    assert any("such as" in warning for warning in dataset.warnings) == (kind != "text")
    with data.open(dataset.name) as table:
        assert [str(row[0]) for row in table.fetch("SELECT t FROM data WHERE t IS NOT NULL")] == expected


@pytest.mark.parametrize(
    ("values", "expected", "order"),
    [
        (["31/12/19", "01/02/20"], ["2019-12-31", "2020-02-01"], "day before month, the year last"),
        (["01/02/19", "03/04/20"], ["2019-02-01", "2020-04-03"], "day before month, the year last"),
        (["12/31/19", "01/02/20"], ["2019-12-31", "2020-01-02"], "month before day, the year last"),
        (["01.02.75", "02.02.75"], ["1975-02-01", "1975-02-02"], "day before month, the year last"),
        (["19-01-02", "19-01-03", "19-02-28"], ["2019-01-02", "2019-01-03", "2019-02-28"], "year, month, day"),
        (["75-01-02"], ["1975-01-02"], "year, month, day"),
        (["31/12/19 10:00:05"], ["2019-12-31 10:00:05"], "day before month, the year last"),
    ],
)
def test_a_year_of_two_digits_comes_last_where_it_can(
    load: Load, data: DuckData, values: list[str], expected: list[str], order: str
) -> None:
    dataset = load("t.csv", ("t,n\n" + "".join(f"{value},1\n" for value in values)).encode())
    assert f"dates are read {order}, the first is {expected[0][:10]}" in dataset.warnings[0]
    with data.open(dataset.name) as table:
        assert [str(row[0]) for row in table.fetch("SELECT t FROM data")] == expected


def test_the_order_of_short_dates_can_be_told(data: DuckData, tmp_path: Path) -> None:
    path = tmp_path / "files" / "t.csv"
    path.write_bytes(b"t\n01/02/19\n03/04/20\n")
    dataset = data.load(str(path), None, LoadOptions(day_first=False), watch())
    assert str(dataset.columns[0].example) == "2019-01-02"


def test_dates_of_several_forms_stand_side_by_side(load: Load, data: DuckData) -> None:
    """What is said and done of one column's form touches no other's."""
    content = b"short;named;spread\n31/12/19;Apr 01, 2019;1/31/2024 3:15 PM\n01/02/20;May 02, 2019;2/1/2024 3:16 PM\n"
    dataset = load("t.csv", content)
    assert [column.type for column in dataset.columns] == ["date", "date", "datetime"]
    assert [warning.split(":")[0] for warning in dataset.warnings] == [
        "column 'short'",
        "column 'named'",
        "column 'spread'",
    ]
    with data.open(dataset.name) as table:
        assert table.fetch("SELECT CAST(short AS VARCHAR), CAST(named AS VARCHAR) FROM data") == [
            ("2019-12-31", "2019-04-01"),
            ("2020-02-01", "2019-05-02"),
        ]
