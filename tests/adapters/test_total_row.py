"""A table that ends in its totals is said to; a table that does not is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.data.duck import DuckData
from adapters.records import Dataset

Load = Callable[[str, bytes], Dataset]


def said_of(load: Load, text: str) -> list[str]:
    """The warnings about the last row."""
    return [warning for warning in load("t.csv", text.encode()).warnings if "last row" in warning]


ROWS = "city,people,cars\nA,10,3.5\nB,20,4\nC,30,1.5\nD,40,2\n"


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ("Total,100,11", "the last row is called 'Total' and the sum of the others in 'people', 'cars':"),
        ("Grand total,25,2.75", "the last row is called 'Grand total':"),
        ("Summe,100,", "the last row is called 'Summe' and the sum of the others in 'people':"),
        (",100,11", "the last row is the sum of the others in 'people', 'cars':"),
    ],
)
def test_a_row_of_totals_is_named(load: Load, last: str, sentence: str) -> None:
    (warning,) = said_of(load, f"{ROWS}{last}\n")
    assert warning.startswith(sentence)
    assert warning.endswith("leave it out where it does not count, with where: _row < 4")


@pytest.mark.parametrize(
    "text",
    [
        ROWS,
        f"{ROWS}E,100,9\n",  # one column may be so by chance
        f"{ROWS}Totally new,50,1\n",
        "a,b,c\nx,1,0\ny,0,1\nz,0,0\nw,0,0\nv,1,1\n",  # as yes and no often are
        "a,b\nTotal,3\n",
    ],
)
def test_other_last_rows_are_not(load: Load, text: str) -> None:
    assert said_of(load, text) == []


def test_totals_inside_are_named_with_a_condition_that_leaves_them_out(load: Load, data: DuckData) -> None:
    text = "reg,city,q\nN,a,1\nN,b,2\nN,Total,3\nS,c,4\nS,,5\nS,Total,9\nW,e,7\n"
    (warning,) = load("s.csv", text.encode()).warnings
    assert warning.startswith("column 'city': 2 rows are called 'Total', which other rows may add up to")
    with data.open("s", warning.split("where: ")[1]) as table:
        assert table.fetch("SELECT count(*), sum(q) FROM data") == [(5, 19)]
