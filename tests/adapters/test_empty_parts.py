"""Rows and columns that hold nothing: left out and counted; what somebody wrote stays."""

from __future__ import annotations

import pytest

from adapters.data.duck import DuckData
from evals.world.files import Load


@pytest.mark.parametrize(
    ("text", "n_rows", "warning"),
    [
        ("a,b,c\n1,x,3\n2,y,4\n,,\n,,\n", 2, "2 rows hold nothing and are left out (at the end)"),
        ("a;b;c\r\n1;x;3\r\n2;y;4\r\n; ;\r\n", 2, "1 row holds nothing and is left out (at the end)"),
        ('a,b,c\n1,x,3\n2,y,4\n"","",""\n', 2, "1 row holds nothing and is left out (at the end)"),
        ("a\tb\tc\n1\tx\t3\n\t\t\n2\ty\t4\n\t\t\n", 2, "2 rows hold nothing and are left out (the first after 1 rows)"),
    ],
)
def test_rows_of_delimiters_alone_are_left_out(
    load: Load, data: DuckData, text: str, n_rows: int, warning: str
) -> None:
    dataset = load("t.csv", text.encode())
    assert (dataset.rows, dataset.warnings) == (n_rows, (warning,))
    assert [(column.type, column.missing) for column in dataset.columns] == [
        ("integer", 0),
        ("text", 0),
        ("integer", 0),
    ]
    with data.open("t") as table:
        assert table.fetch("SELECT _row, a, b, c FROM data ORDER BY _row") == [(0, 1, "x", 3), (1, 2, "y", 4)]


@pytest.mark.parametrize(
    ("text", "n_rows"), [("a,b\n1,2\nNA,NA\n3,4\nNA,NA\n", 4), ("a\n1\n\n2\n", 3), ("a,b\n,\n", 1)]
)
def test_rows_that_somebody_wrote_stay(load: Load, text: str, n_rows: int) -> None:
    dataset = load("t.csv", text.encode())
    assert (dataset.rows, [warning for warning in dataset.warnings if "hold" in warning]) == (n_rows, [])


def test_columns_without_name_and_value_are_left_out(load: Load) -> None:
    dataset = load("t.csv", b"a,b,,\n1,x,,\n2,y,,\n")
    assert [column.name for column in dataset.columns] == ["a", "b"]
    assert dataset.warnings == ("2 columns have neither name nor values and are left out (column 3, 4 of the file)",)


def test_a_column_with_a_name_or_a_value_stays(load: Load) -> None:
    dataset = load("t.csv", b"a,b,,\n1,,,\n2,,5,\n")
    assert [(column.name, column.missing) for column in dataset.columns] == [("a", 0), ("b", 2), ("column2", 1)]
    assert dataset.warnings == (
        "column 3 has no name: it is called 'column2'",
        "1 column has neither name nor values and is left out (column 4 of the file)",
    )
