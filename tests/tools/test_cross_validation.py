"""Cross-validation: the folds, the scores and the interval, beside scikit-learn's own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from adapters.records import JobState
from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in, used_home, wait_until
from evals.world.talk import Talk
from runtime.session import Session
from tests.tools.conftest import told
from tools import ml
from tools.errors import ToolError
from tools.estimate_cost import STARTUP_S
from tools.ml.corrected_t import corrected_interval
from tools.ml.fitting import fit_pipeline
from tools.ml.model_files import METADATA

CLASSIFIERS: dict[str, tuple[dict[str, Any], Any]] = {
    "logistic_regression": ({"C": 0.5}, LogisticRegression(C=0.5, max_iter=10_000, tol=1e-6)),
    "random_forest": ({"n_estimators": 20}, RandomForestClassifier(20, random_state=42)),
    "svm": ({}, SVC(random_state=42)),
}


def numbers(frame: pd.DataFrame, target: str) -> tuple[ml.Feature, ...]:
    return tuple(ml.Feature(name=str(name), kind="number") for name in frame.columns if name != target)


def spec_of(frame: pd.DataFrame, task: ml.Task, model: str, folds: int = 5, **more: Any) -> ml.TrainingSpec:
    params = tuple(ml.ParameterValue(name=name, value=value) for name, value in more.pop("params", {}).items())
    cv = ml.CrossValidation(folds=folds)
    return ml.TrainingSpec(
        target="target", task=task, features=numbers(frame, "target"), model=model, params=params, cv=cv, **more
    )


def fit(spec: ml.TrainingSpec, frame: pd.DataFrame, folder: Path, said: list[tuple[str, float]] | None = None) -> Any:
    heard = [] if said is None else said
    return ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: heard.append((sentence, fraction)))


@pytest.mark.parametrize("model", CLASSIFIERS)
def test_each_fold_of_classes_scores_as_cross_val_score_says(model: str, tmp_path: Path) -> None:
    frame = load_breast_cancer(as_frame=True).frame.astype({"target": str})
    params, own = CLASSIFIERS[model]
    X, y, plain = frame.drop(columns="target"), frame["target"], make_pipeline(StandardScaler(), own)
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    theirs = cross_validate(plain, X, y, cv=folds, scoring=["accuracy", "balanced_accuracy", "f1_macro", "roc_auc"])
    found = fit(spec_of(frame, "classification", model, params=params), frame, tmp_path / "m").cross_validated
    assert (found.n_folds, found.n_rows, found.stratified) == (5, 569, True)
    for name in ("accuracy", "balanced_accuracy", "f1_macro", "roc_auc"):
        assert found.scores[name].folds == pytest.approx(theirs[f"test_{name}"], abs=1e-12)
        assert found.scores[name].mean == pytest.approx(np.mean(theirs[f"test_{name}"]), abs=1e-12)
        assert found.scores[name].sd == pytest.approx(np.std(theirs[f"test_{name}"], ddof=1), abs=1e-12)
    assert found.against_baseline == "better"


def test_each_fold_of_a_regression_scores_as_cross_val_score_says(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    X, y = frame.drop(columns="target"), frame["target"]
    folds = KFold(7, shuffle=True, random_state=3)
    theirs = cross_validate(LinearRegression(), X, y, cv=folds, scoring=["r2", "neg_root_mean_squared_error"])
    said: list[tuple[str, float]] = []
    found = fit(spec_of(frame, "regression", "linear_regression", 7, seed=3), frame, tmp_path / "m", said)
    assert found.cross_validated.scores["r2"].folds == pytest.approx(theirs["test_r2"], abs=1e-9)
    errors = -theirs["test_neg_root_mean_squared_error"]
    assert found.cross_validated.scores["rmse"].folds == pytest.approx(errors, rel=1e-9)
    # The baseline of the same folds says the mean of each fold's own training rows.
    always = [np.sqrt(np.mean((y.iloc[test] - y.iloc[train].mean()) ** 2)) for train, test in folds.split(X)]
    assert found.cross_validated.scores["rmse"].baseline == pytest.approx(np.mean(always), rel=1e-12)
    assert [sentence[:11] for sentence, _ in said if sentence.startswith("fold")] == [
        f"fold {number} of 7" for number in range(1, 8)
    ]
    fractions = [fraction for _, fraction in said]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1


def test_a_penalty_is_chosen_anew_in_each_fold(tmp_path: Path) -> None:
    """Of what the training rows of a fold say alone: ridge's leave-one-out choice, by itself on each fold."""
    frame = load_diabetes(as_frame=True).frame
    found = fit(spec_of(frame, "regression", "ridge"), frame, tmp_path / "m").cross_validated
    for (train, test), score in zip(
        KFold(5, shuffle=True, random_state=42).split(frame), found.scores["r2"].folds, strict=True
    ):
        spec = spec_of(frame, "regression", "ridge").model_copy(update={"cv": None})
        part, *_ = fit_pipeline(spec, frame.iloc[train], frame["target"].to_numpy()[train], lambda *_: None)
        assert part.score(frame.iloc[test], frame["target"].iloc[test]) == pytest.approx(score, abs=1e-12)


