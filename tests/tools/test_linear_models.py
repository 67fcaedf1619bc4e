"""Linear models on categories and equal columns, against least squares on a design of full rank that NumPy solves."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LassoCV
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tools import ml
from tools.ml.estimators import make_estimator
from tools.ml.preprocessing import build_pipeline

WHOSE = ml.Whose("ann", "the_model", "job_1")
CELL = pd.DataFrame({"p": ["a"], "q": ["u"], "r": ["x"]})


def categories(*names: str) -> tuple[ml.Feature, ...]:
    return tuple(ml.Feature(name=name, kind="category") for name in names)


def numbers(*names: str) -> tuple[ml.Feature, ...]:
    return tuple(ml.Feature(name=name, kind="number") for name in names)


def train(frame: pd.DataFrame, folder: Path, model: str, features: tuple[ml.Feature, ...], **more: Any) -> Any:
    """The metadata of a model of `y`, and its predictions as a function of a table."""
    given: dict[str, Any] = {"target": "y", "task": "regression", **more}
    spec = ml.TrainingSpec(features=features, model=model, **given)
    metadata = ml.fit_job(spec, frame, "sha", folder, lambda sentence, fraction: None)
    ml.sign_model(folder, WHOSE, b"key")
    pipeline, _ = ml.load_model(folder, WHOSE, b"key")
    return metadata, lambda rows: ml.predict_table(pipeline, metadata, rows).table["prediction"].to_numpy()


def forty_rows() -> pd.DataFrame:
    rng = np.random.default_rng(196)
    words = {"p": list("ab"), "q": list("uvw"), "r": list("xyz")}
    frame = pd.DataFrame({name: rng.choice(words[name], 40) for name in words})
    return frame.assign(y=rng.normal(size=40).round(1))


@pytest.mark.parametrize("order", list(permutations("pqr")))
def test_least_squares_on_three_categories_is_exact_in_any_order(order: tuple[str, ...], tmp_path: Path) -> None:
    """Drop-first least squares (numpy.linalg.lstsq) on the same 32 rows: cell a,u,x -0.27607, test RMSE 1.27956."""
    metadata, predict = train(forty_rows(), tmp_path / "m", "linear_regression", categories(*order))
    assert predict(CELL)[0] == pytest.approx(-0.2760708134511674, abs=1e-12)
    assert metadata.metrics["rmse"] == pytest.approx(1.2795568949677685, abs=1e-12)


def test_ridge_without_a_penalty_is_least_squares(tmp_path: Path) -> None:
    params = (ml.ParameterValue(name="alpha", value=0.0),)
    metadata, predict = train(forty_rows(), tmp_path / "m", "ridge", categories("p", "q", "r"), params=params)
    assert predict(CELL)[0] == pytest.approx(-0.2760708134511674, abs=1e-12)
    assert metadata.metrics["rmse"] == pytest.approx(1.2795568949677685, abs=1e-12)


def fitted(frame: pd.DataFrame, features: tuple[ml.Feature, ...]) -> NDArray[np.float64]:
    """What the catalogue's least squares gives for the rows that it was fitted to."""
    job = ml.TrainingSpec(target="y", task="regression", features=features, model="linear_regression")
    estimator = make_estimator(ml.find_model_type(job.model, job.task), job, {})
    pipeline = build_pipeline(job.kinds, estimator)
    return np.asarray(pipeline.fit(frame, frame["y"]).predict(frame))


def projected(frame: pd.DataFrame, columns: pd.DataFrame) -> NDArray[np.float64]:
    """Least squares on an intercept and these columns, which are of full rank, by NumPy."""
    scaled = ((columns - columns.mean()) / columns.std()).to_numpy(dtype="float64")
    X = np.column_stack([np.ones(len(frame)), scaled])
    assert np.linalg.matrix_rank(X) == X.shape[1]
    return np.asarray(X @ np.linalg.lstsq(X, frame["y"], rcond=None)[0])


