"""Text columns of months, quarters, weeks, years or pairs: each is named, with a step that gives the right dates."""

from __future__ import annotations

import datetime
import re

import pytest

from adapters.data.duck import DuckData
from adapters.data.steps.models import Derive
from evals.world.files import Load, watch

DAY = datetime.date


@pytest.mark.parametrize(
    ("values", "what", "made"),
    [
        (["Jan-24", "Mar-23"], "months with a year, or with a day", [DAY(2024, 1, 1), DAY(2023, 3, 1)]),
        (["Sept '69", "Jun '68"], "months with a year, or with a day", [DAY(1969, 9, 1), DAY(2068, 6, 1)]),
        (["Jan 2024", "March 2023"], "months", [DAY(2024, 1, 1), DAY(2023, 3, 1)]),
        (["2024 DEC", "2023-feb"], "months", [DAY(2024, 12, 1), DAY(2023, 2, 1)]),
        (["2024-01", "2024-12"], "months", [DAY(2024, 1, 1), DAY(2024, 12, 1)]),
        (["2024M01", "2024M12"], "months", [DAY(2024, 1, 1), DAY(2024, 12, 1)]),
        (["1/2024", "12/2023"], "months", [DAY(2024, 1, 1), DAY(2023, 12, 1)]),
        (["2024Q1", "2023-q4"], "quarters", [DAY(2024, 1, 1), DAY(2023, 10, 1)]),
        (["Q2 2024", "Q3/2023"], "quarters", [DAY(2024, 4, 1), DAY(2023, 7, 1)]),
        (["1Q2024", "4Q 2023"], "quarters", [DAY(2024, 1, 1), DAY(2023, 10, 1)]),
        (["2024-S1", "H2 2023"], "half-years", [DAY(2024, 1, 1), DAY(2023, 7, 1)]),
        # The days of ISO weeks, by Python's own calendar.
        (
            ["2024-W05", "2020W53", "2021-W01-3"],
            "weeks",
            [DAY.fromisocalendar(2024, 5, 1), DAY.fromisocalendar(2020, 53, 1), DAY.fromisocalendar(2021, 1, 1)],
        ),
        (["2023/24", "1999-2000", "2010-11"], "years that end in the next one", [2023, 1999, 2010]),
        (["FY2023", "FY24"], "financial years", [2023, 24]),
        (["120/80", "140/95", "2 1/2"], "two numbers, a fraction or a pair", [120, 140, 1]),
        (["2024-01", "2024-02", "later"], "months", [DAY(2024, 1, 1), DAY(2024, 2, 1), None]),
    ],
)
def test_periods_are_named_and_the_step_takes_them(
    load: Load, data: DuckData, values: list[str], what: str, made: list[object]
) -> None:
    dataset = load("p.csv", ("w,p\n" + "".join(f'a,"{value}"\n' for value in values)).encode())
    assert dataset.columns[1].type == "text"
    (warning,) = dataset.warnings
    assert f"values look like {what}, such as {values[0]!r}" in warning
    found = re.search("the step derive takes [a-z ]+ of each: (.+)", warning)
    assert found is not None
    data.transform("p", [Derive(op="derive", column="taken", expression=found[1])], "q", watch())
    with data.open("q") as table:
        assert table.fetch("SELECT taken, p FROM data") == list(zip(made, values, strict=True))


@pytest.mark.parametrize(
    ("values", "what"),
    [
        (["Q1'24", "4Q23"], "quarters"),
        (["24-Jan", "3 Feb"], "days without a year"),
        (["5. Januar 2024", "7. März 2024"], "dates with months not in English"),
        (["5 de enero de 2024", "7 de marzo de 2024"], "dates with months not in English"),
        (["janv. 2024", "août 2023"], "dates with months not in English"),
    ],
)
def test_what_no_step_can_take_for_certain_is_named_alone(load: Load, values: list[str], what: str) -> None:
    dataset = load("p.csv", ("w,p\n" + "".join(f'a,"{value}"\n' for value in values)).encode())
    (warning,) = dataset.warnings
    assert warning.endswith(f"2 of 2 values look like {what}, such as {values[0]!r}")


