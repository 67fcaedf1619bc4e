"""Questions of benchmarks, "split 80/20 with seed 42, train X, what is the score": a job says them, to the digit.

Each has plain scikit-learn code for its answer, with that library's own defaults; the job goes through the tools.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn import datasets, metrics
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, PolynomialFeatures, RobustScaler, StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from adapters.data.parquet import read_parquet
from adapters.store.approvals import ApprovalTable
from evals.world.home import PENGUINS, build_in, used_home
from runtime.session import Session
from tools import ml
from tools.errors import ToolError

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SEED = {"random_state": 42}
NUMBERS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
MIXED = ["bill_length_mm", "island", "bill_depth_mm", "sex"]


@dataclass(frozen=True)
class Question:
    """A table, a job on it, and what plain code does: an estimator or a pipeline, and what is done to the table."""

    table: str
    target: str
    features: list[str] | None
    own: Any
    model: str
    job: dict[str, Any] = field(default_factory=dict)
    split: dict[str, Any] = field(default_factory=dict)
    plain: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame
    steps: tuple[dict[str, Any], ...] = ()


def params(**values: Any) -> dict[str, Any]:
    return {"params": [{"name": name, "value": value} for name, value in values.items()]}


def whole(*columns: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.dropna(subset=list(columns))


def coded(frame: pd.DataFrame) -> pd.DataFrame:
    """Label-encoded in place, as answers to such questions are."""
    kept = frame.dropna(subset=[*MIXED, "species", "body_mass_g"]).copy()
    for name in ("island", "sex"):
        kept[name] = kept[name].astype("category").cat.codes
    return kept


def dummies(frame: pd.DataFrame) -> pd.DataFrame:
    kept = frame.dropna(subset=[*MIXED, "body_mass_g"])
    return pd.get_dummies(kept[[*MIXED, "body_mass_g"]], drop_first=True, dtype="float64")


def prepared(own: Any, fill: str, scaler: Any, drop: str | None) -> Any:
    numbers = make_pipeline(SimpleImputer(strategy=fill), scaler)
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(drop=drop, sparse_output=False))
    names = ["bill_length_mm", "bill_depth_mm"], ["island", "sex"]
    return make_pipeline(ColumnTransformer([("n", numbers, names[0]), ("w", words, names[1])]), own)


SUGAR = ("diabetes", "target", None)
WINE = ("wine", "target", None)
CANCER = ("cancer", "target", None)
MASS = ("penguins", "body_mass_g")
KIND = ("penguins", "species")
DROP = {"missing": "drop"}
ORDINAL = {**DROP, "encode": "ordinal"}
WORDS = {"missing_words": "most_frequent"}
FILLED = SimpleImputer(strategy="constant", fill_value=-1)

QUESTIONS = (
    Question(*SUGAR, LinearRegression(), "linear_regression"),
    Question(*SUGAR, LinearRegression(fit_intercept=False), "linear_regression", params(fit_intercept=False)),
    Question(
        "diabetes",
        "target",
        ["bmi", "bp"],
        LinearRegression(),
        "linear_regression",
        {"test_size": 0.3},
        {"test_size": 0.3},
    ),
    Question(
        *SUGAR, LinearRegression(), "linear_regression", {"shuffle": False}, {"shuffle": False, "random_state": None}
    ),
    Question(
        *SUGAR,
        LinearRegression(),
        "linear_regression",
        {"seed": 0, "test_size": 0.25},
        {"random_state": 0, "test_size": 0.25},
    ),
    Question(*SUGAR, Ridge(), "ridge"),
    Question(*SUGAR, Ridge(alpha=0.1, solver="cholesky"), "ridge", params(alpha=0.1, solver="cholesky")),
    Question(
        *SUGAR, make_pipeline(StandardScaler(), Ridge(alpha=10)), "ridge", {**params(alpha=10), "scale": "standard"}
    ),
    Question(*SUGAR, Lasso(), "lasso"),
    Question(*SUGAR, Lasso(alpha=0.1, max_iter=5000), "lasso", params(alpha=0.1, max_iter=5000)),
    Question(
        *SUGAR, make_pipeline(MinMaxScaler(), Lasso(alpha=0.5)), "lasso", {**params(alpha=0.5), "scale": "minmax"}
    ),
    Question(*SUGAR, ElasticNet(alpha=0.01, l1_ratio=0.7), "elastic_net", params(alpha=0.01, l1_ratio=0.7)),
    Question(
        "diabetes",
        "target",
        ["bmi"],
        make_pipeline(PolynomialFeatures(3), LinearRegression()),
        "polynomial_regression",
        params(degree=3),
    ),
    Question(*SUGAR, DecisionTreeRegressor(**SEED), "decision_tree"),
    Question(
        *SUGAR,
        DecisionTreeRegressor(max_depth=3, min_samples_leaf=5, **SEED),
        "decision_tree",
        params(max_depth=3, min_samples_leaf=5),
    ),
    Question(*SUGAR, RandomForestRegressor(30, **SEED), "random_forest", params(n_estimators=30)),
    Question(
        *SUGAR,
        RandomForestRegressor(30, max_features=3, random_state=0),
        "random_forest",
        params(n_estimators=30, max_features=3, random_state=0),
    ),
    Question(*SUGAR, GradientBoostingRegressor(**SEED), "exact_gradient_boosting"),
    Question(*SUGAR, HistGradientBoostingRegressor(max_iter=20, **SEED), "gradient_boosting", params(max_iter=20)),
    Question(*SUGAR, SVR(), "svm"),
    Question(
        *SUGAR,
        make_pipeline(StandardScaler(), SVR(kernel="poly", C=10, coef0=1)),
        "svm",
        {**params(kernel="poly", C=10, coef0=1), "scale": "standard"},
    ),
    Question(*SUGAR, KNeighborsRegressor(), "k_nearest_neighbors"),
    Question(
        *SUGAR,
        KNeighborsRegressor(7, weights="distance", metric="manhattan"),
        "k_nearest_neighbors",
        params(n_neighbors=7, weights="distance", metric="manhattan"),
    ),
    Question(
        *SUGAR,
        make_pipeline(StandardScaler(), MLPRegressor(hidden_layer_sizes=(20,), max_iter=200, **SEED)),
        "mlp_regressor",
        {**params(hidden_layer_sizes=20, max_iter=200), "scale": "standard"},
    ),
    Question(*CANCER, LogisticRegression(), "logistic_regression"),
    Question(*CANCER, LogisticRegression(max_iter=5000, C=0.5), "logistic_regression", params(max_iter=5000, C=0.5)),
    Question(
        *CANCER, LogisticRegression(solver="liblinear", **SEED), "logistic_regression", params(solver="liblinear")
    ),
    Question(
        *CANCER,
        make_pipeline(StandardScaler(), LogisticRegression(**SEED)),
        "logistic_regression",
        {"scale": "standard", "stratify": True},
        {"stratify": True},
    ),
    Question(
        *CANCER, DecisionTreeClassifier(criterion="entropy", **SEED), "decision_tree", params(criterion="entropy")
    ),
    Question(*CANCER, RandomForestClassifier(40, **SEED), "random_forest", params(n_estimators=40)),
    Question(
        *CANCER,
        RandomForestClassifier(40, class_weight="balanced", random_state=1),
        "random_forest",
        params(n_estimators=40, class_weight="balanced", random_state=1),
    ),
    Question(
        *CANCER,
        GradientBoostingClassifier(n_estimators=20, subsample=0.5, **SEED),
        "exact_gradient_boosting",
        params(n_estimators=20, subsample=0.5),
    ),
    Question(*WINE, HistGradientBoostingClassifier(max_iter=10, **SEED), "gradient_boosting", params(max_iter=10)),
    Question(*WINE, SVC(), "svm"),
    Question(
        *WINE,
        make_pipeline(RobustScaler(), SVC(kernel="linear", C=0.1)),
        "svm",
        {**params(kernel="linear", C=0.1), "scale": "robust"},
    ),
    Question(*WINE, KNeighborsClassifier(3), "k_nearest_neighbors", params(n_neighbors=3)),
    Question(
        *WINE,
        GaussianNB(),
        "naive_bayes",
        {"stratify": True, "test_size": 0.3, "seed": 1},
        {"stratify": True, "test_size": 0.3, "random_state": 1},
    ),
    Question(
        *WINE,
        make_pipeline(StandardScaler(), MLPClassifier((10, 5), max_iter=100, **SEED)),
        "mlp_classifier",
        {**params(hidden_layer_sizes=[10, 5], max_iter=100), "scale": "standard"},
    ),
    Question(*MASS, NUMBERS, LinearRegression(), "linear_regression", DROP, plain=whole(*NUMBERS, "body_mass_g")),
    Question(
        *MASS,
        NUMBERS,
        make_pipeline(SimpleImputer(), KNeighborsRegressor()),
        "k_nearest_neighbors",
        {"missing": "mean"},
    ),
    Question(
        *MASS,
        NUMBERS,
        make_pipeline(FILLED, DecisionTreeRegressor(**SEED)),
        "decision_tree",
        {"missing": "constant", "fill_value": -1},
    ),
    Question(
        *MASS,
        MIXED,
        RandomForestRegressor(20, **SEED),
        "random_forest",
        {**ORDINAL, **params(n_estimators=20)},
        plain=coded,
    ),
    Question(
        *KIND,
        MIXED,
        RandomForestClassifier(20, **SEED),
        "random_forest",
        {**ORDINAL, **params(n_estimators=20)},
        plain=coded,
    ),
    Question(
        *MASS,
        MIXED,
        RandomForestRegressor(20, **SEED),
        "random_forest",
        {**DROP, "encode": "onehot_drop_first", **params(n_estimators=20)},
        plain=dummies,
    ),
    Question(
        *KIND,
        MIXED,
        prepared(LogisticRegression(), "median", StandardScaler(), "first"),
        "logistic_regression",
        {**WORDS, "scale": "standard", "encode": "onehot_drop_first"},
    ),
    Question(
        *KIND,
        MIXED,
        prepared(SVC(), "mean", MinMaxScaler(), "if_binary"),
        "svm",
        {**WORDS, "missing": "mean", "scale": "minmax", "encode": "onehot_drop_binary"},
    ),
    Question(
        "penguins",
        "log_mass",
        NUMBERS,
        Ridge(),
        "ridge",
        DROP,
        plain=lambda frame: frame.assign(log_mass=np.log(frame["body_mass_g"])).dropna(subset=NUMBERS),
        steps=({"op": "derive", "column": "log_mass", "expression": "ln(body_mass_g)"},),
    ),
    Question(
        "penguins",
        "body_mass_g",
        ["ratio"],
        LinearRegression(),
        "linear_regression",
        DROP,
        plain=lambda frame: frame.assign(ratio=frame["bill_length_mm"] / frame["bill_depth_mm"]).dropna(
            subset=["ratio"]
        ),
        steps=({"op": "derive", "column": "ratio", "expression": "bill_length_mm / bill_depth_mm"},),
    ),
    Question(
        *MASS,
        NUMBERS,
        LinearRegression(),
        "linear_regression",
        plain=lambda frame: frame.fillna({name: frame[name].mean() for name in NUMBERS}),
        steps=({"op": "fill_missing", "columns": NUMBERS, "method": "mean"},),
    ),
    Question(
        "penguins",
        "species",
        NUMBERS,
        KNeighborsClassifier(),
        "k_nearest_neighbors",
        plain=lambda frame: (kept := frame.dropna()).assign(
            **{name: (kept[name] - kept[name].mean()) / kept[name].std(ddof=0) for name in NUMBERS}
        ),
        steps=({"op": "drop_missing"}, {"op": "scale", "columns": NUMBERS, "method": "standard"}),
    ),
)


@functools.cache
def frames() -> Mapping[str, pd.DataFrame]:
    loaders = {"diabetes": datasets.load_diabetes, "wine": datasets.load_wine, "cancer": datasets.load_breast_cancer}
    return {name: load(as_frame=True).frame for name, load in loaders.items()} | {"penguins": pd.read_csv(PENGUINS)}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("questions")
    built = build_in(used_home(folder / "home"))
    for name, frame in frames().items():
        frame.to_csv(folder / f"{name}.csv", index=False)
        built.call_tool("load_dataset", json.dumps({"source": str(folder / f"{name}.csv")}), None)
    yield built
    built.program.close()


def call(session: Session, name: str, arguments: Any) -> Any:
    return session.call_tool(name, json.dumps(arguments), None).content


def ours(session: Session, asked: Question, folder: Path, **more: Any) -> ml.Metadata:
    """What the job's own spec, as the quote froze it, finds on the dataset's own rows."""
    name = asked.table
    if asked.steps:
        made = {"dataset": name, "steps": asked.steps}
        name = call(session, "transform", made)["dataset"]
    is_classes = asked.table in ("wine", "cancer") or asked.target == "species"
    task = "classification" if is_classes else "regression"
    given = {"features": asked.features} if asked.features else {}
    job: dict[str, Any] = {
        "kind": "training",
        "dataset": name,
        "target": asked.target,
        "model": asked.model,
        "task": task,
    }
    job |= {**given, "defaults": "scikit_learn", **asked.job, **more}
    quotes = call(session, "estimate_cost", {"job": job})["quotes"]
    quote = ApprovalTable(session.program.database).quote(session.person.owner_id, quotes[0]["quote_id"])
    assert quote is not None
    session.data.export(session.data.get(name), folder / "table.parquet")
    frame = read_parquet(folder / "table.parquet")
    return ml.fit_job(quote.job.training, frame, "sha", folder / "m", lambda sentence, fraction: None)


def parts(asked: Question) -> tuple[Any, ...]:
    frame = asked.plain(frames()[asked.table].dropna(subset=["body_mass_g"] if asked.target == "body_mass_g" else []))
    frame = frame[frame[asked.target].notna()]
    named = [name for name in asked.features or frame.columns if name in frame.columns and name != asked.target]
    X, y = frame[named], frame[asked.target]
    if asked.plain is dummies:
        X = frame.drop(columns=asked.target)
    split = {"test_size": 0.2, **SEED, **asked.split}
    if split.get("stratify"):
        split["stratify"] = y
    return X, y, train_test_split(X, y, **split)


def scores_of(y: Any, predicted: Any, task: str) -> dict[str, float]:
    if task == "regression":
        return {
            "r2": metrics.r2_score(y, predicted),
            "rmse": metrics.root_mean_squared_error(y, predicted),
            "mse": metrics.mean_squared_error(y, predicted),
            "mae": metrics.mean_absolute_error(y, predicted),
            "mape": metrics.mean_absolute_percentage_error(y, predicted),
        }
    found = {"accuracy": metrics.accuracy_score(y, predicted)}
    for average in ("macro", "weighted"):
        found[f"f1_{average}"] = metrics.f1_score(y, predicted, average=average)
        found[f"precision_{average}"] = metrics.precision_score(y, predicted, average=average)
    found["recall_macro"] = metrics.recall_score(y, predicted, average="macro")
    if len(np.unique(y)) == 2:
        found |= {
            "f1": metrics.f1_score(y, predicted),
            "precision": metrics.precision_score(y, predicted),
            "recall": metrics.recall_score(y, predicted),
        }
    return found


@pytest.mark.parametrize("asked", QUESTIONS, ids=range(1, len(QUESTIONS) + 1))
def test_a_question_has_the_answer_of_plain_code(asked: Question, session: Session, tmp_path: Path) -> None:
    _, _, (train, test, y_train, y_test) = parts(asked)
    found = ours(session, asked, tmp_path)
    expected = scores_of(y_test, asked.own.fit(train, y_train).predict(test), found.spec.task)
    assert found.rows.test == len(test)
    assert {name: found.metrics[name] for name in expected} == pytest.approx(expected, rel=1e-9, abs=1e-12)
    if isinstance(asked.own, LinearRegression | Lasso | Ridge) and asked.plain is not dummies:
        slopes = [line.estimate for line in found.coefficients or ()]
        assert slopes == pytest.approx(asked.own.coef_.tolist(), rel=1e-7, abs=1e-9)
        assert found.intercept == pytest.approx(asked.own.intercept_, rel=1e-7, abs=1e-9)


def test_the_area_under_the_curve_is_roc_auc_score(session: Session, tmp_path: Path) -> None:
    asked = Question(*WINE, GaussianNB(), "naive_bayes")
    _, _, (train, test, y_train, y_test) = parts(asked)
    shares = asked.own.fit(train, y_train).predict_proba(test)
    expected = metrics.roc_auc_score(y_test, shares, multi_class="ovr")
    assert ours(session, asked, tmp_path).metrics["roc_auc"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("asked", [Question(*SUGAR, Ridge(), "ridge"), Question(*WINE, GaussianNB(), "naive_bayes")])
def test_folds_are_those_of_cross_val_score(asked: Question, session: Session, tmp_path: Path) -> None:
    X, y, _ = parts(asked)
    found = ours(session, asked, tmp_path, cv={"folds": 5}).cross_validated
    assert found is not None
    main = "r2" if asked.model == "ridge" else "accuracy"
    assert found.scores[main].folds == pytest.approx(cross_val_score(asked.own, X, y, cv=5).tolist(), rel=1e-9)


@pytest.mark.parametrize(
    ("job", "words"),
    [
        ({**params(penalty="l1")}, "logistic_regression has no parameter 'penalty'; it has C"),
        ({"stratify": True, "shuffle": False}, "stratify: rows that are not shuffled cannot be stratified"),
        ({"missing": "keep"}, "missing: logistic_regression takes no missing numbers; decision_tree"),
        ({"fill_value": 2}, "fill_value: it is for missing: constant, not usual"),
    ],
)
def test_what_cannot_be_said_is_refused_by_its_name(job: Any, words: str, session: Session, tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        ours(session, Question(*CANCER, None, "logistic_regression", job), tmp_path)
    assert words in str(caught.value)
