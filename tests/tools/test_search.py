"""A search over settings: tuning of one type, and `auto`."""

from __future__ import annotations

import json
import shutil
import threading
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score

from evals.world.pace import is_within
from runtime.session import Session
from tests.tools.conftest import told
from tools import ml
from tools.errors import ToolError
from tools.jobs.quoting import Need
from tools.ml.fitting import fit_pipeline
from tools.ml.model_files import METADATA
from tools.ml.model_type import ModelType
from tools.ml.search import settle
from tools.ml.splitting import split_rows
from tools.ml.time_limit import TimeIsOver, at_most

PARAMETERS = [
    (model, task, parameter)
    for model in ml.MODEL_TYPES
    for task in model.estimators
    for parameter in model.tried_of(task, "scikit_learn")
]


def diabetes() -> pd.DataFrame:
    frame: pd.DataFrame = load_diabetes(as_frame=True).frame
    return frame


def spec_of(frame: pd.DataFrame, model: str, task: ml.Task = "regression", **more: Any) -> ml.TrainingSpec:
    features = tuple(ml.Feature(name=str(name), kind="number") for name in frame.columns if name != "target")
    return ml.TrainingSpec(target="target", task=task, features=features, model=model, **more)


def fit(spec: ml.TrainingSpec, frame: pd.DataFrame, folder: Path) -> ml.Metadata:
    return ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: None)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> tuple[ml.TrainingSpec, Path]:
    """A tree that was searched for, and what its training left: no test may change what is there."""
    frame, folder = diabetes(), tmp_path_factory.mktemp("tuned")
    named = (ml.ParameterValue(name="max_depth", value=3),)
    spec = spec_of(frame, "decision_tree", params=named, tune=ml.Tuning(trials=5))
    fit(spec, frame, folder / "m")
    return spec, folder / "m"


def searched(spec: ml.TrainingSpec, frame: pd.DataFrame, **more: Any) -> Any:
    split = split_rows(spec, frame)
    return settle(spec, split.train, split.y_train, lambda sentence, fraction: None, **more)


@pytest.mark.parametrize(("model", "task", "parameter"), PARAMETERS)
def test_what_a_search_tries_is_what_the_parameter_can_be(model: ModelType, task: ml.Task, parameter: Any) -> None:
    tried = parameter.tried
    for value in tried.values or (tried.low, tried.high):
        assert parameter.accepts(value)
    assert tried.values or tried.low < tried.high


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_every_setting_that_auto_begins_with_is_one_of_its_type(task: ml.Task) -> None:
    for model in ml.MODEL_TYPES:
        if task in model.estimators:
            known = {one.name for one in model.parameters_of(task)}
            for start in model.starts:
                ml.check_parameters(model, task, {name: value for name, value in start.items() if name in known})


def test_the_folds_of_the_winner_are_those_of_cross_val_score(tmp_path: Path) -> None:
    frame = diabetes()
    spec = spec_of(frame, "gradient_boosting", tune=ml.Tuning(trials=6))
    found = fit(spec, frame, tmp_path / "m").searched
    assert found is not None
    split, best = split_rows(spec, frame), found.trials[0]
    params = {one.name: one.value for one in best.params}
    plain = HistGradientBoostingRegressor(**params, random_state=42)
    names, folds = list(spec.kinds), KFold(5, shuffle=True, random_state=42)
    theirs = cross_val_score(plain, split.train[names], split.y_train, cv=folds, scoring="r2")
    assert best.folds == pytest.approx(theirs, abs=1e-9)
    assert (best.mean, best.sd) == pytest.approx((np.mean(theirs), np.std(theirs, ddof=1)), abs=1e-9)
    assert (found.n_rows, found.n_folds, found.score, found.stopped_by) == (353, 5, "r2", "trials")


