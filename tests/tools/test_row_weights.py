"""Weights of rows, classes of unequal size, few rows: fits and scores beside plain scikit-learn's, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, RidgeCV
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    f1_score,
    log_loss,
    mean_absolute_percentage_error,
    r2_score,
    roc_auc_score,
    root_mean_squared_error,
)
from sklearn.model_selection import GroupKFold, KFold, train_test_split
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in
from evals.world.talk import Talk
from runtime.session import Session
from tests.tools.conftest import told
from tools import ml
from tools.errors import ToolError
from tools.ml.counting import Counting
from tools.ml.fitting import fit_pipeline
from tools.ml.score_intervals import score_intervals

DIABETES = load_diabetes(as_frame=True).frame[["bmi", "bp", "s5", "target"]]
CANCER = load_breast_cancer(as_frame=True).frame.replace({"target": {0: "malignant", 1: "benign"}})
CANCER = CANCER[["mean texture", "mean smoothness", "mean symmetry", "target"]]


def weighed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(w=np.random.default_rng(2).integers(0, 6, len(frame)) * 0.5)


def spec_of(frame: pd.DataFrame, model: str, task: ml.Task, **more: Any) -> ml.TrainingSpec:
    params = tuple(ml.ParameterValue(name=name, value=value) for name, value in more.pop("params", {}).items())
    names = [name for name in frame.columns if name not in ("target", "w", "g")]
    features = tuple(ml.Feature(name=name, kind="number") for name in names)
    given = {"defaults": "scikit_learn", "weights": "w"} | more
    return ml.TrainingSpec(target="target", task=task, features=features, model=model, params=params, **given)


def fit(spec: ml.TrainingSpec, frame: pd.DataFrame, folder: Path) -> Any:
    return ml.fit_job(spec, frame, "sha", folder / "m", lambda sentence, fraction: None)


@pytest.mark.parametrize(
    ("model", "params", "own", "last"),
    [
        ("lasso", {"alpha": 0.3}, Lasso(alpha=0.3), "lasso"),
        (
            "polynomial_regression",
            {"degree": 2},
            make_pipeline(PolynomialFeatures(2, include_bias=False), LinearRegression()),
            "pipeline__linearregression",
        ),
        ("mlp_regressor", {"max_iter": 20}, MLPRegressor(max_iter=20, random_state=42), "mlpregressor"),
    ],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_weights_are_in_the_fit_and_in_every_score_of_numbers(
    model: str, params: dict[str, Any], own: Any, last: str, tmp_path: Path
) -> None:
    frame = weighed(DIABETES)
    train, test = train_test_split(frame, test_size=0.2, random_state=42)
    names = ["bmi", "bp", "s5"]
    plain = make_pipeline(own).fit(train[names].to_numpy(), train["target"], **{f"{last}__sample_weight": train["w"]})
    predicted, w = plain.predict(test[names].to_numpy()), test["w"]
    found = fit(spec_of(frame, model, "regression", params=params), frame, tmp_path)
    theirs = {
        "r2": r2_score(test["target"], predicted, sample_weight=w),
        "rmse": root_mean_squared_error(test["target"], predicted, sample_weight=w),
        "mape": mean_absolute_percentage_error(test["target"], predicted, sample_weight=w),
    }
    assert {name: found.metrics[name] for name in theirs} == pytest.approx(theirs, rel=1e-9)
    assert found.baseline["rmse"] == pytest.approx(
        root_mean_squared_error(
            test["target"], np.full(len(test), np.average(train["target"], weights=train["w"])), sample_weight=w
        )
    )


def test_weights_are_in_the_fit_the_scores_and_the_folds_of_classes(tmp_path: Path) -> None:
    frame = weighed(CANCER)
    names = [name for name in frame.columns if name not in ("target", "w")]
    X, y, w = frame[names].to_numpy(), frame["target"].to_numpy().astype(str), frame["w"].to_numpy()
    own = RandomForestClassifier(20, random_state=42, class_weight="balanced")
    at_train, at_test = train_test_split(np.arange(len(frame)), test_size=0.2, random_state=42)
    plain = own.fit(X[at_train], y[at_train], sample_weight=w[at_train])
    predicted = plain.predict(X[at_test])
    params = {"n_estimators": 20, "class_weight": "balanced"}
    spec = spec_of(
        frame, "random_forest", "classification", params=params, stratify=False, cv=ml.CrossValidation(folds=3)
    )
    found = fit(spec, frame, tmp_path)
    counted: dict[str, Any] = {"sample_weight": w[at_test]}
    theirs = {
        "accuracy": accuracy_score(y[at_test], predicted, **counted),
        "balanced_accuracy": balanced_accuracy_score(y[at_test], predicted, **counted),
        "f1_macro": f1_score(y[at_test], predicted, average="macro", **counted),
        "roc_auc": roc_auc_score(y[at_test], plain.predict_proba(X[at_test])[:, 1], **counted),
    }
    assert {name: found.metrics[name] for name in theirs} == pytest.approx(theirs, abs=1e-12)
    folds = []
    for train, test in KFold(3).split(X):
        said = own.fit(X[train], y[train], sample_weight=w[train]).predict(X[test])
        folds.append(accuracy_score(y[test], said, sample_weight=w[test]))
    assert found.cross_validated.scores["accuracy"].folds == pytest.approx(folds, abs=1e-12)


def test_whole_weights_make_the_interval_of_as_many_copies() -> None:
    """Of rows drawn whole, a weight of 3 is a group of three copies."""
    rng = np.random.default_rng(0)
    y_true, y_predicted, w = rng.normal(size=50), np.zeros(50), rng.integers(1, 5, 50).astype(float)
    copies = np.repeat(np.arange(50), w.astype(int))
    ours = score_intervals("regression", y_true, y_predicted, 1, Counting(weights=w))
    theirs = score_intervals("regression", y_true[copies], y_predicted[copies], 1, Counting(copies))
    assert ours == {name: pytest.approx(bounds, rel=1e-9) for name, bounds in theirs.items()}
    right, wrong = np.where(y_true > 0, "a", "b"), np.where(rng.random(50) < 0.5, "a", "b")
    ours = score_intervals("classification", right, wrong, 1, Counting(weights=w))
    theirs = score_intervals("classification", right[copies], wrong[copies], 1, Counting(copies))
    assert ours == {name: pytest.approx(bounds, rel=1e-9) for name, bounds in theirs.items()}


def test_a_penalty_is_chosen_with_the_weights_and_on_whole_groups() -> None:
    frame = weighed(DIABETES).assign(g=np.arange(len(DIABETES)) // 7)
    spec = spec_of(frame, "ridge", "regression", groups="g", defaults="usual")
    X = StandardScaler().fit_transform(frame[["bmi", "bp", "s5"]])
    y, w = frame["target"].to_numpy(), frame["w"].to_numpy()
    # The rows are drawn in the order of the seed, as many as there are.
    drawn = np.random.default_rng(42).permutation(len(frame))
    folds = list(GroupKFold(5).split(X[drawn], groups=frame["g"].to_numpy()[drawn]))
    standard = (y[drawn] - y.mean()) / y.std()
    theirs = RidgeCV(alphas=w.sum() * np.logspace(-6, 3, 37), cv=folds, scoring="neg_mean_squared_error")
    theirs.fit(X[drawn], standard, sample_weight=w[drawn])
    _, chosen, _ = fit_pipeline(spec, frame, y, lambda *_: None)
    assert chosen is not None
    assert chosen.value == pytest.approx(theirs.alpha_)
    assert chosen.n_folds == 5
    for model, task in (("lasso", "regression"), ("logistic_regression", "classification")):
        other = spec.model_copy(update={"model": model, "task": task})
        labels = y if task == "regression" else np.where(y > 150, "high", "low")
        _, chosen, _ = fit_pipeline(other, frame, labels, lambda *_: None)
        assert chosen is not None
        assert (chosen.chosen_by, chosen.n_folds) == ("cross_validation", 5)


@pytest.mark.parametrize("weights", [[-1.0], [np.nan], [np.inf]])
def test_weights_that_are_none_are_refused(weights: list[float], tmp_path: Path) -> None:
    frame = weighed(DIABETES)
    frame.loc[3, "w"] = weights[0]
    with pytest.raises(ValueError, match="weights: 1 row has no value of 'w' that is 0 or more"):
        fit(spec_of(frame, "ridge", "regression", params={"alpha": 1.0}), frame, tmp_path)


def test_rows_that_all_weigh_nothing_are_refused(tmp_path: Path) -> None:
    frame = weighed(DIABETES).assign(w=0.0)
    with pytest.raises(ValueError, match="weights: all values of 'w' are 0"):
        fit(spec_of(frame, "ridge", "regression", params={"alpha": 1.0}), frame, tmp_path)


def test_a_rare_class_is_said_unless_it_is_weighed_up(tmp_path: Path) -> None:
    frame = weighed(CANCER).head(400)
    rare = frame[(frame["target"] == "benign") | (np.arange(len(frame)) % 12 == 0)]
    plain = spec_of(rare, "logistic_regression", "classification", weights=None, params={"C": 1.0})
    found = fit(plain, rare, tmp_path / "a")
    assert "rare_class" in found.warning_codes
    assert "class_weight balanced weighs it up" in " ".join(found.warnings)
    balanced = spec_of(
        rare, "logistic_regression", "classification", weights=None, params={"C": 1.0, "class_weight": "balanced"}
    )
    found = fit(balanced, rare, tmp_path / "b")
    assert "rare_class" not in found.warning_codes
    names = [feature.name for feature in balanced.features]
    train, test = train_test_split(rare, test_size=0.2, random_state=42)
    theirs = LogisticRegression(class_weight="balanced").fit(
        train[names].to_numpy(), train["target"].to_numpy().astype(str)
    )
    assert found.metrics["accuracy"] == theirs.score(test[names].to_numpy(), test["target"].to_numpy().astype(str))
    assert log_loss(test["target"], theirs.predict_proba(test[names].to_numpy())) > 0
    even = spec_of(frame, "logistic_regression", "classification", weights=None, params={"C": 1.0})
    assert "rare_class" not in fit(even, frame, tmp_path / "c").warning_codes


def test_few_rows_and_many_columns_are_said_and_enough_of_them_are_not(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)

    def codes(n: int, p: int, model: str) -> set[str]:
        frame = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"x{i}" for i in range(p)]).assign(
            target=rng.normal(size=n)
        )
        spec = spec_of(frame, model, "regression", weights=None, defaults="usual")
        said = fit(spec, frame, tmp_path / f"{n}_{p}_{model}").warning_codes
        return set(said) & {"few_training_rows", "few_test_rows", "more_columns_than_rows", "wide"}

    assert codes(40, 2, "linear_regression") == {"few_training_rows", "few_test_rows"}
    assert codes(200, 2, "linear_regression") == set()
    assert codes(200, 30, "linear_regression") == {"wide"}
    assert codes(200, 30, "ridge") == set()
    assert codes(200, 170, "ridge") == {"more_columns_than_rows"}


def job(**more: Any) -> dict[str, Any]:
    given = {"kind": "training", "dataset": "penguins", "target": "body_mass_g", "model": "lasso"} | more
    return {"job": given}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"weights": "species"}, "column 'species' holds text, not numbers"),
        ({"weights": "flipper_length_mm"}, "weights: 2 rows have no value of 'flipper_length_mm'"),
        ({"weights": "year", "features": ["year", "bill_depth_mm"]}, "weights: 'year' is a feature too"),
        ({"weights": "year", "model": "k_nearest_neighbors"}, "weights: k_nearest_neighbors cannot weigh rows"),
        ({"weights": "year", "target": "year"}, "weights: 'year' is the target"),
    ],
)
def test_weights_that_cannot_be_are_refused_by_their_word(penguins: Session, more: dict[str, Any], why: str) -> None:
    with pytest.raises(ToolError) as refused:
        told(penguins, "estimate_cost", job(**more))
    assert why in str(refused.value)


def test_a_sentence_weighs_rows_and_classes(tmp_path: Path) -> None:
    talk = Talk(build_in(tmp_path / "talk", model=OfflineModel()))
    talk.say(f"load {PENGUINS}")
    talk.say("train a random forest to predict species from bill_depth_mm, weighted by year with balanced classes")
    shown = talk.asked().card.splitlines()
    talk.session.program.close()
    assert '  weights    "year"' in shown
    assert "  settings   class_weight balanced" in shown


def test_auto_ranks_by_weighted_scores_and_leaves_out_what_cannot_weigh(tmp_path: Path) -> None:
    frame = weighed(DIABETES)
    spec = spec_of(frame, "auto", "regression", defaults="usual", tune=ml.Tuning(trials=16))
    searched = fit(spec, frame, tmp_path).searched
    assert searched is not None
    assert searched.not_compared["k_nearest_neighbors"] == "rows_weighed"
    (line,) = (one for one in searched.trials if one.model == "polynomial_regression" and not one.params)
    train, _ = train_test_split(frame, test_size=0.2, random_state=42)
    X, y, w = train[["bmi", "bp", "s5"]].to_numpy(), train["target"].to_numpy(), train["w"].to_numpy()
    folds = KFold(searched.n_folds, shuffle=True, random_state=42).split(X)
    theirs = []
    for inner, outer in folds:
        plain = make_pipeline(PolynomialFeatures(2, include_bias=False), LinearRegression())
        plain.fit(X[inner], y[inner], linearregression__sample_weight=w[inner])
        theirs.append(r2_score(y[outer], plain.predict(X[outer]), sample_weight=w[outer]))
    assert line.folds == pytest.approx(theirs[: len(line.folds)], abs=1e-8)