@pytest.mark.parametrize("n_categories", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(6))
def test_one_to_five_noisy_categories_fit_as_with_a_dropped_level(n_categories: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = [f"c{place}" for place in range(n_categories)]
    frame = pd.DataFrame({name: rng.choice(list("abcdef"), 150) for name in names}).assign(y=rng.normal(5, 3, 150))
    expected = projected(frame, pd.get_dummies(frame[names], drop_first=True).astype("float64"))
    assert fitted(frame, categories(*names)) == pytest.approx(expected, abs=1e-12)


def test_equal_columns_and_the_same_in_other_units_change_nothing() -> None:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"celsius": rng.normal(20, 2, 90), "g": rng.choice(list("abc"), 90)})
    frame = frame.assign(again=frame["celsius"], fahrenheit=frame["celsius"] * 1.8 + 32, same=frame["g"] + "!")
    frame = frame.assign(y=frame["celsius"] + rng.normal(size=90))
    own = frame[["celsius"]].join(pd.get_dummies(frame["g"], drop_first=True).astype("float64"))
    found = fitted(frame, numbers("celsius", "again", "fahrenheit") + categories("g", "same"))
    assert found == pytest.approx(projected(frame, own), abs=1e-11)


def test_a_category_inside_another_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"city": rng.choice(list("abcdef"), 90), "y": rng.normal(size=90)})
    frame = frame.assign(country=frame["city"].map(dict(zip("abcdef", "xxyyzz", strict=True))))
    own = pd.get_dummies(frame["city"], drop_first=True).astype("float64")
    assert fitted(frame, categories("country", "city")) == pytest.approx(projected(frame, own), abs=1e-12)


def test_the_parts_of_a_date_within_one_month_are_one_number_and_a_weekday() -> None:
    rng = np.random.default_rng(5)
    when = pd.Timestamp("2024-03-01") + pd.to_timedelta(rng.integers(0, 28, 120), "D")
    frame = pd.DataFrame({"when": when, "y": rng.normal(size=120)})
    own = pd.DataFrame({"day": when.day, "weekday": when.day_of_week}).astype("float64")
    found = fitted(frame, (ml.Feature(name="when", kind="date"),))
    assert found == pytest.approx(projected(frame, own), abs=1e-12)


def two_slopes() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(3, 2, 400), "b": rng.normal(size=400)})
    return frame.assign(y=0.5 * frame["a"] - 0.3 * frame["b"] + rng.normal(0, 0.05, 400))


def test_lasso_chooses_its_penalty_as_scikit_learns_own_search_does(tmp_path: Path) -> None:
    """LassoCV on the same training rows, by itself; the slopes are those that made the data, 0.5 and -0.3."""
    frame = two_slopes()
    metadata, _ = train(frame, tmp_path / "m", "lasso", numbers("a", "b"))
    rows, test = train_test_split(frame, test_size=0.2, random_state=42)
    theirs = make_pipeline(StandardScaler(), LassoCV()).fit(rows[["a", "b"]], rows["y"])
    assert metadata.metrics["r2"] == pytest.approx(theirs.score(test[["a", "b"]], test["y"]), abs=1e-3)
    assert {line.term: line.estimate for line in metadata.coefficients} == pytest.approx(
        {"a": 0.5, "b": -0.3}, abs=0.01
    )
    assert (metadata.n_nonzero, metadata.n_coefficients, metadata.warnings) == (2, 2, ())
    assert (metadata.penalty.chosen_by, metadata.penalty.n_rows) == ("cross_validation", 320)


@pytest.mark.parametrize("model", ["lasso", "ridge", "linear_regression"])
@pytest.mark.parametrize("factor", [1000.0, 1e-12])
def test_another_unit_of_the_target_changes_nothing_but_units(model: str, factor: float, tmp_path: Path) -> None:
    frame = two_slopes()
    one, _ = train(frame, tmp_path / "one", model, numbers("a", "b"))
    other, _ = train(frame.assign(y=frame["y"] * factor), tmp_path / "other", model, numbers("a", "b"))
    assert other.metrics["r2"] == pytest.approx(one.metrics["r2"], rel=1e-9)
    assert other.metrics["rmse"] == pytest.approx(one.metrics["rmse"] * factor, rel=1e-9)
    assert other.intercept == pytest.approx(one.intercept * factor, rel=1e-7)
    for mine, theirs in zip(other.coefficients, one.coefficients, strict=True):
        assert mine.estimate == pytest.approx(theirs.estimate * factor, rel=1e-7)


