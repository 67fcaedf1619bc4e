"""Tools on tables of thousands of columns: bounded work, or one sentence before any of it."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest

from tests.tools.conftest import Call
from tools import stats
from tools.errors import ToolError
from tools.side_by_side import ask_together

ToolOn = Callable[[str, str], Call]


def wide_csv(n_columns: int) -> str:
    """Six rows of numbers, no two columns alike."""
    rows = [[f"c{place}" for place in range(n_columns)]]
    rows += [[str((row * row + place * (row % 3)) % 97 + 0.5) for place in range(n_columns)] for row in range(6)]
    return "\n".join(map(",".join, rows)) + "\n"


@pytest.mark.parametrize("method", ["pearson", "spearman", "kendall"])
def test_every_pair_of_more_columns_than_are_read_is_refused_with_their_number(tool_on: ToolOn, method: str) -> None:
    with pytest.raises(ToolError, match=r"^every pair of 201 columns would be 20,100 pairs; at most 200 columns are"):
        tool_on("correlate", wide_csv(201))(method=method)


def test_named_columns_are_counted_too(tool_on: ToolOn) -> None:
    call = tool_on("correlate", wide_csv(201))
    with pytest.raises(ToolError, match="every pair of 201 columns"):
        call(columns=[f"c{place}" for place in range(201)])


def test_categories_are_counted_too(tool_on: ToolOn) -> None:
    words = ",".join(f"c{place}" for place in range(300)) + "\n" + ",".join(["red"] * 300) + "\n"
    with pytest.raises(ToolError, match="every pair of 300 columns would be 44,850 pairs"):
        tool_on("correlate", words)(method="cramers_v")


def test_every_pair_of_200_columns_is_taken(tool_on: ToolOn) -> None:
    assert len(tool_on("correlate", wide_csv(200))()["pairs"]) == 19_900


def test_one_column_is_taken_with_hundreds_of_others(tool_on: ToolOn) -> None:
    assert len(tool_on("correlate", wide_csv(300))(target="c7")["pairs"]) == 299


def test_a_column_of_words_is_refused_with_some_of_the_columns_of_numbers(tool_on: ToolOn) -> None:
    header, *rows = wide_csv(300).split()
    csv = "\n".join([f"{header},word", *(f"{row},{word}" for row, word in zip(rows, "abcdef", strict=True))])
    with pytest.raises(ToolError, match=r"'word' holds text.*'c18', 'c19' and 280 more$"):
        tool_on("correlate", csv)(x="word", y="c0")


def test_many_columns_of_all_kinds_are_described_as_each_alone(tool_on: ToolOn) -> None:
    kinds = {"n": "1.5 1.5 2 7 2", "i": "3 3 3 4 9", "w": "red blue red blue green", "t": "true false true true false",
             "d": "2024-01-01 2024-01-02 2024-01-05 2024-01-05 2024-01-09",
             "l": "9007199254740993 9007199254740993 9007199254740995 1 2", "u": "1 2 3 4 5"}  # fmt: skip
    names = [f"{kind}{place}" for place in range(60) for kind in kinds]
    rows = [",".join(kinds[name[0]].split()[row] for name in names) for row in range(5)]
    call = tool_on("describe", "\n".join([",".join(names), *rows]) + "\n")
    together = call()["columns"]
    assert [line["column"] for line in together] == names
    for line in together[-7:]:
        assert [line] == call(columns=[line["column"]], detail=False)["columns"]
    assert {line["column"]: line.get("mode") for line in together[:7]} == {
        "n0": 1.5, "i0": 3, "w0": None, "t0": None, "d0": None, "l0": 9007199254740993, "u0": None
    }  # fmt: skip


def test_no_row_of_many_columns_is_described(tool_on: ToolOn) -> None:
    columns = tool_on("describe", wide_csv(300).replace("0.5", "x"))(where="FALSE")["columns"]
    assert [line["n"] for line in columns] == [0] * 300


@pytest.mark.parametrize(("n_rows", "n_asked"), [(20, 3), (10_000, 3), (100_000, 25), (2_000_000, 250)])
def test_columns_are_asked_together_while_their_values_are_not_too_many(n_rows: int, n_asked: int) -> None:
    asked: list[str] = []

    def ask(values: str, places: str | None) -> dict[object, str]:
        asked.append(values)
        return {None: values} if places is None else {"0": values}

    found = ask_together([f"c{place}" for place in range(250)], n_rows, "DOUBLE", ask)
    assert (len(asked), len(found)) == (n_asked, n_asked)


def test_many_columns_of_all_kinds_are_checked_as_each_alone(tool_on: ToolOn) -> None:
    kinds = {"n": "1.5 1.25 2 1.75 999 999", "age_": "3 4 5 4 -9 4", "w": "NY ny LA LA SF SF", "c": "7 7 7 7 7 7",
             "d": "1900-01-01 1900-01-01 2024-01-05 2024-01-06 2024-01-09 2024-01-10", "m": "red 1 blue red blue 2",
             "u": "ab cd ef gh ij kl", "ok": "1.5 2 2 1.5 2 1.5"}  # fmt: skip
    names = [f"{kind}{place}" for place in range(40) for kind in kinds]
    rows = [",".join(kinds[name.rstrip("0123456789")].split()[row] for name in names) for row in range(6)]
    call = tool_on("check_quality", "\n".join([",".join(names), *rows]) + "\n")
    together = call()["columns"]
    assert [line["column"] for line in together] == names
    for line in together[-8:]:
        assert [line] == call(columns=[line["column"]])["columns"]
    kinds_found = [[issue["kind"] for issue in line["issues"]] for line in together[:8]]
    assert kinds_found == [
        [], ["negative", "outliers"], ["near_duplicates"], ["constant"],
        ["placeholder"], ["mixed_types"], ["identifier"], [],
    ]  # fmt: skip


def test_columns_of_one_type_are_checked_in_one_statement() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE data AS SELECT 'red' AS a, ' red' AS b, 1.5::DOUBLE AS c, DATE '2024-01-01' AS d")
    connection.execute("INSERT INTO data VALUES ('Red', '5', 400, NULL), (NULL, 'red ', 2, DATE '1900-01-01')")
    asked: list[str] = []

    def fetch(sql: str) -> list[tuple[object, ...]]:
        asked.append(sql)
        return connection.execute(sql).fetchall()

    types = {"a": "text", "b": "text", "c": "number", "d": "date"}
    suspects = [
        stats.Suspect(name, name, kind, (1.5, 2.0) if kind == "number" else None) for name, kind in types.items()
    ]
    found = stats.find_issues(fetch, suspects, 3)
    connection.close()
    assert len(asked) == 3
    assert [[(issue.kind, issue.examples) for issue in finding.issues] for finding in found] == [
        [("near_duplicates", ('"Red" "red"',)), ("missing", ())],
        [("near_duplicates", ('" red" "red "',)), ("mixed_types", ("5",)), ("identifier", ())],
        [("outliers", ("400.0",))],
        [("missing", ())],
    ]
