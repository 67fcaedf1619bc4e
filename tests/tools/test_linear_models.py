"""Linear models on categories and equal columns, against least squares on a design of full rank that NumPy solves."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from tools import ml
from tools.ml.preprocessing import build_pipeline, split_columns

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
    ml.sign_model(folder, b"key")
    pipeline, _ = ml.load_model(folder, b"key")
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
    assert metadata["metrics"]["rmse"] == pytest.approx(1.2795568949677685, abs=1e-12)


def test_ridge_without_a_penalty_is_least_squares(tmp_path: Path) -> None:
    params = (ml.ParameterValue(name="alpha", value=0.0),)
    metadata, predict = train(forty_rows(), tmp_path / "m", "ridge", categories("p", "q", "r"), params=params)
    assert predict(CELL)[0] == pytest.approx(-0.2760708134511674, abs=1e-12)
    assert metadata["metrics"]["rmse"] == pytest.approx(1.2795568949677685, abs=1e-12)


def fitted(frame: pd.DataFrame, features: tuple[ml.Feature, ...]) -> NDArray[np.float64]:
    """What the catalogue's least squares gives for the rows that it was fitted to."""
    estimator = ml.find_model_type("linear_regression", "regression").makers["regression"]({}, 0)
    pipeline = build_pipeline(features, estimator, needs_scaling=True)
    inputs = split_columns(frame, features)
    return np.asarray(pipeline.fit(inputs, frame["y"]).predict(inputs))


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
