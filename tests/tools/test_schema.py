"""What a column is and which one is predicted, at the boundaries of the rules; the tool on a real table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runtime.session import Session
from tests.tools.conftest import Call, told
from tools import find_tool, ml
from tools.ml.column_kinds import CONFIDENCES, tell_kind, told_by
from tools.ml.target_ranking import WEIGHTS, share_by_column
from tools.results import MadeCall

N_ROWS = 1000


def facts(name: str, kind: str, distinct: int, missing: int = 0, levels: tuple[str, ...] = ()) -> ml.ColumnFacts:
    return ml.ColumnFacts(name, kind, missing, distinct, levels)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (facts("x", "number", 3), "number"),
        (facts("x", "integer", 6), "number"),
        (facts("x", "integer", 5), "category"),
        (facts("x", "integer", 2), "category"),
        (facts("x", "integer", 5, missing=1), "number"),
        (facts("zip", "integer", 50), "category"),
        (facts("zip", "integer", 51), "number"),
        (facts("x", "integer", 1000), "number"),
        (facts("x_id", "integer", 1000), "id"),
        (facts("x_id", "integer", 999), "number"),
        (facts("x_id", "integer", 999, missing=1), "id"),
        (facts("x_id", "text", 1000), "id"),
        (facts("x", "boolean", 2), "category"),
        (facts("x", "text", 500), "category"),
        (facts("x", "text", 501), "text"),
        (facts("x", "text", 1000), "text"),
        (facts("x", "date", 2), "date"),
        (facts("x", "datetime", 1000), "date"),
        (facts("x", "time", 9), "date"),
        (facts("x", "date", 1), "constant"),
        (facts("x", "text", 0, missing=1000), "constant"),
        (facts("rating", "integer", 5), "ordinal"),
        (facts("rating", "integer", 2), "category"),
        (facts("x", "text", 3, levels=("Low", "High", " medium ")), "ordinal"),
        (facts("x", "text", 3, levels=("Low", "High", "red")), "category"),
        (facts("x", "text", 2, levels=("low", "high")), "category"),
        (facts("x", "text", 3, levels=("Fairly High", "very-high", "Average")), "ordinal"),
    ],
)
def test_each_kind_is_told_on_both_sides_of_its_boundary(column: ml.ColumnFacts, kind: str) -> None:
    assert tell_kind(column, N_ROWS)[0] == kind


@pytest.mark.parametrize("kind", ["integer", "number", "boolean", "date", "datetime", "time", "text"])
def test_every_rule_has_a_confidence(kind: str) -> None:
    names = ("x", "id", "zip")
    rules = {
        told_by(facts(name, kind, distinct), n_rows)[1]
        for name in names
        for n_rows in (2, 30, 1000, 100_000)
        for distinct in range(min(n_rows, 1001) + 1)
    }
    assert rules <= set(CONFIDENCES)


def test_the_shares_of_all_columns_are_one_together() -> None:
    columns = [facts("age", "integer", 40), facts("yield", "number", 900), facts("plot", "integer", 12)]
    shares = share_by_column(columns)
    assert sum(shares) == pytest.approx(1)
    assert max(shares) == shares[1]
    assert share_by_column(columns[:1]) == [1.0]


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (facts("t", "integer", 2), "binary"),
        (facts("t", "integer", 3), "regression"),
        (facts("t", "text", 2), "binary"),
        (facts("t", "text", 3), "multiclass"),
        (facts("t", "boolean", 2), "binary"),
    ],
)
def test_two_classes_are_told_from_several(target: ml.ColumnFacts, problem: str) -> None:
    schema = ml.detect([facts("x", "number", 900), target], N_ROWS, "t")
    assert (schema.problem, schema.task == "regression") == (problem, problem == "regression")


def test_few_numbers_make_the_task_less_sure() -> None:
    few, more = (ml.detect([facts("t", "integer", n)], N_ROWS, "t").task_confidence for n in (10, 11))
    assert few < 0.7 < more


def test_the_tool_gives_every_column_a_kind_and_a_confidence(penguins: Session) -> None:
    found = told(penguins, "detect_schema", {"dataset": "penguins"})
    assert (found["target"], found["task"], found["problem"]) == ("species", "classification", "multiclass")
    others = {one["name"]: one["kind"] for one in [*found["features"], *found["dropped"]]}
    assert others["bill_length_mm"] == "number"
    assert others["island"] == found["target_kind"] == "category"
    assert all(0 < one["confidence"] <= 1 for one in [*found["features"], *found["dropped"]])


def test_the_tool_looks_at_the_words_for_an_order(tool_on: Callable[[str, str], Call]) -> None:
    rows = "".join(f"{k}.5,{('low', 'medium', 'high')[k % 3]},{('red', 'green', 'blue')[k % 3]},a\n" for k in range(30))
    found: dict[str, Any] = tool_on("detect_schema", "y,dose_group,paint,same\n" + rows)(target="y")
    assert {one["name"]: one["kind"] for one in found["features"]} == {"dose_group": "ordinal", "paint": "category"}
    assert [(one["name"], one["kind"], one["reason"]) for one in found["dropped"]] == [("same", "constant", "constant")]


def test_a_column_of_few_numbers_is_less_likely_the_target_than_one_of_many() -> None:
    ends = facts("c", "text", 3)
    _, few, many, _ = share_by_column([ends, facts("a", "integer", 10), facts("b", "integer", 11), ends])
    assert few < many


def test_the_shares_follow_the_weights_that_are_given() -> None:
    columns = [facts("a", "number", 90), facts("b", "number", 90), facts("c", "number", 90)]
    assert share_by_column(columns, dict.fromkeys(WEIGHTS, 0.0)) == pytest.approx([1 / 3] * 3)


def words(found: dict[str, Any]) -> str:
    tool = find_tool("detect_schema")
    assert tool.told is not None
    return tool.told(MadeCall({}, tool.read(found)))


def test_where_the_target_is_not_sure_the_three_likeliest_are_asked_for(tool_on: Callable[[str, str], Call]) -> None:
    rows = "".join(f"{k % 37}.5,{k}.25,{k % 39}.5,{k % 5}\n" for k in range(40))
    found = tool_on("detect_schema", "a,b,c,d\n" + rows)()
    assert (found["confidence"] < 0.7, found["ask_which"]) == (True, True)
    three = [found["target"], *(one["target"] for one in found["candidates"])]
    question = words(found).partition("**Which one should be predicted: ")[2].partition("**")[0]
    assert [name for name in "abcd" if f"{name} (" in question] == sorted(three)


def test_where_the_person_named_the_target_nothing_is_asked(penguins: Session) -> None:
    found = told(penguins, "detect_schema", {"dataset": "penguins", "target": "body_mass_g"})
    assert not found["ask_which"]
    assert "Which one" not in words(found)
