"""check_quality finds what was put in, and nothing where nothing is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.data.base import LoadOptions, Watch
from runtime.session import Session
from tools import find_tool

Check = Callable[..., dict[str, Any]]


@pytest.fixture
def check(session: Session, tmp_path: Path) -> Check:
    def load_and_check(rows: list[str], **arguments: Any) -> dict[str, Any]:
        path = tmp_path / "t.csv"
        path.write_text("\n".join(rows) + "\n")
        session.data.load(str(path), "t", LoadOptions(), Watch(threading.Event(), lambda sentence, fraction: None))
        tool = find_tool("check_quality")
        context = session.context("c1", threading.Event(), lambda sentence, fraction: None)
        return tool.call(tool.parse({"dataset": "t", **arguments}), context).content

    return load_and_check


def issues(result: dict[str, Any], column: str) -> dict[str, tuple[int, list[str]]]:
    (line,) = [line for line in result["columns"] if line["column"] == column]
    return {issue["kind"]: (issue["count"], issue["examples"]) for issue in line["issues"]}


def test_each_kind_of_trouble_is_found_with_its_count(check: Check) -> None:
    rows = ["age,city,when,same,empty,mixed,code,score"]
    for n in range(40):
        city = ["Bonn", "bonn ", "Köln", "Rome"][n % 4]
        age = 999 if n in (3, 4) else -2 if n == 5 else 30 + n % 9
        when = "1900-01-01" if n in (7, 8) else f"2020-02-{n % 27 + 1:02d}"
        mixed = "apple" if n % 2 else ("pear" if n > 4 else "12")
        rows.append(f"{age},{city},{when},k,,{mixed},c{n},{500 if n == 9 else n % 7}")
    result = check(rows)
    assert result["rows"] == 40
    assert issues(result, "age")["placeholder"] == (2, ["999"])
    assert issues(result, "age")["negative"] == (1, ["-2"])
    assert issues(result, "city")["near_duplicates"] == (20, ['"Bonn" "bonn "'])
    assert issues(result, "when") == {"placeholder": (2, ["1900-01-01"])}
    assert issues(result, "same") == {"constant": (40, ["k"])}
    assert issues(result, "empty") == {"all_missing": (40, [])}
    assert issues(result, "mixed") == {"mixed_types": (3, ["12"])}
    assert issues(result, "code") == {"identifier": (40, [])}
    assert issues(result, "score") == {"outliers": (1, ["500"])}
    assert result["advice"][0] == "empty: every value is missing; leave the column out"
    assert result["duplicates"] == 0


def test_clean_data_gets_no_advice(check: Check) -> None:
    result = check(["group,x", "a,1", "b,1", "a,2", "b,2", "a,3", "b,3"])
    assert (result["advice"], result["duplicates"]) == ([], 0)


def test_duplicate_rows_and_missing_shares_are_counted(check: Check) -> None:
    result = check(["a,b", "1,x", "1,x", "1,x", "2,"])
    assert result["duplicates"] == 2
    assert result["advice"][0].startswith("2 rows repeat an earlier one")
    (_, b) = result["columns"]
    assert (b["missing"], b["missing_share"], b["distinct"]) == (1, 0.25, 1)


def test_a_missing_value_repeats_a_missing_one_and_zero_has_no_sign(check: Check) -> None:
    result = check(["a,b", "1.5,", "1.5,", "0.0,x", "-0.0,x", ",x", "2.5,x"])
    assert result["duplicates"] == 2


def test_where_and_columns_choose_what_is_checked(check: Check) -> None:
    result = check(["a,b", "1,x", "2,y", "3,z"], columns=["B"], where="a > 1")
    assert (result["rows"], [line["column"] for line in result["columns"]]) == (2, ["b"])


def test_an_empty_table_is_no_trouble(check: Check) -> None:
    result = check(["a,b"])
    assert (result["rows"], result["duplicates"]) == (0, 0)
    assert [line["missing_share"] for line in result["columns"]] == [0.0, 0.0]


def test_a_sentinel_that_is_an_ordinary_value_is_left_alone(check: Check) -> None:
    result = check(["n", *[str(90 + value % 20) for value in range(100)]])
    assert "placeholder" not in issues(result, "n")


def test_a_cells_braces_are_text(check: Check) -> None:
    result = check(["a,b", "{0},1", "{0},2", "{0},3", "{0},4"])
    assert "a: has one value only ({0}); it can explain nothing" in result["advice"]


PEOPLE = ["id,sex", *(f"{n},{'fm'[n % 2]}" for n in range(20))]


@pytest.mark.parametrize(("more", "duplicates"), [([], 0), (["3,m"], 1)])
def test_duplicates_are_of_whole_rows_whatever_is_checked(check: Check, more: list[str], duplicates: int) -> None:
    """Issue 22.17: rows are alike in sex, and none is alike in all."""
    assert check([*PEOPLE, *more], columns=["sex"])["duplicates"] == duplicates


def test_duplicates_are_of_the_key_where_one_is_named(check: Check) -> None:
    result = check(PEOPLE, columns=["id"], key=["SEX"])
    assert (result["duplicates"], result["advice"][0]) == (
        18,
        "18 rows repeat an earlier one in sex; find out whether they were counted twice",
    )


def test_of_the_same_kind_what_is_about_more_rows_comes_first(check: Check) -> None:
    rows = [
        "a,b,c,d",
        *(f"{n % 6 if n > 1 else ''},{n % 7 if n > 8 else ''},{n % 5 if n > 4 else ''},x{n}" for n in range(30)),
    ]
    advice = [line for line in check(rows)["advice"] if "missing" in line]
    assert [line.partition(" values")[0] for line in advice] == ["b: 9", "c: 5", "a: 2"]


def test_duplicates_stand_where_their_count_puts_them(check: Check) -> None:
    advice = check(["a,b,empty", "1,x,", "1,x,", *(f"{n},{n % 3},".replace(",0,", ",y,") for n in range(2, 20))])[
        "advice"
    ]
    assert advice[0] == "empty: every value is missing; leave the column out"
    assert any(line.startswith("1 row repeats an earlier one;") for line in advice[1:])


def test_what_the_advice_leaves_out_is_counted(check: Check) -> None:
    names = [f"c{n}" for n in range(15)]
    result = check([",".join(names), *[",".join(["7"] * 15)] * 2, ",".join(["7"] * 15)])
    assert len(result["advice"]) == 13
    assert result["advice"][-1] == "4 lesser findings stand with their columns"


def test_a_missing_value_is_of_no_other_kind(check: Check) -> None:
    result = check(["n,mixed", *(f"{n},{value}" for n, value in enumerate(["1", "2", "3", "4", "pear", "", ""]))])
    assert issues(result, "mixed")["mixed_types"] == (1, ["pear"])


def test_values_at_the_ends_of_float64_have_no_fences(check: Check) -> None:
    result = check(["n,x", *(f"{n},{value}" for n, value in enumerate(["-1.7e308", "1.7e308", "-1.6e308", "1.6e308"]))])
    assert issues(result, "x") == {}