def test_the_interval_is_nadeau_and_bengios() -> None:
    """By hand: s = sqrt(0.00625), t of 4 degrees of freedom 2.776445 (any table), reach t s sqrt(1/5 + 1/4)."""
    low, high = corrected_interval([0.8, 0.9, 0.85, 0.95, 0.75])
    reach = 2.776445 * math.sqrt(0.00625) * math.sqrt(0.45)
    assert (low, high) == pytest.approx((0.85 - reach, 0.85 + reach), abs=1e-6)


def test_the_interval_holds_what_the_plain_one_misses() -> None:
    """The error of a mean of 40 normal values is known: 1 + 1 / 32 squared, fitted to 32 of them.

    Over 2,000 tables the corrected interval of five folds holds it in about 95 of 100, and the plain one in fewer.
    """
    rng, corrected, plain = np.random.default_rng(11), 0, 0
    for _ in range(2_000):
        y = rng.normal(size=40).reshape(5, 8)
        means = (y.sum() - y.sum(axis=1)) / 32
        errors = ((y - means[:, None]) ** 2).mean(axis=1)
        low, high = corrected_interval(errors)
        corrected += low <= 1 + 1 / 32 <= high
        half = (high - low) / 2 * math.sqrt((1 / 5) / (1 / 5 + 1 / 4))
        plain += abs(errors.mean() - (1 + 1 / 32)) <= half
    assert corrected / 2_000 > 0.94
    assert plain < corrected


def test_noise_is_not_taken_for_a_model_better_than_its_baseline(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(80, 3)), columns=list("abc")).assign(target=rng.normal(size=80))
    found = fit(spec_of(frame, "regression", "linear_regression"), frame, tmp_path / "m").cross_validated
    assert found.against_baseline == "not_better"


def classes(*counts: int) -> pd.DataFrame:
    labels = np.repeat([f"c{place}" for place in range(len(counts))], counts)
    rng = np.random.default_rng(1)
    return pd.DataFrame({"x": rng.normal(size=len(labels)), "target": rng.permutation(labels)})


def test_a_class_with_fewer_rows_than_folds_is_said_and_refused_where_strata_were_asked_for(tmp_path: Path) -> None:
    frame = classes(40, 40, 3)
    found = fit(spec_of(frame, "classification", "naive_bayes"), frame, tmp_path / "m")
    assert "rare_in_folds" in found.warning_codes
    assert found.cross_validated.stratified
    with pytest.raises(ValueError, match="fewer rows than 5 folds: leave out stratify"):
        fit(spec_of(frame, "classification", "naive_bayes", stratify=True), frame, tmp_path / "n")
    plain = fit(spec_of(frame, "classification", "naive_bayes", stratify=False), frame, tmp_path / "o")
    assert not plain.cross_validated.stratified
    assert "rare_in_folds" not in plain.warning_codes


