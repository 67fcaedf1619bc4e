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
from tools.ml.against_baseline import compare_with_baseline, doubt_of, small_classes
from tools.ml.counting import Counting
from tools.ml.metadata import Scores
from tools.ml.score_intervals import area_interval


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
    assert metadata.warnings[0].startswith("rmse is no better")
    assert "by always saying the training mean: " in metadata.warnings[0]
    assert "on 40 test rows" in metadata.warnings[0]


def doubt(intervals: dict[str, tuple[float, float]]) -> str:
    scores: Scores = {"accuracy": 0.8, "balanced_accuracy": 0.7, "roc_auc": 0.9}
    baseline: Scores = {"accuracy": 0.82, "balanced_accuracy": 0.5, "roc_auc": 0.5}
    (warning,) = doubt_of("not_better", scores, baseline, intervals, "no", 60)
    return warning.words


def test_a_doubt_about_accuracy_says_which_other_scores_are_above_chance() -> None:
    """A rare class: what is always said is seldom wrong, and yet the model tells the classes apart."""
    start = "accuracy is no better than by always saying 'no': 0.8 against 0.82 on 60 test rows"
    both = {"balanced_accuracy": (0.55, 0.83), "roc_auc": (0.8, 0.97)}
    assert doubt(both) == (
        f"{start}; better beyond chance: balanced_accuracy 0.7, 95 % interval 0.55 to 0.83, against 0.5; "
        "roc_auc 0.9, 95 % interval 0.8 to 0.97, against 0.5"
    )
    one = doubt({"balanced_accuracy": (0.45, 0.83), "roc_auc": (0.8, 0.97)})
    assert one.endswith("against 0.5; not so: balanced_accuracy 0.7, 95 % interval 0.45 to 0.83, against 0.5")
    neither = doubt({"balanced_accuracy": (0.45, 0.83)})
    assert neither == f"{start}; neither: balanced_accuracy 0.7, 95 % interval 0.45 to 0.83, against 0.5"
    assert doubt({}) == start


def test_the_interval_of_an_area_is_delongs() -> None:
    """The same ranks as in test_compare_models' brute force, here of one area alone."""
    rng = np.random.default_rng(3)
    is_event = rng.random(60) < 0.4
    scores = (is_event + rng.normal(size=60)).round(1)
    wins = np.array([[(e > o) + 0.5 * (e == o) for o in scores[~is_event]] for e in scores[is_event]])
    se = np.sqrt(np.var(wins.mean(axis=1), ddof=1) / len(wins) + np.var(wins.mean(axis=0), ddof=1) / wins.shape[1])
    low, high = area_interval(is_event, scores)["roc_auc"]
    assert (low, high) == pytest.approx((wins.mean() - 1.959964 * se, wins.mean() + 1.959964 * se), abs=1e-6)
    assert area_interval(is_event, is_event.astype(float)) == {}  # nothing is that sure
    assert area_interval(is_event[:9], scores[:9]) == {}
    assert area_interval(is_event, scores, Counting(weights=np.ones(60))) == {}


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
    assert beside.startswith("accuracy is no better than by always saying 'u': 0.")
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
    job: dict[str, Any] = {"job_id": "job_1", "state": "failed", "status": "too few\nrows", "metrics": None}
    job |= {"progress": 0.25, "seconds": 3.21, "cost_usd": 0.000138}
    assert ended_card(job) == "job_1 has ended: failed, too few rows; at 25 % after 3.2 s, $0.00014"
    job |= {"state": "cancelled", "status": "cancelled"}
    assert ended_card(job) == "job_1 has ended: cancelled; at 25 % after 3.2 s, $0.00014"


def test_the_scores_of_cross_validation_are_announced() -> None:
    score = {"mean": 0.812345, "sd": 0.1, "low": 0.7, "high": 0.9, "baseline": 0.5, "folds": [0.7, 0.9]}
    folds = {"n_folds": 5, "n_rows": 300, "scores": {"accuracy": score, "roc_auc": {**score, "low": None}}}
    job = {
        "job_id": "job_1", "state": "succeeded", "status": "done", "model": "m", "metrics": {"accuracy": 0.8},
        "baseline": {"accuracy": 0.5},
        "test_rows": 60, "cross_validated": folds, "fitted": "ridge", "searched": {"n_trials": 12},
        "progress": 1.0, "seconds": 3.0, "cost_usd": 0.0,
    }  # fmt: skip
    assert ended_card(job).splitlines()[2:] == [
        "  5-fold cross-validation: accuracy 0.8123, 0.7 to 0.9 (0.5); roc_auc 0.8123 (0.5) on 300 rows "
        "(the mean of the folds, its 95 % interval, the baseline)",
        "  found among 12 settings: ridge",
    ]