def test_a_classifier_is_ranked_by_the_area_under_its_curves(tmp_path: Path) -> None:
    frame = load_wine(as_frame=True).frame.astype({"target": str})
    spec = spec_of(frame, "logistic_regression", "classification", tune=ml.Tuning(trials=3), defaults="scikit_learn")
    found = fit(spec, frame, tmp_path / "m").searched
    assert found is not None
    split, best = split_rows(spec, frame), found.trials[0]
    plain = LogisticRegression(**{one.name: one.value for one in best.params}, random_state=42)
    X, y = split.train[list(spec.kinds)], split.y_train
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs = cross_val_score(plain, X, y, cv=StratifiedKFold(5), scoring="roc_auc_ovr")
    assert (found.score, found.baseline) == ("roc_auc", 0.5)
    assert best.folds == pytest.approx(theirs, abs=1e-9)


def test_what_is_kept_is_the_winner_fitted_to_all_training_rows(tmp_path: Path) -> None:
    frame = diabetes()
    spec = spec_of(frame, "gradient_boosting", tune=ml.Tuning(trials=4))
    kept = fit(spec, frame, tmp_path / "m")
    split = split_rows(spec, frame)
    again, *_ = fit_pipeline(kept.spec, split.train, split.y_train, lambda sentence, fraction: None)
    assert kept.searched is not None
    assert kept.spec.params == kept.searched.trials[0].params
    assert kept.metrics["r2"] == pytest.approx(again.score(split.test, split.y_test), abs=1e-12)
    plain = spec.model_copy(update={"params": kept.spec.params, "tune": None})
    assert fit(plain, frame, tmp_path / "n").metrics == kept.metrics


@pytest.mark.parametrize("model", ["auto", "decision_tree"])
def test_the_same_job_finds_the_same_where_trials_bound_it(model: str) -> None:
    frame = diabetes()
    spec = spec_of(frame, model, tune=ml.Tuning(trials=16 if model == "auto" else 10))
    (first, one), (second, other) = searched(spec, frame), searched(spec, frame)
    assert first == second
    timeless = [without_seconds(trial) for trial in one.trials]
    assert timeless == [without_seconds(trial) for trial in other.trials]
    assert searched(spec.model_copy(update={"seed": 7}), frame)[1].trials != one.trials


def without_seconds(trial: Any) -> Any:
    return trial.model_copy(update={"seconds": 0.0})


def test_the_test_rows_have_no_say_in_what_is_chosen() -> None:
    frame = diabetes()
    spec = spec_of(frame, "auto", tune=ml.Tuning(trials=12))
    split = split_rows(spec, frame)
    spoilt = frame.copy()
    spoilt.loc[split.test.index, "target"] = np.random.default_rng(0).permutation(split.y_test) * 50
    (ours, one), (theirs, other) = searched(spec, frame), searched(spec, spoilt)
    assert ours == theirs
    assert [trial.folds for trial in one.trials] == [trial.folds for trial in other.trials]


def test_each_fold_of_cross_validation_searches_its_own_training_rows(tmp_path: Path) -> None:
    frame = diabetes()
    spec = spec_of(frame, "decision_tree", tune=ml.Tuning(trials=5), cv=ml.CrossValidation(folds=3))
    found = fit(spec, frame, tmp_path / "m").cross_validated
    assert found is not None
    y = frame["target"].to_numpy()
    for (train, test), score in zip(
        KFold(3, shuffle=True, random_state=42).split(frame), found.scores["r2"].folds, strict=True
    ):
        inside, record = settle(spec, frame.iloc[train], y[train], lambda sentence, fraction: None)
        assert record is not None
        assert record.n_rows == len(train)
        part, *_ = fit_pipeline(inside, frame.iloc[train], y[train], lambda sentence, fraction: None)
        assert part.score(frame.iloc[test], y[test]) == pytest.approx(score, abs=1e-12)


def test_groups_and_times_are_kept_apart_in_the_folds_of_a_search() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=120), "who": np.repeat(np.arange(6), 20)})
    frame["target"] = frame["x"] + rng.normal(size=120)
    kept: list[tuple[dict[str, Any], int]] = [({"groups": "who"}, 4), ({"time": "who"}, 3), ({}, 5)]
    for more, n_folds in kept:
        spec = spec_of(frame[["x", "target"]], "decision_tree", tune=ml.Tuning(trials=2), **more)
        assert searched(spec, frame)[1].n_folds == n_folds
    two = frame[frame["who"] < 2]
    with pytest.raises(ValueError, match="there is nothing to compare settings by"):
        searched(spec_of(frame[["x", "target"]], "decision_tree", tune=ml.Tuning(), groups="who"), two)


