"""explain_model: each look beside scikit-learn's own numbers or what is known by hand, and what is refused."""

from __future__ import annotations

import json
import threading
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.calibration import calibration_curve
from sklearn.inspection import partial_dependence
from sklearn.metrics import brier_score_loss, f1_score
from sklearn.model_selection import KFold, learning_curve

from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in
from evals.world.talk import Talk
from runtime.session import Session
from tests.tools.conftest import told
from tools import find_tool, ml
from tools.errors import ToolError
from tools.held_out import Held, Tables
from tools.ml.contributions import take_apart
from tools.ml.learning import learn
from tools.ml.threshold import Costs, measure
from tools.results import MadeCall

NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
JOBS: dict[str, dict[str, Any]] = {
    "linear_regression": {"target": "body_mass_g", "features": [*NUMBERS, "species"]},
    "random_forest": {
        "target": "body_mass_g",
        "features": [*NUMBERS, "island"],
        "params": [{"name": "n_estimators", "value": 20}],
    },
    "logistic_regression": {
        "target": "sex",
        "features": [*NUMBERS, "species"],
        "params": [{"name": "C", "value": 1.0}],
    },
    "naive_bayes": {"target": "species", "features": NUMBERS},
    "svm": {"target": "sex", "features": NUMBERS},
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Any:
    talk = Talk(build_in(tmp_path_factory.mktemp("explained") / "home", model=OfflineModel()))
    talk.say(f"load {PENGUINS}")
    for model, job in JOBS.items():
        params = {one["name"]: one["value"] for one in job.get("params", ())}
        trees = f" with {params['n_estimators']} trees" if "n_estimators" in params else ""
        words = model.replace("_", " ")
        talk.say(f"train a {words} model to predict {job['target']} from {', '.join(job['features'])}{trees}")
        talk.answer(yes=True)
        told(talk.session, "poll_job", {"job_id": talk.results("launch_training")[-1]["job_id"], "wait_s": 90})
    yield talk.session
    talk.session.program.close()


def held_of(session: Session, model: str) -> Held:
    context = session.context("held", threading.Event(), lambda sentence, fraction: None)
    return Tables(context).held_out(context.models.get(model))


def ask(session: Session, kind: str, model: str, **more: Any) -> dict[str, Any]:
    return told(session, "explain_model", {"kind": kind, "model": model, **more})


def test_partial_dependence_is_scikit_learns(session: Session) -> None:
    held = held_of(session, "random_forest")
    found = ask(session, "partial_dependence", "random_forest", feature="bill_depth_mm")
    X = held.split.test[[*held.metadata.spec.kinds]]
    grid = np.array([one["value"] for one in found["points"]])
    low, high = X["bill_depth_mm"].quantile([0.05, 0.95])
    assert grid == pytest.approx(np.linspace(low, high, 20))
    by_hand = [float(held.pipeline.predict(X.assign(bill_depth_mm=value)).mean()) for value in grid]
    assert [one["mean"] for one in found["points"]] == pytest.approx(by_hand, rel=1e-9)
    theirs = partial_dependence(held.pipeline, X, ["bill_depth_mm"], method="brute", grid_resolution=20)
    assert grid[0] <= theirs["grid_values"][0][0] + 0.5
    words = ask(session, "partial_dependence", "random_forest", feature="island")
    by_hand = [float(held.pipeline.predict(X.assign(island=one["value"])).mean()) for one in words["points"]]
    assert [one["mean"] for one in words["points"]] == pytest.approx(by_hand, rel=1e-9)


def test_partial_dependence_of_a_class_is_of_its_probability(session: Session) -> None:
    held = held_of(session, "logistic_regression")
    X = held.split.test[[*held.metadata.spec.kinds]]
    for event, place in (("female", 0), ("male", 1)):
        found = ask(session, "partial_dependence", "logistic_regression", feature="bill_depth_mm", event=event)
        by_hand = [
            held.pipeline.predict_proba(X.assign(bill_depth_mm=one["value"]))[:, place].mean()
            for one in found["points"]
        ]
        assert [one["mean"] for one in found["points"]] == pytest.approx(by_hand, abs=1e-12)


def test_a_linear_models_contributions_are_its_coefficients(session: Session) -> None:
    """In the target's unit: coefficient times the value less the mean of the training rows."""
    held = held_of(session, "linear_regression")
    found = ask(session, "prediction", "linear_regression", row=7)
    (listed,) = told(session, "list_models", {"model": "linear_regression"})["models"]
    slopes = {one["term"]: one["estimate"] for one in listed["coefficients"]}
    adds = {one["feature"]: one["adds"] for one in found["contributions"]}
    train = held.split.train[NUMBERS].fillna(held.split.train[NUMBERS].median())
    for name in NUMBERS:
        assert adds[name] == pytest.approx(
            slopes[name] * (float(held.table[name].to_numpy()[7]) - train[name].mean()), rel=1e-6
        )
    assert found["method"].startswith("exact")
    said = float(held.pipeline.predict(held.table.loc[[7]])[0])
    assert found["said"] == pytest.approx(said)
    assert found["average"] + sum(adds.values()) == pytest.approx(said, rel=1e-9)


def test_two_classes_are_explained_in_log_odds(session: Session) -> None:
    held = held_of(session, "logistic_regression")
    found = ask(session, "prediction", "logistic_regression", row=20, event="male")
    said = float(held.pipeline.decision_function(held.table.loc[[20]])[0])
    assert (found["scale"], found["event"]) == ("log_odds", "male")
    assert found["said"] == pytest.approx(said)
    assert found["average"] + sum(one["adds"] for one in found["contributions"]) == pytest.approx(said)
    other = ask(session, "prediction", "logistic_regression", row=20, event="female")
    assert other["said"] == pytest.approx(-said)


def test_sampling_agrees_with_every_order_of_features_counted_one_by_one(session: Session) -> None:
    """Shapley values by all 24 orders of four features over all background rows, beside the sampled ones."""
    held = held_of(session, "random_forest")
    names = [*held.metadata.spec.kinds]
    background = held.split.train[names].dropna().head(12)
    row = held.split.test[names].dropna().head(1)
    found = take_apart(held.pipeline, row, background, 0, 1)

    def value(own: tuple[str, ...]) -> float:
        rows = background.assign(**{name: row[name].iloc[0] for name in own})
        return float(held.pipeline.predict(rows).mean())

    for name in names:
        others = [other for other in names if other != name]
        exact = sum(
            factorial(k) * factorial(3 - k) / 24 * (value((*own, name)) - value(own))
            for k in range(4)
            for own in combinations(others, k)
        )
        assert abs(found.added[name] - exact) < 4.5 * found.se[name] + 1e-9
    assert found.average + sum(found.added.values()) == pytest.approx(found.said, rel=1e-9)


def test_calibration_is_scikit_learns(session: Session) -> None:
    held = held_of(session, "naive_bayes")
    found = ask(session, "calibration", "naive_bayes", event="Adelie")
    place = [str(name) for name in held.pipeline.classes_].index("Adelie")
    probability, truth = held.pipeline.predict_proba(held.split.test)[:, place], held.split.y_test == "Adelie"
    assert found["brier"] == pytest.approx(brier_score_loss(truth, probability))
    assert sum(one["n"] for one in found["bins"]) == len(truth)
    order = np.argsort(probability, kind="stable")
    for one, part in zip(found["bins"], np.array_split(order, 10), strict=True):
        assert (one["said"], one["share"]) == pytest.approx((probability[part].mean(), truth[part].mean()))
        assert one["ci_low"] <= one["share"] <= one["ci_high"]
    shares, _ = calibration_curve(truth, probability, n_bins=1)
    assert shares[0] == pytest.approx(sum(one["n"] * one["share"] for one in found["bins"]) / len(truth))


def test_a_threshold_is_the_best_of_all_and_no_test_row_had_a_part_in_it(session: Session) -> None:
    is_event, scores = np.array([1, 0, 1, 1, 0, 0, 1], dtype=bool), np.array([0.9, 0.8, 0.8, 0.4, 0.35, 0.2, 0.1])
    for aim in ("youden", "f1", "cost"):
        thresholds, values = measure(is_event, scores, np.ones(7), aim, Costs(1.0, 3.0))
        for at, value in zip(thresholds, values, strict=True):
            flagged = scores >= at
            found, false, missed = (flagged & is_event).sum(), (flagged & ~is_event).sum(), (~flagged & is_event).sum()
            by_hand = {
                "youden": found / 4 - false / 3,
                "f1": f1_score(is_event, flagged, zero_division=0),
                "cost": (false + 3 * missed) / 7,
            }
            assert value == pytest.approx(by_hand[aim])
    held = held_of(session, "logistic_regression")
    found = ask(session, "threshold", "logistic_regression", event="male", aim="cost", missed_cost=5)
    low, half = found["on_test_rows"]
    assert found["n"] == len(held.split.train)
    assert (found["threshold"] < 0.5, half["threshold"]) == (True, 0.5)
    assert found["reached"] <= found["reached_at_half"]
    flagged = held.pipeline.predict_proba(held.split.test)[:, 1] >= found["threshold"]
    assert low["true_positives"] == int((flagged & (held.split.y_test == "male")).sum())
    dear = ask(session, "threshold", "logistic_regression", event="male", aim="cost", false_alarm_cost=5)
    assert dear["threshold"] > found["threshold"]


def test_residuals_say_when_errors_grow(session: Session) -> None:
    held = held_of(session, "linear_regression")
    found = ask(session, "residuals", "linear_regression")
    off = held.split.y_test - held.pipeline.predict(held.split.test)
    assert (found["mean_residual"], found["sd_residual"]) == pytest.approx((off.mean(), off.std(ddof=1)))
    assert ("uneven_errors" in found.get("warning_codes", [])) is (abs(found["rank_correlation"]) >= 0.3)


@pytest.mark.parametrize(
    ("kind", "model", "more", "why"),
    [
        ("partial_dependence", "linear_regression", {}, "feature: name one of"),
        ("partial_dependence", "linear_regression", {"feature": "year"}, "has no 'year'"),
        ("partial_dependence", "naive_bayes", {"feature": "bill_depth_mm"}, "event: name the class"),
        ("residuals", "naive_bayes", {}, "residuals: "),
        ("residuals", "linear_regression", {"row": 3}, "residuals takes no row"),
        ("calibration", "linear_regression", {}, "predicts numbers"),
        ("calibration", "svm", {}, "gives no probabilities"),
        ("prediction", "linear_regression", {}, "prediction: give one of: row, cells"),
        ("prediction", "linear_regression", {"row": 9_999}, "has rows 0 to 343"),
        ("prediction", "linear_regression", {"cells": [{"name": "species", "value": "Adelie"}]}, "are needed; null"),
        ("threshold", "naive_bayes", {"event": "Adelie"}, "tells 3 classes apart, not two"),
        ("threshold", "logistic_regression", {"missed_cost": 2.0}, "go with aim cost"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_word(
    session: Session, kind: str, model: str, more: dict[str, Any], why: str
) -> None:
    with pytest.raises(ToolError) as refused:
        ask(session, kind, model, **more)
    assert why in str(refused.value)


def test_a_row_in_words_is_explained(session: Session) -> None:
    cells = [{"name": name, "value": value} for name, value in zip(NUMBERS, (45.0, 15.0, None), strict=True)]
    found = ask(session, "prediction", "linear_regression", cells=[*cells, {"name": "species", "value": "Gentoo"}])
    assert {one["feature"]: one["value"] for one in found["contributions"]}["flipper_length_mm"] is None
    assert found["average"] + sum(one["adds"] for one in found["contributions"]) == pytest.approx(found["said"])


def test_every_picture_is_a_png_and_every_look_has_its_words(session: Session) -> None:
    looks: list[dict[str, Any]] = [
        {"kind": "partial_dependence", "model": "random_forest", "feature": "bill_depth_mm"},
        {"kind": "partial_dependence", "model": "random_forest", "feature": "island"},
        {"kind": "residuals", "model": "random_forest"},
        {"kind": "calibration", "model": "logistic_regression"},
        {"kind": "prediction", "model": "random_forest", "row": 3},
        {"kind": "threshold", "model": "logistic_regression"},
        {"kind": "learning_curve", "model": "logistic_regression"},
    ]
    for look in looks:
        output = session.call_tool("explain_model", json.dumps(look), None)
        one = find_tool("explain_model")
        assert one.told is not None
        assert one.told(MadeCall(look, one.read(dict(output.content))))
        for artifact in output.artifacts:
            assert artifact.path.read_bytes().startswith(b"\x89PNG")
        assert len(output.artifacts) == 1


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("partial dependence of bill_depth_mm", "partial_dependence"),
        ("how does the prediction depend on bill_depth_mm", "partial_dependence"),
        ("show the residuals of my model", "residuals"),
        ("explain the prediction for row 3", "prediction"),
        ("would more rows help my model", "learning_curve"),
    ],
)
def test_a_sentence_asks_for_a_look(sentence: str, kind: str, tmp_path: Path) -> None:
    talk = Talk(build_in(tmp_path / "home", model=OfflineModel()))
    talk.say(f"load {PENGUINS}")
    talk.say("train a linear regression to predict body_mass_g from bill_depth_mm and bill_length_mm")
    talk.answer(yes=True)
    told(talk.session, "poll_job", {"job_id": talk.results("launch_training")[-1]["job_id"], "wait_s": 90})
    talk.say(sentence)
    (found,) = talk.results("explain_model")
    talk.session.program.close()
    assert found["kind"] == kind


def test_a_learning_curve_is_scikit_learns(session: Session) -> None:
    held, found = held_of(session, "linear_regression"), ask(session, "learning_curve", "linear_regression")
    spec, X, y = held.metadata.spec, held.split.train, held.split.y_train
    sizes = [one["n"] for one in found["learning"]]
    _, known, later = learning_curve(
        clone(held.pipeline),
        X,
        y,
        train_sizes=sizes,
        cv=KFold(5, shuffle=True, random_state=spec.seed),
        shuffle=True,
        random_state=spec.seed,
        scoring="r2",
    )
    assert [one["score"] for one in found["learning"]] == pytest.approx(later.mean(axis=1), abs=1e-9)
    assert [one["sd"] for one in found["learning"]] == pytest.approx(later.std(axis=1, ddof=1), abs=1e-9)
    assert [one["trained"] for one in found["learning"]] == pytest.approx(known.mean(axis=1), abs=1e-9)
    steps = later[-1] - later[-2]
    # Nadeau and Bengio: a test part is a quarter of its training part.
    reach = stats.t.ppf(0.975, 4) * steps.std(ddof=1) * np.sqrt(1 / 5 + 1 / 4)
    assert (found["gain_low"], found["gain_high"]) == pytest.approx((steps.mean() - reach, steps.mean() + reach))
    assert sizes[-1] == len(X) * 4 // 5


def test_a_model_that_lacks_rows_is_said_to(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(120, 15))
    frame = pd.DataFrame(X, columns=[f"x{n}" for n in range(15)]).assign(y=X.sum(axis=1) + rng.normal(size=120))
    features = tuple(ml.Feature(name=f"x{n}", kind="number") for n in range(15))
    spec = ml.TrainingSpec(target="y", task="regression", features=features, model="linear_regression")
    found = learn(spec, frame, frame["y"].to_numpy())
    assert found.sizes == (19, 38, 67, 96)
    assert (found.later[1:].mean(axis=1) > found.later[:-1].mean(axis=1)).all()
    assert found.known[0].mean() > found.known[-1].mean()
    with pytest.raises(ValueError, match="12 training rows are too few for a learning curve"):
        learn(spec, frame[:12], frame["y"].to_numpy()[:12])
    one = np.repeat(["a", "b"], [15, 105])
    classes = spec.model_copy(update={"task": "classification", "model": "naive_bayes"})
    assert learn(classes, frame, one).measure == "accuracy"


def test_the_latest_rows_are_learnt_from_where_time_counts(tmp_path: Path) -> None:
    rows = np.arange(200.0)
    frame = pd.DataFrame({"x": rows % 7, "day": rows, "y": np.where(rows < 100, 5 - rows % 7, rows % 7)})
    spec = ml.TrainingSpec(
        target="y",
        task="regression",
        features=(ml.Feature(name="x", kind="number"),),
        model="linear_regression",
        time="day",
    )
    found = learn(spec, frame, frame["y"].to_numpy())
    # The last window begins in the old days: only its newest rows say what comes next.
    assert found.later[:, -1] == pytest.approx(1.0)