def test_a_fold_of_one_class_is_refused(tmp_path: Path) -> None:
    frame = classes(11, 1)
    lone = int(np.flatnonzero(frame["target"] == "c1")[0])
    seed = next(
        seed
        for seed in range(200)
        if all(lone in test for train, test in list(KFold(2, shuffle=True, random_state=seed).split(frame))[:1])
    )
    spec = spec_of(frame, "classification", "decision_tree", 2, seed=seed, stratify=False)
    with pytest.raises(ValueError, match="one value of 'target' only: take fewer folds"):
        fit(spec, frame, tmp_path / "m")


def test_too_few_rows_for_the_folds_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": np.arange(12.0), "target": np.arange(12.0) ** 2})
    with pytest.raises(ValueError, match="20 folds need at least 40 rows; there are 12"):
        fit(spec_of(frame, "regression", "linear_regression", 20), frame, tmp_path / "m")


def test_a_worker_that_tells_of_a_fold_that_cannot_be_is_refused(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    spec = spec_of(frame, "regression", "linear_regression")
    fit(spec, frame, tmp_path / "m")
    ml.take_over(tmp_path / "m", tmp_path / "whole", spec, "sha")
    written = json.loads((tmp_path / "m" / METADATA).read_text())
    r2 = written["cross_validated"]["scores"]["r2"]
    for n, folds in enumerate(([1.5, *r2["folds"][1:]], r2["folds"][1:], [None, "high", 0.1, 0.1, 0.1])):
        r2["folds"] = folds
        (tmp_path / "m" / METADATA).write_text(json.dumps(written))
        with pytest.raises(ml.ModelFileError):
            ml.take_over(tmp_path / "m", tmp_path / f"bad{n}", spec, "sha")


FOLDED = "train a naive bayes model to predict species from bill_length_mm and bill_depth_mm"


def begun(talk: Talk, sentence: str) -> str:
    """The job of that sentence, after a yes."""
    talk.say(f"load {PENGUINS}")
    talk.say(sentence)
    talk.answer(yes=True)
    return str(talk.results("launch_training")[0]["job_id"])


def test_a_sentence_becomes_folds_on_the_card_and_in_the_result(tmp_path: Path) -> None:
    talk = Talk(build_in(used_home(tmp_path / "home"), model=OfflineModel()))
    job_id = begun(talk, f"{FOLDED} with 4-fold cross-validation")
    assert "  settings   cross-validation 4 folds" in talk.asked().card.splitlines()
    polled = told(talk.session, "poll_job", {"job_id": job_id, "wait_s": 60})
    found = polled["cross_validated"]
    assert (found["n_folds"], found["n_rows"], len(found["scores"]["accuracy"]["folds"])) == (4, 344, 4)
    (listed,) = told(talk.session, "list_models", {"model": "naive_bayes"})["models"]
    assert listed["cross_validated"] == found
    talk.say("how is it going?")
    assert "4-fold cross-validation, 344 rows" in talk.text()
    talk.session.program.close()


def test_a_job_is_cancelled_between_its_folds_and_leaves_no_model(tmp_path: Path) -> None:
    talk = Talk(build_in(used_home(tmp_path / "home"), model=OfflineModel()))
    job_id = begun(talk, "train a random forest to predict species with 1000 trees with 20-fold cross-validation")
    jobs = talk.session.jobs
    wait_until(lambda: jobs.get(job_id).status.startswith("fold"), seconds=60)
    before = jobs.get(job_id)
    assert jobs.cancel(job_id).job.state is JobState.CANCELLED
    assert 0 < before.progress < 0.9
    assert talk.session.models.all() == ()
    talk.session.program.close()


def test_folds_are_in_the_quoted_time_and_more_than_the_rows_are_refused(penguins: Session) -> None:
    job = {"kind": "training", "dataset": "penguins", "target": "body_mass_g", "model": "random_forest"}
    trees = [{"name": "n_estimators", "value": 2000}]

    def seconds(**more: Any) -> int:
        content = told(penguins, "estimate_cost", {"job": {**job, "params": trees, **more}})
        return int(content["quotes"][0]["expected_seconds"])

    once, ten = seconds() - STARTUP_S, seconds(cv={"folds": 10}) - STARTUP_S
    assert ten > 5 * once
    with pytest.raises(ToolError, match="folds: input should be less than or equal to 20"):
        seconds(cv={"folds": 21})