def test_a_given_penalty_stands_and_one_that_leaves_nothing_is_said(tmp_path: Path) -> None:
    alpha = (ml.ParameterValue(name="alpha", value=1.0),)
    metadata, _ = train(two_slopes(), tmp_path / "m", "lasso", numbers("a", "b"), params=alpha, test_size=0.25)
    assert metadata.penalty.as_json() == {"parameter": "alpha", "value": 1.0, "chosen_by": "given"}
    assert (metadata.n_nonzero, metadata.against_baseline) == (0, "not_better")
    assert "on 100 test rows" in metadata.warnings[0]
    assert "leave it out to have it chosen" in metadata.warnings[1]


def linear(metadata: Any, frame: pd.DataFrame, class_: str | None = None) -> NDArray[np.float64]:
    """The coefficients (of one class) times the columns, by the names of the terms."""
    total = np.zeros(len(frame))
    for line in metadata.coefficients:
        if line.of_class != class_:
            continue
        column, _, level = line.term.partition("[")
        values = frame[column] == level.rstrip("]") if level else frame[column]
        total += line.estimate * values.to_numpy(dtype="float64")
    return total


@pytest.mark.parametrize("model", ["linear_regression", "ridge", "lasso"])
def test_intercept_and_coefficients_give_the_predictions(model: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"t": rng.normal(1950, 30, 200), "g": rng.choice(list("abc"), 200)})
    frame = frame.assign(y=frame["t"] / 10 + frame["g"].map({"a": 0, "b": 5, "c": -2}) + rng.normal(size=200))
    metadata, predict = train(frame, tmp_path / "m", model, numbers("t") + categories("g"))
    found = metadata.intercept + linear(metadata, frame)
    assert found == pytest.approx(predict(frame), abs=1e-9)


def test_the_coefficients_of_least_squares_are_those_of_a_dropped_first_level(tmp_path: Path) -> None:
    frame = forty_rows()
    metadata, _ = train(frame, tmp_path / "m", "linear_regression", categories("p", "q", "r"))
    rows, _ = train_test_split(frame, test_size=0.2, random_state=42)
    X = pd.get_dummies(rows[["p", "q", "r"]], drop_first=True).astype("float64")
    expected = np.linalg.lstsq(np.column_stack([np.ones(len(X)), X]), rows["y"], rcond=None)[0]
    assert metadata.reference == {"p": "a", "q": "u", "r": "x"}
    assert [line.term for line in metadata.coefficients] == ["p[b]", "q[v]", "q[w]", "r[y]", "r[z]"]
    found = [metadata.intercept, *(line.estimate for line in metadata.coefficients)]
    assert found == pytest.approx(expected, abs=1e-12)


def test_shared_coefficients_are_said(tmp_path: Path) -> None:
    frame = two_slopes()
    frame = frame.assign(again=frame["a"])
    metadata, _ = train(frame, tmp_path / "m", "linear_regression", numbers("a", "again", "b"))
    assert [warning[:34] for warning in metadata.warnings] == ["1 of the coefficients say what oth"]
    assert train(frame, tmp_path / "n", "linear_regression", numbers("a", "b"))[0].warnings == ()


@pytest.mark.parametrize("classes", ["uv", "uvw"])
def test_the_log_odds_of_a_classifier_are_its_coefficients(classes: str, tmp_path: Path) -> None:
    frame = two_slopes()
    y = frame["y"] + np.random.default_rng(1).normal(size=400)
    frame["y"] = pd.qcut(y, len(classes), labels=list(classes)).astype("object")
    metadata, _ = train(frame, tmp_path / "m", "logistic_regression", numbers("a", "b"), task="classification")
    pipeline, _ = ml.load_model(tmp_path / "m", WHOSE, b"key")
    logs = pipeline.predict_log_proba(frame)
    if classes == "uv":
        assert metadata.event == "v"
        odds = metadata.intercept + linear(metadata, frame)
        assert odds == pytest.approx(logs[:, 1] - logs[:, 0], abs=1e-8)
    else:
        first, second = (line.estimate + linear(metadata, frame, line.of_class) for line in metadata.intercepts[:2])
        assert second - first == pytest.approx(logs[:, 1] - logs[:, 0], abs=1e-8)
    assert metadata.penalty.chosen_by == "cross_validation"