def test_what_is_named_stays_as_it_is() -> None:
    frame = diabetes()
    named = (ml.ParameterValue(name="max_depth", value=3),)
    spec = spec_of(frame, "decision_tree", params=named, tune=ml.Tuning(trials=8))
    for trial in searched(spec, frame)[1].trials:
        assert {one.name: one.value for one in trial.params}["max_depth"] == 3


class Ticking:
    """A clock that is a second further each time it is looked at."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_search_ends_with_its_time_and_says_so(tmp_path: Path) -> None:
    frame = diabetes()
    spec = spec_of(frame, "decision_tree", tune=ml.Tuning(seconds=60))
    clock = Ticking()
    found = searched(spec, frame, clock=clock)[1]
    assert found.stopped_by == "seconds"
    assert 1 <= len(found.trials) < 60
    assert clock.now < 90
    kept = fit(spec.model_copy(update={"tune": ml.Tuning(seconds=1)}), frame, tmp_path / "m")
    assert "searched_by_time" in kept.warning_codes
    assert kept.searched is not None
    assert kept.searched.seconds < 5


def test_a_fit_that_takes_too_long_is_ended() -> None:
    """A fold of it takes minutes: no setting was scored when the time is over."""
    frame = pd.concat([diabetes()] * 20, ignore_index=True)
    named = (ml.ParameterValue(name="n_estimators", value=5000),)
    spec = spec_of(frame, "exact_gradient_boosting", params=named, tune=ml.Tuning(seconds=2))
    started = time.monotonic()
    with pytest.raises(ValueError, match="tune: in 2 s not one setting could be scored; give it more"):
        searched(spec, frame)
    assert is_within(30, since=started)


def test_the_limit_of_a_block_is_not_felt_behind_it() -> None:
    for _ in range(50):
        with suppress(TimeIsOver), at_most(0.001):
            while True:
                sum(range(100))
        with suppress(TimeIsOver), at_most(0.001):
            time.sleep(0.001)
        assert sum(range(1_000)) == 499_500
    with at_most(10.0):
        pass
    assert threading.active_count() < 10


def test_what_falls_behind_is_dropped_and_stands_below_what_was_scored() -> None:
    found = searched(spec_of(diabetes(), "auto", tune=ml.Tuning(trials=16)), diabetes())[1]
    ended = [trial.ended for trial in found.trials]
    assert ended == sorted(ended, key=lambda one: one != "scored")
    assert {"scored", "dropped"} <= set(ended)
    assert all(len(trial.folds) == 5 for trial in found.trials if trial.ended == "scored")
    assert all(len(trial.folds) < 5 for trial in found.trials if trial.ended == "dropped")
    means = [trial.mean for trial in found.trials if trial.ended == "scored"]
    assert means == sorted(means, reverse=True)


def test_auto_leaves_out_a_type_that_takes_fewer_rows_and_says_so() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(26_000, 2)), columns=["a", "b"])
    frame["target"] = frame["a"] + rng.normal(size=len(frame))
    found = searched(spec_of(frame, "auto", tune=ml.Tuning(trials=2)), frame)[1]
    assert found.not_compared["svm"] == "too_many_rows"
    assert found.n_folds == 3


def test_auto_does_all_tasks_and_the_baseline_is_beside_them(tmp_path: Path) -> None:
    wine = load_wine(as_frame=True).frame.astype({"target": str})
    two = wine[wine["target"] != "2"]
    tables: list[tuple[pd.DataFrame, ml.Task]] = [
        (diabetes(), "regression"),
        (wine, "classification"),
        (two, "classification"),
    ]
    for n, (frame, task) in enumerate(tables):
        kept = fit(spec_of(frame, "auto", task, tune=ml.Tuning(trials=9)), frame, tmp_path / f"m{n}")
        assert kept.searched is not None
        assert kept.searched.trials[0].mean is not None
        assert kept.searched.trials[0].mean > kept.searched.baseline + 0.2
        assert kept.against_baseline == "better"


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["searched"]["trials"].pop(0),
        lambda told: told["searched"]["trials"][0].update(model="random_forest"),
        lambda told: told["searched"]["trials"][0].update(folds=[0.5] * 6),
        lambda told: told["searched"]["trials"][1].update(folds=[1.5]),
        lambda told: told["searched"]["trials"][1]["params"].append({"name": "max_depth", "value": -3}),
        lambda told: told["searched"]["asked"].update(seed=1),
        lambda told: told["spec"].update(seed=1),
        lambda told: told["spec"].update(params=[]),
        lambda told: told["searched"].update(trials=[]),
        lambda told: told.pop("searched"),
    ],
)
def test_a_worker_that_tells_of_another_search_is_refused(
    change: Any, tuned: tuple[ml.TrainingSpec, Path], tmp_path: Path
) -> None:
    spec, left = tuned
    shutil.copytree(left, tmp_path / "m")
    ml.take_over(tmp_path / "m", tmp_path / "whole", spec, "sha")
    written = json.loads((tmp_path / "m" / METADATA).read_text())
    change(written)
    (tmp_path / "m" / METADATA).write_text(json.dumps(written))
    with pytest.raises(ml.ModelFileError):
        ml.take_over(tmp_path / "m", tmp_path / "bad", spec, "sha")


def quoted_seconds(session: Session, **job: Any) -> int:
    asked = {"kind": "training", "dataset": "penguins", "target": "body_mass_g", **job}
    return int(told(session, "estimate_cost", {"job": asked})["quotes"][0]["expected_seconds"])


def test_a_search_is_in_the_quoted_time_and_so_is_that_of_each_fold(penguins: Session) -> None:
    once = quoted_seconds(penguins, model="gradient_boosting")
    tuned = quoted_seconds(penguins, model="gradient_boosting", tune={"trials": 200})
    assert tuned > once + 10
    bound = quoted_seconds(penguins, model="gradient_boosting", tune={"trials": 200, "seconds": 5})
    assert once < bound <= once + 5
    nested = quoted_seconds(penguins, model="gradient_boosting", tune={"seconds": 50}, cv={"folds": 3})
    assert nested >= once + 3 * 50


def test_more_seconds_than_a_job_may_take_are_refused(penguins: Session) -> None:
    longest = penguins.jobs.quote("c", penguins.data.get("penguins"), spec_of_penguins(), Need(1))[0].max_seconds
    with pytest.raises(ToolError, match=f"tune: its searches are to take {longest + 1} s"):
        quoted_seconds(penguins, model="auto", tune={"seconds": longest + 1})
    with pytest.raises(ToolError, match="tune: its searches are to take"):
        quoted_seconds(penguins, model="auto", tune={"seconds": longest // 2}, cv={"folds": 2})
    assert quoted_seconds(penguins, model="auto", tune={"seconds": longest}) <= longest


def spec_of_penguins() -> ml.TrainingSpec:
    feature = ml.Feature(name="bill_length_mm", kind="number")
    return ml.TrainingSpec(target="body_mass_g", task="regression", features=(feature,), model="ridge")


def test_what_has_nothing_to_search_for_is_refused(penguins: Session) -> None:
    for model, words in (
        ("linear_regression", "linear_regression has nothing else to search for"),
        ("ridge", "its alpha is chosen by cross-validation anyway"),
    ):
        with pytest.raises(ToolError, match=words):
            quoted_seconds(penguins, model=model, tune={})
    assert quoted_seconds(penguins, model="ridge", tune={}, defaults="scikit_learn") > 0
    with pytest.raises(ToolError, match="auto has no parameter 'max_depth'; it has none"):
        quoted_seconds(penguins, model="auto", params=[{"name": "max_depth", "value": 3}])
