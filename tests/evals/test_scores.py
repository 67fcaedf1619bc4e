"""Each scorer passes what is right and fails what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from evals.case import Effects, Expected, ExpectedCall, ExpectedNumber
from evals.scores import (
    Done,
    Happened,
    Made,
    score_calls,
    score_effects,
    score_number,
    score_reply_number,
    score_results,
    score_script,
    score_turn,
)

LOAD = Made("load_dataset", {"source": "a.csv", "name": None}, {"rows": 3}, is_error=False)
DESCRIBE = Made(
    "describe",
    {"dataset": "a", "columns": ["x"]},
    {"columns": [{"column": "x", "group": "b", "mean": 2.5}, {"column": "x", "group": "c", "mean": None}]},
    is_error=False,
)
FAILED = Made("describe", {"dataset": "b"}, {"error": "no dataset 'b'"}, is_error=True)


@pytest.mark.parametrize(
    ("expected", "made", "passed"),
    [
        ([("load_dataset", {}), ("describe", {"columns": ["x"]})], [LOAD, DESCRIBE], True),
        ([("describe", {})], [LOAD, FAILED, DESCRIBE], True),
        ([("describe", {}), ("load_dataset", {})], [LOAD, DESCRIBE], False),
        ([("describe", {"columns": ["y"]})], [LOAD, DESCRIBE], False),
        ([("describe", {"columns": ["x", "y"]})], [DESCRIBE], False),
        ([("describe", {}), ("describe", {})], [DESCRIBE], False),
        ([("describe", {})], [FAILED], False),
        ([("correlate", {})], [], False),
    ],
)
def test_calls(expected: list[tuple[str, dict[str, Any]]], made: list[Made], passed: bool) -> None:
    wanted = [ExpectedCall(name=name, arguments=arguments) for name, arguments in expected]
    assert score_calls(wanted, made).passed is passed


def test_a_call_that_must_fail() -> None:
    assert score_calls([ExpectedCall(name="describe", error="no dataset")], [FAILED]).passed
    assert not score_calls([ExpectedCall(name="describe", error="no column")], [FAILED]).passed
    assert not score_calls([ExpectedCall(name="describe", error="no dataset")], [DESCRIBE]).passed


@pytest.mark.parametrize(
    ("at", "value", "within", "passed"),
    [
        (["columns", {"group": "b"}, "mean"], 2.5, 1e-9, True),
        (["columns", 0, "mean"], 2.5000001, 1e-6, True),
        (["columns", 0, "mean"], 2.51, 1e-6, False),
        (["columns", {"group": "c"}, "mean"], None, 1e-6, True),
        (["columns", {"group": "b"}, "mean"], None, 1e-6, False),
        (["columns", {"group": "z"}, "mean"], 2.5, 1e-6, False),
        (["columns", 7, "mean"], 2.5, 1e-6, False),
        (["rows"], 3, 1e-6, False),
    ],
)
def test_numbers_in_results(at: list[Any], value: float | None, within: float, passed: bool) -> None:
    expected = ExpectedNumber(call="describe", at=tuple(at), value=value, within=within)
    assert score_number(expected, [LOAD, DESCRIBE]).passed is passed


def test_a_number_of_a_tool_that_did_not_run() -> None:
    assert not score_number(ExpectedNumber(call="correlate", at=("r",), value=1), [LOAD]).passed


@pytest.mark.parametrize(
    ("number", "reply", "passed"),
    [
        (5076.016, "they weigh 5,076 g", True),
        (5076.016, "they weigh 5076.02 g", True),
        (5076.016, "they weigh 5077 g", False),
        (5076.016, "they weigh 5076.1 g", False),
        (-0.4719, "r = -0.47", True),
        (-0.4719, "r = −0.472", True),
        (0.4719, "r = 0.5", False),  # one digit tells too little
        (3, "there are 3", True),
        (3, "there are 13", False),
        (1.5, "v1.55 of x", False),
        (12.0, "none", False),
    ],
)
def test_numbers_in_the_reply(number: float, reply: str, passed: bool) -> None:
    assert score_reply_number(number, reply).passed is passed


HAPPENED = Happened((LOAD,), "The Mean is 3.", ("The offer has expired.",), ("47.3",), "asked", "at most $1")


@pytest.mark.parametrize(
    ("expected", "passed"),
    [
        ({"reply_words": ["the mean"]}, True),
        ({"reply_words": ["median"]}, False),
        ({"notices": ["expired"]}, True),
        ({"notices": ["overloaded"]}, False),
        ({"flagged": ["47.3"]}, True),
        ({"flagged": []}, False),
        ({"ends": "asked"}, True),
        ({"ends": "done"}, False),
        ({"card": "$1"}, True),
        ({"card": "$2"}, False),
        ({"calls": []}, True),
        ({}, True),
    ],
)
def test_the_other_things_a_turn_must_do(expected: dict[str, Any], passed: bool) -> None:
    scores = score_turn(Expected.model_validate(expected), HAPPENED)
    assert all(score.passed for score in scores) is passed
    assert len(scores) == len(expected)


@pytest.mark.parametrize(
    ("at_most", "passed"),
    [
        ({"jobs": 1, "datasets": 2, "models": 0}, True),
        ({"jobs": 0}, False),
        ({"datasets": 1}, False),
        ({"models": 0, "tools": ["launch_training"]}, False),
        ({"tools": ["predict"]}, True),
    ],
)
def test_what_must_not_happen(at_most: dict[str, Any], passed: bool) -> None:
    done = Done(jobs=1, datasets=2, models=0, tools=("load_dataset", "launch_training"))
    assert all(score.passed for score in score_effects(Effects.model_validate(at_most), done)) is passed


def test_a_script_must_be_used_up_and_not_run_out() -> None:
    assert score_script(0, []).passed
    assert not score_script(1, []).passed
    assert not score_script(0, ["request after 3 messages has no reply"]).passed


def test_results_are_the_same_to_the_last_digit() -> None:
    assert all(score.passed for score in score_results({"c": {"r": 0.1}}, {"c": {"r": 0.1}, "d": {}}))
    assert not all(score.passed for score in score_results({"c": {"r": 0.1}}, {"c": {"r": 0.1 + 1e-16}}))
    assert not all(score.passed for score in score_results({"c": {"r": 0.1}}, {}))
