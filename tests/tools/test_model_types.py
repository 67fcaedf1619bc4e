"""The table of model types: each is scikit-learn's own, takes what the table says, and refuses the rest in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tools import ml
from tools.estimate_cost.training import TrainingJob
from tools.ml.estimators import make_estimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

REGRESSORS: dict[str, tuple[dict[str, Any], Any]] = {
    "linear_regression": ({}, LinearRegression()),
    "ridge": ({"alpha": 2.0}, Ridge(2.0)),
    "lasso": ({"alpha": 0.5}, Lasso(0.5, tol=1e-7, max_iter=10_000)),
    "elastic_net": ({"alpha": 0.5, "l1_ratio": 0.3}, ElasticNet(alpha=0.5, l1_ratio=0.3, tol=1e-7)),
    "polynomial_regression": ({}, make_pipeline(PolynomialFeatures(2), LinearRegression())),
    "decision_tree": ({"max_depth": 4}, DecisionTreeRegressor(max_depth=4, random_state=42)),
    "k_nearest_neighbors": ({"n_neighbors": 7}, KNeighborsRegressor(7)),
}
OF_A_SCALED_TARGET: dict[str, tuple[dict[str, Any], Any]] = {
    "svm": ({"C": 2.0, "epsilon": 0.2}, SVR(C=2.0, epsilon=0.2)),
    "mlp_regressor": (
        {"hidden_layer_sizes": (20, 5), "max_iter": 400},
        MLPRegressor(hidden_layer_sizes=(20, 5), max_iter=400, random_state=42),
    ),
}
CLASSIFIERS: dict[str, tuple[dict[str, Any], Any]] = {
    "logistic_regression": ({"C": 0.5}, LogisticRegression(C=0.5, max_iter=10_000)),
    "decision_tree": ({"criterion": "entropy"}, DecisionTreeClassifier(criterion="entropy", random_state=42)),
    "svm": ({"kernel": "linear", "class_weight": "balanced"}, SVC(kernel="linear", class_weight="balanced")),
    "naive_bayes": ({}, GaussianNB()),
    "k_nearest_neighbors": ({"weights": "distance", "p": 1}, KNeighborsClassifier(weights="distance", p=1)),
    "mlp_classifier": ({"activation": "tanh"}, MLPClassifier(activation="tanh", random_state=42)),
}
EVERY_PARAMETER = [
    (model.name, task, parameter)
    for model in ml.MODEL_TYPES
    for task in model.estimators
    for parameter in model.parameters_of(task)
]


def spec_of(frame: pd.DataFrame, task: ml.Task, model: str, params: dict[str, Any]) -> ml.TrainingSpec:
    features = tuple(ml.Feature(name=str(name), kind="number") for name in frame.columns if name != "target")
    values = tuple(ml.ParameterValue(name=name, value=value) for name, value in params.items())
    return ml.TrainingSpec(target="target", task=task, features=features, model=model, params=values)


def fit(frame: pd.DataFrame, task: ml.Task, model: str, params: dict[str, Any], folder: Path) -> Any:
    return ml.fit_job(spec_of(frame, task, model, params), frame, "sha", folder, lambda sentence, fraction: None)


@pytest.mark.parametrize("model", REGRESSORS)
def test_a_regression_scores_as_scikit_learns_own(model: str, tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    params, own = REGRESSORS[model]
    train, test = train_test_split(frame, test_size=0.2, random_state=42)
    plain = make_pipeline(StandardScaler(), own).fit(train.drop(columns="target"), train["target"])
    expected = r2_score(test["target"], plain.predict(test.drop(columns="target")))
    found = fit(frame, "regression", model, params, tmp_path / "m")
    assert found.metrics["r2"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("model", OF_A_SCALED_TARGET)
def test_a_regression_of_a_scaled_target_scores_as_scikit_learns_own(model: str, tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    params, own = OF_A_SCALED_TARGET[model]
    train, test = train_test_split(frame, test_size=0.2, random_state=42)
    mean, sd = train["target"].mean(), train["target"].std(ddof=0)
    plain = make_pipeline(StandardScaler(), own).fit(train.drop(columns="target"), (train["target"] - mean) / sd)
    expected = r2_score(test["target"], plain.predict(test.drop(columns="target")) * sd + mean)
    found = fit(frame, "regression", model, params, tmp_path / "m")
    assert found.metrics["r2"] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("model", CLASSIFIERS)
def test_a_classification_scores_as_scikit_learns_own(model: str, tmp_path: Path) -> None:
    frame = load_breast_cancer(as_frame=True).frame.astype({"target": str})
    params, own = CLASSIFIERS[model]
    train, test = train_test_split(frame, test_size=0.2, random_state=42, stratify=frame["target"])
    plain = make_pipeline(StandardScaler(), own).fit(train.drop(columns="target"), train["target"])
    expected = accuracy_score(test["target"], plain.predict(test.drop(columns="target")))
    found = fit(frame, "classification", model, params, tmp_path / "m")
    assert found.metrics["accuracy"] == pytest.approx(expected, abs=1e-12)
    assert found.metrics["roc_auc"] > 0.9


@pytest.mark.parametrize(("model", "task", "parameter"), EVERY_PARAMETER)
def test_scikit_learn_takes_what_the_table_says(model: str, task: ml.Task, parameter: Any) -> None:
    """Each bound and each word of each parameter: scikit-learn checks them when it fits."""
    rng = np.random.default_rng(0)
    X, row = rng.normal(size=(60, 2)), ml.find_model_type(model, task)
    y = X[:, 0] ** 2 if task == "regression" else np.where(X[:, 0] > 0, "a", "b")
    values: list[Any] = [*parameter.words, *([True, False] if parameter.is_flag else [])]
    values += [] if parameter.low is None or parameter.name == "n_estimators" else [parameter.low]
    values = [(1, 2)] if parameter.most else values
    more = {"criterion": {"max_depth": 2}}.get(parameter.name, {})
    few = {name: 3 for name in ("max_iter", "n_estimators") if name in {one.name for one in row.parameters_of(task)}}
    for value in values:
        ml.check_parameters(row, task, {parameter.name: value})
        settings = {**few, **more, parameter.name: value}
        job = ml.TrainingSpec(target="y", task=task, features=(), model=model)
        estimator = make_estimator(row, job, settings)
        inner = getattr(estimator, "regressor", estimator)
        assert parameter.name in inspect_names(inner)
        inner.fit(X, np.abs(y) if task == "regression" else y)


def inspect_names(estimator: Any) -> set[str]:
    """The parameters of an estimator and of its steps, without the steps' names."""
    return {name.rpartition("__")[2] for name in estimator.get_params()} | {"alpha"}


