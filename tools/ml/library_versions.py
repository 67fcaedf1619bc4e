"""The libraries that a model was made with, beside those that are here: whether it is the same model with both.

A fitted estimator's inner form is scikit-learn's own and changes between versions. So a model keeps what it said of
three rows made of its schema alone; one of other libraries is used only where it still says the same of them.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import Pipeline

from tools.ml.metadata import HyperParameter, Metadata, SeenFeature
from tools.ml.spec import TrainingSpec
from tools.warned import Warned, Warns

LIBRARIES = ("scikit-learn", "numpy", "pandas", "skops")
FITTED_BY = ("scikit-learn", "xgboost-cpu", "xgboost")
"""Whose form a fitted estimator has."""
AGREES = 1e-6
MOST_CHARACTERS = 200


class LibraryWarns(Warns):
    """What is said of a model of other libraries."""

    OTHER_VERSION = (
        "the model was made with {library} {then}, and {now} is here: of three rows it says what it said then; "
        "train it again when you can"
    )


def installed_versions(more: Sequence[str] = ()) -> dict[str, str]:
    """Python's and the libraries' versions."""
    found = {name: _version(name) or _version(name.removesuffix("-cpu")) for name in (*LIBRARIES, *more)}
    return {"python": platform.python_version(), **{name: then for name, then in found.items() if then is not None}}


def other_versions(versions: Mapping[str, str]) -> list[Warned]:
    """A word for each library of another minor version than the one that fitted the model; none of a patch."""
    found = []
    for name in FITTED_BY:
        then, now = versions.get(name), _version(name)
        if then is not None and _minor(then) != _minor(now or "none"):
            found.append(LibraryWarns.OTHER_VERSION(library=name, then=then, now=now or "none"))
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def hyper_parameters(pipeline: Pipeline) -> dict[str, HyperParameter]:
    """All parameters of the estimator as it was fitted, those too that nobody set; what is no plain value as words."""
    estimator = pipeline[-1]
    if isinstance(estimator, TransformedTargetRegressor):
        estimator = estimator.regressor_
    return {name: _plain(value) for name, value in estimator.get_params().items()}


def _plain(value: object) -> HyperParameter:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, list | tuple) and all(isinstance(one, int) for one in value):
        return tuple(value)
    return " ".join(str(value).split())[:MOST_CHARACTERS]


def say_of_probe(pipeline: Pipeline, features: Sequence[SeenFeature]) -> tuple[float, ...] | tuple[str, ...] | None:
    """What the model says of the lowest, a middle and the highest row of its schema; None where it says nothing."""
    try:
        predicted = pipeline.predict(_probe(features))
    except ValueError:
        # Between the ends of what was seen a model may have no number; it is trained all the same.
        return None
    if predicted.dtype.kind == "f":
        return tuple(map(float, predicted)) if np.isfinite(predicted).all() else None
    return tuple(map(str, predicted))


def _probe(features: Sequence[SeenFeature]) -> pd.DataFrame:
    return pd.DataFrame({feature.name: _probe_values(feature) for feature in features})


def _probe_values(feature: SeenFeature) -> pd.Series:
    values = feature.values
    if values:
        return pd.Series([values[0], values[len(values) // 2], values[-1]], dtype="object")
    if feature.low is None or feature.high is None:
        return pd.Series([None] * 3, dtype="datetime64[us]" if feature.kind == "date" else "float64")
    if feature.kind == "date":
        low, high = pd.Timestamp(str(feature.low)), pd.Timestamp(str(feature.high))
        return pd.Series([low, low + (high - low) / 2, high])
    ends = float(feature.low), float(feature.high)
    return pd.Series([ends[0], ends[0] / 2 + ends[1] / 2, ends[1]])


def says_the_same(pipeline: Pipeline, metadata: Metadata) -> bool:
    """Whether the model says of the probe what it said when it was trained; True where nobody wrote that down."""
    then = metadata.probe
    if then is None:
        return True
    now = say_of_probe(pipeline, metadata.features)
    if now is None or isinstance(then[0], str) or isinstance(now[0], str):
        return now == then
    return bool(np.allclose(np.array(now, float), np.array(then, float), rtol=AGREES, atol=AGREES * np.ptp(then)))


def how_to_refit(spec: TrainingSpec) -> str:
    """What to ask for to have the model again."""
    settings = "".join(f", {name} {value}" for name, value in spec.settings.items())
    features = ", ".join(map(repr, spec.kinds))
    return (
        f"train it again: estimate_cost with model {spec.model!r}, target {spec.target!r}, features {features}, "
        f"seed {spec.seed}{settings}"
    )
