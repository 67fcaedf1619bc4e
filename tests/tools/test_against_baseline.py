"""Whether a model beats its baseline: what is said of one that does not, and on how many rows that rests."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from prompts.cards import ended_card
from runtime.confirmation import Confirmation
from runtime.session import Session
from tools import find_tool, ml
from tools.ml.against_baseline import compare_with_baseline, small_classes


def standing_of_counts(gained: int, lost: int, both: int = 20) -> str:
    """Of classes, where the model alone is right `gained` times, and the baseline alone `lost` times."""
    truth = np.array(["v"] * gained + ["u"] * (lost + both))
    model = np.array(["v"] * gained + ["v"] * lost + ["u"] * both)
    return compare_with_baseline("classification", truth, model, np.full(len(truth), "u"))


@pytest.mark.parametrize(
    ("gained", "lost", "standing"),
    [
        (10, 2, "better"),  # (66 + 12 + 1) / 2^12 = 0.019
        (9, 3, "within_chance"),  # (220 + 66 + 12 + 1) / 2^12 = 0.073
        (5, 0, "within_chance"),  # 1 / 2^5 = 0.031
        (6, 0, "better"),  # 1 / 2^6 = 0.016
        (3, 3, "not_better"),
        (0, 0, "not_better"),
        (2, 8, "not_better"),
    ],
)
def test_classes_are_compared_by_mcnemars_exact_test(gained: int, lost: int, standing: str) -> None:
    """The binomial sums of McNemar's exact test, by hand."""
    assert standing_of_counts(gained, lost) == standing


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_numbers_are_compared_by_a_paired_t_test_of_squared_errors(scale: float) -> None:
    """Gains of 1, 2, 3, 4 and 0 have t = 2 / (sd 1.5811 / sqrt 5) = 2.83, p = 0.024; with -1 for 0, t = 2.06, 0.054."""
    truth, always = np.zeros(5), np.full(5, np.sqrt(5.0))
    clear, near = (np.sqrt(5.0 - np.array([1.0, 2.0, 3.0, 4.0, last])) for last in (0.0, -1.0))
    for predicted, standing in ((clear, "better"), (near, "within_chance"), (always, "not_better")):
        assert compare_with_baseline("regression", truth, predicted * scale, always * scale) == standing


def test_one_test_row_proves_nothing() -> None:
    assert compare_with_baseline("regression", np.zeros(1), np.zeros(1), np.ones(1)) == "within_chance"


def test_a_class_of_ten_rows_is_not_small() -> None:
    assert small_classes(np.array(["a"] * 10 + ["b"] * 9 + ["c"] * 2)) == {"c": 2, "b": 9}


@pytest.mark.parametrize("model", [model.name for model in ml.MODEL_TYPES if "regression" in model.estimators])
def test_a_model_of_pure_noise_says_that_it_is_no_better(model: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(200, 3)), columns=["a", "b", "y"])
    features = tuple(ml.Feature(name=name, kind="number") for name in "ab")
    spec = ml.TrainingSpec(target="y", task="regression", features=features, model=model)
    metadata = ml.fit_job(spec, frame, "sha", tmp_path / "m", lambda sentence, fraction: None)
    assert metadata.against_baseline != "better"
    assert "always saying the training mean: rmse " in metadata.warnings[0]
    assert "on 40 test rows" in metadata.warnings[0]


def ask(session: Session, tool: str, **arguments: Any) -> Any:
    return session.call_tool(tool, json.dumps(arguments), None).content


@pytest.fixture
def trained(session: Session, tmp_path: Path) -> dict[str, Any]:
    """A classifier of three classes, one of them of four rows, which nothing tells apart: as poll_job has it."""
    rng = np.random.default_rng(6)
    table = pd.DataFrame({"x": rng.normal(size=104).round(3), "kind": ["u"] * 60 + ["v"] * 40 + ["w"] * 4})
    table.to_csv(tmp_path / "t.csv", index=False)
    ask(session, "load_dataset", source=str(tmp_path / "t.csv"))
    job = {"kind": "training", "dataset": "t", "target": "kind", "model": "logistic_regression"}
    quote_id = ask(session, "estimate_cost", job=job)["quotes"][0]["quote_id"]
    yes = Confirmation(quote_id, Decimal(0))
    launched = session.call_tool("launch_training", json.dumps({"quote_id": quote_id}), yes).content
    return dict(ask(session, "poll_job", job_id=launched["job_id"], wait_s=60))


def test_poll_job_list_models_and_the_announcement_say_it(session: Session, trained: dict[str, Any]) -> None:
    assert (trained["against_baseline"], trained["test_rows"]) == ("not_better", 21)
    beside, few, rows = trained["warnings"]
    assert beside.startswith("no better than always saying 'u': accuracy 0.")
    assert "on 21 test rows" in beside
    assert few == "classes of fewer than 10 rows can be neither learned nor judged: 'w' 4"
    (listed,) = ask(session, "list_models")["models"]
    same = ("against_baseline", "test_rows", "warnings", "metrics", "baseline")
    assert {name: listed[name] for name in same} == {name: trained[name] for name in same}
    told = ended_card(trained).splitlines()
    assert told[0] == f"{trained['job_id']} has ended: succeeded, model {trained['model']}"
    assert told[1].startswith("  accuracy 0.")
    assert "on 21 test rows (in brackets: the baseline)" in told[1]
    assert rows.startswith("21 test rows are few")
    assert told[2:] == [f"  {beside}", f"  {few}", f"  {rows}"]


def test_what_is_read_back_of_a_model_is_the_same(session: Session, trained: dict[str, Any]) -> None:
    """Three classes: each coefficient has its class, and each class its curve."""
    new = [{"cells": [{"name": "x", "value": 0.5}]}]
    for name, given in {
        "poll_job": trained,
        "list_models": ask(session, "list_models", model=trained["model"]),
        "predict": ask(session, "predict", model=trained["model"], rows=new),
    }.items():
        stored = json.loads(json.dumps(given))
        assert find_tool(name).read(stored).as_json() == stored
    codes = find_tool("poll_job").read(trained).warning_codes
    assert codes == ("not_better", "small_classes", "few_test_rows")


def test_a_job_without_a_model_is_announced_with_its_reason() -> None:
    job = {"job_id": "job_1", "state": "failed", "status": "too few\nrows", "metrics": None}
    assert ended_card(job) == "job_1 has ended: failed, too few rows"