@pytest.mark.parametrize(
    ("model", "task", "params", "sentence"),
    [
        ("svm", "regression", {"kernel": "cubic"}, "kernel must be 'rbf' or 'linear' or 'poly' or 'sigmoid'"),
        ("svm", "classification", {"epsilon": 0.1}, "svm has no parameter 'epsilon'"),
        ("svm", "regression", {"gamma": "wide"}, "gamma must be a number from 1e-09 to 1e.06 or 'scale' or 'auto'"),
        ("random_forest", "regression", {"criterion": "gini"}, "criterion must be 'squared_error'"),
        ("random_forest", "regression", {"bootstrap": 1}, "bootstrap must be true or false, got 1"),
        (
            "random_forest",
            "regression",
            {"max_depth": True},
            "max_depth must be a whole number from 1",
        ),
        ("mlp_regressor", "regression", {"hidden_layer_sizes": 0}, "a list of at most 5 such numbers"),
        (
            "mlp_regressor",
            "regression",
            {"hidden_layer_sizes": (1,) * 6},
            "hidden_layer_sizes must be a whole number from 1 to 1000 or a list",
        ),
        (
            "mlp_regressor",
            "regression",
            {"hidden_layer_sizes": ()},
            "hidden_layer_sizes must be a whole number from 1 to 1000 or a list",
        ),
        ("naive_bayes", "regression", {}, "no model 'naive_bayes' for regression"),
        ("mlp_classifier", "regression", {}, "no model 'mlp_classifier' for regression"),
    ],
)
def test_what_a_parameter_cannot_be_is_refused_with_what_it_can(
    model: str, task: ml.Task, params: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        ml.check_parameters(ml.find_model_type(model, task), task, params)


def test_a_job_names_a_model_of_the_table() -> None:
    job = {"kind": "training", "dataset": "d", "target": "y", "model": "perceptron"}
    with pytest.raises(ValidationError, match="Input should be 'linear_regression', 'ridge'"):
        TrainingJob.model_validate(job)
    shown = TrainingJob.model_json_schema()["properties"]
    assert shown["model"]["enum"] == [model.name for model in ml.JOB_MODELS]
    for model in ml.MODEL_TYPES:
        assert all(parameter.name in shown["params"]["description"] for parameter in model.parameters)


def test_parameters_of_every_kind_come_back_from_json() -> None:
    values = {"n": 3, "x": 0.5, "w": "scale", "f": True, "s": (5, 2)}
    frame = pd.DataFrame({"a": [1.0], "target": [1.0]})
    job = spec_of(frame, "regression", "svm", values)
    assert ml.TrainingSpec.model_validate_json(job.model_dump_json()).values == values
    assert [type(value) for value in ml.TrainingSpec.model_validate(json.loads(job.model_dump_json())).values.values()]


def test_more_terms_than_can_be_fitted_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 62)), columns=[f"x{i}" for i in range(62)])
    frame = frame.assign(target=frame["x0"])
    with pytest.raises(ValueError, match="polynomial_regression makes 2015 terms of 62 columns; it can fit 2000"):
        fit(frame, "regression", "polynomial_regression", {}, tmp_path / "m")
    assert fit(frame, "regression", "polynomial_regression", {"interaction_only": True}, tmp_path / "m")


def test_a_machine_of_vectors_takes_so_many_rows_and_says_so(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(size=25_010)
    frame = pd.DataFrame({"x": x, "target": np.where(x > 2.5, "a", "b")})
    found = fit(frame, "classification", "svm", {}, tmp_path / "m")
    assert found.rows.train == 20_000
    assert (
        "svm takes 20000 training rows at most: it was fitted to 20000 of the 20008, drawn at random" in found.warnings
    )


def test_a_network_that_has_not_settled_is_said_to(tmp_path: Path) -> None:
    frame = load_diabetes(as_frame=True).frame
    found = fit(frame, "regression", "mlp_regressor", {"max_iter": 3}, tmp_path / "m")
    assert "network_not_settled" in found.warning_codes
    assert found.coefficients is None