def test_dates_without_anything_between_their_parts_are_dates(load: Load, data: DuckData) -> None:
    dataset = load("s.csv", b"d,e\n05JAN2024,5jan24\n29FEB2024,31DEC68\n")
    assert [column.type for column in dataset.columns] == ["date", "date"]
    with data.open("s") as table:
        assert table.fetch("SELECT d, e FROM data") == [
            (DAY(2024, 1, 5), DAY(2024, 1, 5)),
            (DAY(2024, 2, 29), DAY(2068, 12, 31)),
        ]


@pytest.mark.parametrize(
    "values",
    [
        ["18-24", "25-34", "35-44"],
        ["A1", "B2", "C3"],
        ["1.2.3", "1.2.4"],
        ["12 Elm Street", "3 May Street"],
        ["2024 Toyota", "2023 Kia"],
        ["Q1", "Q2"],
        ["May", "June"],
        ["10-2", "11-3"],
        ["S1 first", "S2 second"],
    ],
)
def test_other_texts_are_not_named(load: Load, values: list[str]) -> None:
    dataset = load("o.csv", ("w,p\n" + "".join(f'a,"{value}"\n' for value in values)).encode())
    assert not any("values look like" in warning for warning in dataset.warnings)


def test_one_period_among_words_is_not_named(load: Load) -> None:
    assert load("o.csv", b"w,p\na,2024Q1\na,x\na,y\n").warnings == ()


@pytest.mark.parametrize(
    ("column", "values", "what", "made"),
    [
        ("m", ["202401", "202402", "202312", "199907"], "months (year, month)", "2024-01-01"),
        ("m", ["2024.01", "2024.02", "2023.12", "2024.1"], "months (year.month", "2024-01-01"),
        # Excel shows 45296 as 5 January 2024, and 45296.75 as six in the evening of that day.
        ("OrderDate", ["45296", "45300"], "a spreadsheet's days", "2024-01-05"),
        ("start_time", ["45296.75", "45300.5"], "days and times", "2024-01-05 18:00:00"),
        ("ts", ["1704067200", "1704153601"], "seconds since 1970", "2024-01-01 00:00:00"),
        (
            "createdAt",
            ["1704067200500", "1704153601000"],
            "thousandths",
            "2024-01-01 00:00:00.5",
        ),
    ],
)
def test_numbers_that_stand_for_times_are_named_and_the_step_takes_them(
    load: Load, data: DuckData, column: str, values: list[str], what: str, made: str
) -> None:
    dataset = load("p.csv", (f"w,{column}\n" + "".join(f"a,{value}\n" for value in values)).encode())
    (warning,) = dataset.warnings
    assert what in warning
    expression = re.split(r"makes (?:dates|times) of them(?: \(UTC\))?, ", warning)[1]
    data.transform("p", [Derive(op="derive", column="taken", expression=expression)], "q", watch())
    with data.open("q") as table:
        assert table.fetch("SELECT CAST(taken AS VARCHAR) FROM data")[0] == (made,)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("price", ["45296", "45300"]),
        ("age", ["45296", "45300"]),
        ("phone", ["1704067200", "1704153601"]),
        ("n", ["202401", "202402"]),
        ("n", ["202401", "202402", "202413", "202411"]),
        ("ts", ["1", "1704153601"]),
        ("v", ["1950.01", "1950.02", "1950.03", "1950.5"]),
    ],
)
def test_other_numbers_are_no_times(load: Load, column: str, values: list[str]) -> None:
    assert load("p.csv", (f"w,{column}\n" + "".join(f"a,{value}\n" for value in values)).encode()).warnings == ()
