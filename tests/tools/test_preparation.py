"""What a job says of its columns and rows is done as plain scikit-learn code does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from evals.world.home import PENGUINS, build_in, used_home
from runtime.session import Session
from tools import ml
from tools.errors import ToolError

NUMBERS, WORDS = ["bill_length_mm", "flipper_length_mm"], ["island", "sex"]
FEATURES = (
    *(ml.Feature(name=name, kind="number") for name in NUMBERS),
    *(ml.Feature(name=name, kind="category") for name in WORDS),
)


@pytest.fixture(scope="module")
def penguins() -> pd.DataFrame:
    return pd.read_csv(PENGUINS)


def fit(frame: pd.DataFrame, folder: Path, model: str, **more: Any) -> Any:
    given: dict[str, Any] = {"target": "body_mass_g", "task": "regression", "features": FEATURES, "model": model}
    spec = ml.TrainingSpec(**{**given, **more})
    return ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: None)


def values(**params: Any) -> tuple[ml.ParameterValue, ...]:
    return tuple(ml.ParameterValue(name=name, value=value) for name, value in params.items())


def test_rows_dropped_dummies_and_no_scaling_are_those_of_pandas(penguins: pd.DataFrame, tmp_path: Path) -> None:
    whole = penguins.dropna(subset=[*NUMBERS, *WORDS, "body_mass_g"])
    X, y = pd.get_dummies(whole[[*NUMBERS, *WORDS]], dtype="float64"), whole["body_mass_g"]
    train, test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
    own = RandomForestRegressor(50, random_state=0).fit(train, y_train).predict(test)
    found = fit(
        penguins,
        tmp_path / "m",
        "random_forest",
        params=values(n_estimators=50),
        preparation=ml.Preparation(missing="drop", scale="none", scale_target=False),
        test_size=0.3,
        seed=0,
    )
    assert found.metrics["rmse"] == pytest.approx(root_mean_squared_error(y_test, own), rel=1e-9)
    assert found.rows.train + found.rows.test == len(whole) == 333
    assert found.warning_codes[:1] + found.warning_codes[-1:] == ("without_target", "dropped_rows")


def test_means_a_range_of_one_and_codes(penguins: pd.DataFrame, tmp_path: Path) -> None:
    labelled = penguins[penguins["body_mass_g"].notna()]
    train, test = train_test_split(labelled, test_size=0.2, random_state=42)
    prepare = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), MinMaxScaler()), NUMBERS),
            (
                "words",
                make_pipeline(SimpleImputer(strategy="constant", fill_value="(missing)"), OrdinalEncoder()),
                WORDS,
            ),
        ]
    )
    own = make_pipeline(prepare, KNeighborsRegressor(algorithm="brute")).fit(train, train["body_mass_g"])
    found = fit(
        penguins,
        tmp_path / "m",
        "k_nearest_neighbors",
        preparation=ml.Preparation(missing="mean", scale="minmax", encode="ordinal"),
    )
    assert found.metrics["r2"] == pytest.approx(r2_score(test["body_mass_g"], own.predict(test)), abs=1e-12)


def test_the_most_frequent_value_of_words_too(penguins: pd.DataFrame, tmp_path: Path) -> None:
    labelled = penguins[penguins["body_mass_g"].notna()]
    train, test = train_test_split(labelled, test_size=0.2, random_state=42)
    usual = SimpleImputer(strategy="most_frequent")
    prepare = ColumnTransformer(
        [("numbers", usual, NUMBERS), ("words", make_pipeline(usual, OneHotEncoder(drop="first")), WORDS)]
    )
    own = make_pipeline(prepare, LinearRegression()).fit(train, train["body_mass_g"])
    found = fit(penguins, tmp_path / "m", "linear_regression", preparation=ml.Preparation(missing="most_frequent"))
    assert found.metrics["r2"] == pytest.approx(r2_score(test["body_mass_g"], own.predict(test)), abs=1e-9)


def test_a_split_without_strata_is_train_test_splits(penguins: pd.DataFrame, tmp_path: Path) -> None:
    whole = penguins.dropna(subset=NUMBERS)
    train, test = train_test_split(whole, test_size=0.25, random_state=7)
    own = DecisionTreeClassifier(random_state=7).fit(train[NUMBERS], train["species"])
    found = fit(
        penguins,
        tmp_path / "m",
        "decision_tree",
        target="species",
        task="classification",
        features=FEATURES[:2],
        preparation=ml.Preparation(missing="drop", scale="none"),
        test_size=0.25,
        seed=7,
        stratify=False,
    )
    assert found.metrics["accuracy"] == accuracy_score(test["species"], own.predict(test[NUMBERS]))
    assert found.stratified is False
    assert "not_stratified" not in found.warning_codes


@pytest.mark.parametrize("scale", ["none", "minmax", "robust"])
@pytest.mark.parametrize("encode", ["onehot", "ordinal"])
def test_coefficients_are_in_the_units_of_the_table_however_it_is_scaled(
    scale: Any, encode: Any, penguins: pd.DataFrame, tmp_path: Path
) -> None:
    one, other = (
        fit(penguins, tmp_path / s, "linear_regression", preparation=ml.Preparation(scale=s, encode=encode))
        for s in ("standard", scale)
    )
    found, expected = ({line.term: line.estimate for line in each.coefficients} for each in (other, one))
    assert found == pytest.approx(expected, rel=1e-7)
    assert other.intercept == pytest.approx(one.intercept, rel=1e-6)
    assert ("sex" in found) == (encode == "ordinal")


def test_strata_that_cannot_be_are_refused(penguins: pd.DataFrame, tmp_path: Path) -> None:
    few = penguins.assign(species=np.where(penguins.index == 3, "rare", penguins["species"]))
    with pytest.raises(ValueError, match="some values of 'species' are too rare for strata: leave out stratify"):
        fit(few, tmp_path / "m", "decision_tree", target="species", task="classification", stratify=True)


@pytest.fixture
def session(tmp_path: Path) -> Any:
    built = build_in(used_home(tmp_path / "home"))
    built.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    yield built
    built.program.close()


def quote(session: Session, **job: Any) -> Any:
    whole = {"kind": "training", "dataset": "penguins", "target": "year", "model": "logistic_regression", **job}
    return session.call_tool("estimate_cost", json.dumps({"job": whole}), None).content


def refusal(session: Session, **job: Any) -> str:
    with pytest.raises(ToolError) as caught:
        quote(session, **job)
    return str(caught.value)


def test_numbers_are_told_apart_as_classes_when_that_is_asked(session: Session, tmp_path: Path) -> None:
    assert "no model 'logistic_regression' for regression" in refusal(session)
    assert quote(session, task="classification")["task"] == "classification"
    assert "94 different values: too many classes" in refusal(session, task="classification", target="body_mass_g")
    words = refusal(session, task="regression", target="species", model="ridge")
    assert "'species' holds text: a regression predicts numbers" in words
    frame = pd.read_csv(PENGUINS)
    train, test = train_test_split(frame, test_size=0.2, random_state=42, stratify=frame["year"])
    own = LogisticRegression(C=1.0, max_iter=10_000, tol=1e-6).fit(train[["year"]] - 2008, train["year"])
    features = (ml.Feature(name="year", kind="number"),)
    spec: dict[str, Any] = {"target": "year", "task": "classification", "features": features}
    found = fit(frame, tmp_path / "m", "logistic_regression", params=values(C=1.0), **spec)
    assert found.metrics["accuracy"] == accuracy_score(test["year"], own.predict(test[["year"]] - 2008))


def test_a_choice_that_the_task_does_not_have_is_named(session: Session) -> None:
    assert "stratify: a regression has no such choice" in refusal(session, model="ridge", stratify=True)
    words = refusal(session, task="classification", scale_target=True)
    assert "scale_target: a classification has no such choice" in words


@pytest.mark.parametrize(
    ("model", "target", "params", "word"),
    [
        ("ridge", "body_mass_g", {"solver": "sag", "positive": True}, "positive"),
        ("logistic_regression", "species", {"solver": "liblinear"}, "multiclass"),
        ("logistic_regression", "species", {"l1_ratio": 0.5}, "elasticnet"),
        ("random_forest", "species", {"bootstrap": False, "max_samples": 0.5}, "bootstrap"),
        ("k_nearest_neighbors", "species", {"metric": "cosine", "algorithm": "kd_tree"}, "cosine"),
        ("exact_gradient_boosting", "species", {"loss": "exponential"}, "binary"),
    ],
)
def test_parameters_that_exclude_each_other_are_refused_before_there_is_a_price(
    session: Session, model: str, target: str, params: dict[str, Any], word: str
) -> None:
    given = [{"name": name, "value": value} for name, value in params.items()]
    words = refusal(session, model=model, target=target, params=given)
    assert words.startswith(f"params: scikit-learn does not take these for {model}: ")
    assert word in words


@pytest.mark.parametrize("params", [{"max_samples": 5_000, "n_estimators": 5_000}, {"min_samples_leaf": 300}])
def test_what_many_rows_or_much_time_need_is_no_refusal(session: Session, params: dict[str, Any]) -> None:
    given = [{"name": name, "value": value} for name, value in params.items()]
    assert quote(session, model="random_forest", target="species", params=given)["task"] == "classification"


def test_a_tree_of_counts_is_fitted_to_counts(penguins: pd.DataFrame, tmp_path: Path) -> None:
    rows = penguins.dropna(subset=["body_mass_g"])
    X, y = rows[NUMBERS], rows["body_mass_g"]
    train, test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=42)
    own = DecisionTreeRegressor(criterion="poisson", max_depth=4, random_state=42).fit(train, y_train)
    params = values(criterion="poisson", max_depth=4)
    found = fit(penguins, tmp_path / "m", "decision_tree", features=FEATURES[:2], params=params)
    assert found.metrics["r2"] == pytest.approx(r2_score(y_test, own.predict(test)), abs=1e-9)
