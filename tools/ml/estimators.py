"""From a row of the table of model types to an estimator of scikit-learn."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

from tools.ml.fit_times import Settings
from tools.ml.model_type import ModelType
from tools.ml.spec import TrainingSpec

CUT_OFF = 1e-12
"""Directions of the scaled columns below this share of the largest are taken for rounding.

Every category has a column for each of its levels: together they say what the intercept says, and what is left of that
direction after rounding must not be inverted. Over 600 random tables of categories, equal columns and parts of dates,
and one of 1e6 rows, such directions stayed below 2e-13; the least real one of NIST's (Filip) is 3e-10. scikit-learn's
default of 1e-6 drops real directions, 0 none.
"""


def make_estimator(model: ModelType, spec: TrainingSpec, settings: Settings) -> BaseEstimator:
    """The estimator with these parameters set, not fitted; the same seed makes it the same again."""
    maker = find(model.estimators[spec.task])
    known = {parameter.name: parameter for parameter in model.parameters_of(spec.task)}
    given: dict[str, Any] = {name: known[name].cast(value) for name, value in settings.items()}
    if "random_state" in inspect.signature(maker).parameters:
        given["random_state"] = spec.seed
    estimator: BaseEstimator = maker(**model.fixed, **given)
    asked = spec.preparation.scale_target
    if spec.task == "regression" and (model.scales_target if asked is None else asked):
        # Neither a tree's least variance (2.2e-16) nor a network's steps or a margin may depend on the target's unit.
        return TransformedTargetRegressor(estimator, transformer=StandardScaler())
    return estimator


def make_least_squares() -> LinearRegression:
    """Least squares."""
    return LinearRegression(tol=CUT_OFF)


def make_ridge(alpha: float = 1.0) -> BaseEstimator:
    """Ridge; without a penalty it is least squares, where Ridge would invert rounding.

    Its Cholesky solver would square the condition.
    """
    return Ridge(alpha=alpha, solver="svd") if alpha else make_least_squares()


def make_polynomial(degree: int = 2, interaction_only: bool = False) -> Pipeline:
    """Least squares on powers and products of the columns up to the degree, each scaled again."""
    powers = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=False)
    return Pipeline([("powers", powers), ("scale", StandardScaler()), ("least_squares", make_least_squares())])


def find(place: str) -> Any:
    """What stands at a place that the table names, such as `sklearn.svm.SVC`."""
    module, name = place.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)
