"""Columns of another type than in training: named in fields with how many and an example, never silently missing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from agent.events import ToolFinished
from agent.offline import OfflineModel
from evals.world.home import build_in
from evals.world.programs import Programs
from evals.world.talk import Talk
from tests.tools.conftest import told
from tools import ml
from tools.errors import ToolError
from tools.ml.metadata import SeenFeature
from tools.ml.wrong_kinds import WrongKindsError

N = 60


def table(seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    area = rng.normal(100, 20, N).round(2)
    return pd.DataFrame(
        {
            "area": area,
            "town": rng.choice(["Ash", "Elm", "Oak"], N),
            "code": rng.choice(["A1", "B2"], N),
            "is_new": rng.choice(["true", "false"], N),
            "sold": pd.date_range("2026-01-01", periods=N).strftime("%Y-%m-%d"),
            "price": (3 * area + rng.normal(0, 5, N)).round(2),
        }
    )


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    folder = tmp_path_factory.mktemp("types")
    talk = Talk(build_in(folder / "home", model=OfflineModel()))
    table().to_csv(folder / "train.csv", index=False)
    talk.say(f"load {folder / 'train.csv'}")
    talk.say("train a ridge model to predict price")
    talk.answer(yes=True)
    told(talk.session, "poll_job", {"job_id": talk.results("launch_training")[-1]["job_id"], "wait_s": 90})
    yield talk
    talk.session.program.close()


def load(talk: Talk, **columns: Any) -> dict[str, Any]:
    """A new table in which these columns are other ones; gives the types as loaded."""
    path = talk.session.settings.home.parent / "new.csv"
    table(2).drop(columns="price").assign(**columns).to_csv(path, index=False)
    found = told(talk.session, "load_dataset", {"source": str(path), "name": "new"})
    return {column["name"]: column["type"] for column in found["columns"]}


def refused(talk: Talk, **arguments: Any) -> tuple[str, list[dict[str, Any]]]:
    with pytest.raises(ToolError) as caught:
        told(talk.session, "predict", {"model": "ridge", **arguments})
    return str(caught.value), json.loads(json.dumps(caught.value.fields))["wrong_types"]


WORDS = ["12", *["many"] * 3, *["7.5"] * (N - 4)]


@pytest.mark.parametrize(
    ("column", "values", "expected", "found", "unreadable", "example"),
    [
        ("area", WORDS, "number", "text", 3, "many"),
        ("area", pd.date_range("2026-01-01", periods=N).astype(str), "number", "date", N, "2026-01-01"),
        ("is_new", [0, 1, 2] * 20, "boolean", "integer", 20, "2"),
        ("is_new", ["so", "lala"] * 30, "boolean", "text", N, "so"),
        ("sold", range(N), "date", "integer", N, "0"),
        ("sold", ["2026-01-01", "some day"] * 30, "date", "text", 30, "some day"),
    ],
)
def test_what_cannot_be_read_is_refused_with_how_many_and_an_example(
    talk: Talk, column: str, values: Any, expected: str, found: str, unreadable: int, example: str
) -> None:
    assert load(talk, **{column: values})[column] == found
    words, wrong = refused(talk, dataset="new")
    one = {"feature": column, "expected": expected, "found": found, "n": N, "unreadable": unreadable}
    assert wrong == [one | {"example": example}]
    assert repr(example) in words
    with pytest.raises(ToolError) as caught:
        told(talk.session, "estimate_cost", {"job": {"kind": "prediction", "model": "ridge", "dataset": "new"}})
    assert caught.value.fields["wrong_types"] == wrong


def test_all_of_them_are_named_at_once(talk: Talk) -> None:
    load(talk, area=WORDS, sold=["soon"] * N)
    words, wrong = refused(talk, dataset="new")
    assert [one["feature"] for one in wrong] == ["area", "sold"]
    assert ("'area'" in words, "'sold'" in words) == (True, True)


def test_decimals_with_commas_are_no_missing_values(talk: Talk) -> None:
    """A table where the loader could read them as decimals has numbers; one of mixed forms is refused by name."""
    kind = load(talk, area=["1,5", "2.25", "1.000,5", "x"] * 15)["area"]
    assert kind == "text"
    _, wrong = refused(talk, dataset="new")
    assert (wrong[0]["unreadable"], wrong[0]["example"]) == (45, "1,5")


def test_zero_and_one_are_truth_values(talk: Talk) -> None:
    load(talk, is_new=[0, 1] * 30)
    assert "wrong_types" not in told(talk.session, "predict", {"model": "ridge", "dataset": "new"})


def test_truth_values_for_numbers_are_taken_and_said(talk: Talk) -> None:
    load(talk, area=["true", "false"] * 30)
    found = told(talk.session, "predict", {"model": "ridge", "dataset": "new"})
    one = {"feature": "area", "expected": "number", "found": "boolean", "n": N, "unreadable": 0, "example": "true"}
    assert found["wrong_types"] == [one]
    assert "truths_as_numbers" in found["warning_codes"]


def test_numbers_for_words_are_said(talk: Talk) -> None:
    load(talk, code=[1, 2] * 30)
    found = told(talk.session, "predict", {"model": "ridge", "dataset": "new"})
    one = {"feature": "code", "expected": "category", "found": "integer", "n": N, "unreadable": N, "example": "1"}
    assert found["wrong_types"] == [one]
    assert "other_words" in found["warning_codes"]


def test_new_words_of_the_same_type_are_no_wrong_type(talk: Talk) -> None:
    load(talk, code=["A1", "Z9"] * 30)
    found = told(talk.session, "predict", {"model": "ridge", "dataset": "new"})
    assert "wrong_types" not in found
    assert "unseen_values" in found["warning_codes"]


def test_rows_in_words_are_refused_in_the_same_fields(talk: Talk) -> None:
    cells = [{"name": "area", "value": "large"}, {"name": "is_new", "value": 7}, {"name": "sold", "value": 3}]
    _, wrong = refused(talk, rows=[{"cells": cells}])
    assert [(one["feature"], one["found"], one["example"]) for one in wrong] == [
        ("area", "text", "large"),
        ("is_new", "number", "7.0"),
        ("sold", "number", "3.0"),
    ]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("number", ["1", "x"]), ("boolean", [0.0, 3.0]), ("date", ["2026-01-01", "x"])],
)
def test_a_part_that_slips_through_is_refused_too(kind: Any, values: list[Any]) -> None:
    doubts = ml.Doubts([SeenFeature(name="x", kind=kind, missing=0)])
    with pytest.raises(WrongKindsError) as caught:
        doubts.see(pd.DataFrame({"x": pd.Series(values)}))
    assert (caught.value.wrong[0].n, caught.value.wrong[0].unreadable) == (2, 1)


def test_a_conversation_is_told_the_fields(talk: Talk) -> None:
    load(talk, area=WORDS)
    talk.events.clear()
    talk.say(f"predict {talk.session.settings.home.parent / 'new.csv'} with the ridge")
    (ended,) = [event for event in talk.events if isinstance(event, ToolFinished) and event.name == "predict"]
    assert ended.is_error
    (one,) = json.loads(json.dumps(ended.content))["wrong_types"]
    assert (one["feature"], one["unreadable"]) == ("area", 3)


def test_the_command_line_prints_the_fields_of_a_refusal(talk: Talk, programs: Programs) -> None:
    load(talk, area=WORDS)
    command = [programs.statagent, "tool", "predict", '{"model": "ridge", "dataset": "new"}']
    environment = os.environ | {"STATAGENT_HOME": str(talk.session.settings.home)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["wrong_types"][0]["example"] == "many"
    assert "3 of its 60 values cannot be read" in ran.stderr
