"""Columns that are numbers but for what stands beside them: flags are taken off and counted, all others are named."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from adapters.data.duck import DuckData
from adapters.data.steps.models import Derive
from evals.world.files import Load, watch

EUROSTAT = (
    "freq,unit,geo\\TIME_PERIOD\t2019 \t2020 \t2021 \nA,PC,AT\t4.5 \t5.4 b\t6.2 \nA,PC,BE\t5.4 \t5.8 \t6.3 e\n"
    "A,PC,BG\t: \t6.1 \t5.3 bu\nA,PC,CY\t7.1 p\t7.6 \t: z\n"
)
"""As Eurostat's bulk download writes it: a blank, a flag, and ":" for a value that there is not."""


def test_the_flags_of_eurostat_are_left_out_and_counted(load: Load, data: DuckData) -> None:
    dataset = load("e.tsv", EUROSTAT.encode())
    assert [column.type for column in dataset.columns] == ["text", "number", "number", "number"]
    with data.open("e") as table:
        assert table.fetch('SELECT "2019", "2020", "2021" FROM data') == [
            (4.5, 5.4, 6.2),
            (5.4, 5.8, 6.3),
            (None, 6.1, 5.3),
            (7.1, 7.6, None),
        ]
    assert dataset.warnings[-3:] == (
        "column '2019': 1 flag beside the numbers is left out (p 1); 1 value ':' is missing now",
        "column '2020': 1 flag beside the numbers is left out (b 1)",
        "column '2021': 3 flags beside the numbers are left out (bu 1, e 1, z 1); 1 value ':' is missing now",
    )


def test_flags_in_most_cells_and_a_colon_alone_are_read_too(load: Load, data: DuckData) -> None:
    dataset = load("f.csv", b"geo,v,w\nAT,4 b,1.5\nBE,3 p,:\nBG,2 bu,2.5\nCY,:,3\n")
    assert [column.type for column in dataset.columns] == ["text", "integer", "number"]
    with data.open("f") as table:
        assert table.fetch("SELECT sum(v), sum(w) FROM data") == [(9, 7.0)]


@pytest.mark.parametrize(
    ("values", "numbers", "example"),
    [
        (["<0.5", "1.2", "0.8", "<0.5", ">100"], [0.5, 1.2, 0.8, 0.5, 100], "'<0.5'"),
        (["1,234 kg", "56 kg", "7 kg"], [1234, 56, 7], "'1,234 kg'"),
        (["5 b", "4 b", "3 b"], [5, 4, 3], "'5 b'"),
        (["1200", "1300p", "1250"], [1200, 1300, 1250], "'1300p'"),
        (["12.3*", "11.8", "14.2†"], [12.3, 11.8, 14.2], "'12.3*'"),
        (["12.3 [p]", "[c]", "10.9", "11"], [12.3, None, 10.9, 11], "'12.3 [p]'"),
        (["5-", "7-", "3"], [-5, -7, 3], "'5-'"),
        (["12 km/h", "13.5 km/h"], [12, 13.5], "'12 km/h'"),
        (["~5", "ca. 7", "8"], [5, 7, 8], "'~5'"),
        (["3 m²", "4.5 m²", "n.d."], [3, 4.5, None], "'3 m²'"),
    ],
)
def test_numbers_with_something_beside_them_are_named_with_a_way_out_that_works(
    load: Load, data: DuckData, values: list[str], numbers: list[float | None], example: str
) -> None:
    dataset = load("n.csv", ("x\n" + "\n".join(f'"{value}"' for value in values) + "\n").encode())
    assert dataset.columns[0].type == "text"
    (warning,) = dataset.warnings
    assert warning.startswith("column 'x' is kept as text: ")
    assert example in warning
    found = re.search(r"takes the number alone: (.*?)(; a limit|$)", warning)
    assert found is not None
    data.transform("n", [Derive(op="derive", column="v", expression=found[1])], "m", watch())
    with data.open("m") as table:
        assert [value for (value,) in table.fetch("SELECT v FROM data ORDER BY _row")] == numbers


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1.5", "2,75", "3.25"], "some have a decimal point ('1.5') and some a decimal comma ('2,75')"),
        (["1.234,5", "1,234.5"], "some have a decimal point ('1,234.5') and some a decimal comma ('1.234,5')"),
        (["4,6", "1,2"], "'4,6' may be a number with a decimal comma, or a list"),
        (["1.5k", "2M", "300"], "the endings differ ('M', 'k'): the numbers may not be of one unit"),
        (["1", "2", "see note", "4"], "most are numbers, but 'see note' is none"),
    ],
)
def test_numbers_of_two_kinds_are_named(load: Load, values: list[str], words: str) -> None:
    dataset = load("n.csv", ("x\n" + "\n".join(f'"{value}"' for value in values) + "\n").encode())
    assert dataset.columns[0].type == "text"
    assert words in dataset.warnings[0]


@pytest.mark.parametrize(
    "values",
    [
        ["A12", "B7", "C9"],
        ["01234a", "00501b"],
        ["12 Main St", "7 Oak Rd", "9 Elm Ave", "1 High St", "4 Low Rd", "8 Mill Ln", "3 Hill Sq"],
        ["18-25", "26-35", "36-50"],
        ["1.2.3", "1.10.4"],
        ["1", "x", "y"],
    ],
)
def test_codes_addresses_and_ranges_are_text_without_a_word(load: Load, values: list[str]) -> None:
    dataset = load("n.csv", ("x\n" + "\n".join(f'"{value}"' for value in values) + "\n").encode())
    assert (dataset.columns[0].type, dataset.warnings) == ("text", ())


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_other_formats_name_them_as_well(load: Load, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"made.{kind}"
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT unnest(['12 kg', '13 kg', '<5 kg']) AS w) TO '{path}' (FORMAT {kind})")
    dataset = load(f"n.{kind}", path.read_bytes())
    assert "column 'w' is kept as text: 3 of 3 values have something beside the number" in dataset.warnings[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("d,v\n20240101,1\n20240229,2\n", "column 'd' holds whole numbers that look like dates"),
        ("id;v\n1;1.234\n2;12.000\n", "column 'v': every value has three digits behind a point"),
    ],
)
def test_numbers_that_may_mean_something_else_are_named(load: Load, text: str, words: str) -> None:
    (warning,) = load("n.csv", text.encode()).warnings
    assert warning.startswith(words)


@pytest.mark.parametrize(
    "text",
    [
        "d,v\n20240101,1\n20240230,2\n",
        "d,v\n20240101,1.234\n99,5.678\n",
        "i;v\n1;1.234\n2;0.500\n",
        "i;v\n1;1.5\n2;2.125\n",
    ],
)
def test_other_numbers_are_not(load: Load, text: str) -> None:
    assert load("n.csv", text.encode()).warnings == ()
