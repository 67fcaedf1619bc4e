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
    is_usual = spec.defaults == "usual"
    place = model.estimators[spec.task] if is_usual else model.plain.get(spec.task, model.estimators[spec.task])
    maker = find(place)
    known = {parameter.name: parameter for parameter in model.parameters_of(spec.task)}
    given: dict[str, Any] = dict(model.usual) if is_usual else {}
    if "random_state" in inspect.signature(maker).parameters:
        given["random_state"] = spec.seed
    given |= {name: known[name].cast(value) for name, value in settings.items()}
    estimator: BaseEstimator = maker(**model.fixed, **given)
    asked = spec.preparation.scale_target
    if asked is None:
        # Counts stay counts: Poisson's deviance is of numbers from 0.
        asked = model.scales_target and is_usual and settings.get("criterion") != "poisson"
    if spec.task == "regression" and asked:
        # Neither a tree's least variance (2.2e-16) nor a network's steps or a margin may depend on the target's unit.
        return TransformedTargetRegressor(estimator, transformer=StandardScaler())
    return estimator


def make_least_squares(tol: float = CUT_OFF, fit_intercept: bool = True, positive: bool = False) -> LinearRegression:
    """Least squares."""
    return LinearRegression(tol=tol, fit_intercept=fit_intercept, positive=positive)


def make_ridge(
    alpha: float = 1.0,
    solver: str | None = None,
    fit_intercept: bool = True,
    positive: bool = False,
    tol: float = 1e-4,
    max_iter: int | None = None,
    random_state: int | None = None,
) -> BaseEstimator:
    """Ridge; without a penalty it is least squares, where Ridge would invert rounding.

    Its Cholesky solver would square the condition.
    """
    if not alpha:
        return make_least_squares(fit_intercept=fit_intercept, positive=positive)
    more: dict[str, Any] = {"tol": tol, "max_iter": max_iter, "random_state": random_state}
    solver = solver or ("lbfgs" if positive else "svd")
    return Ridge(alpha=alpha, solver=solver, fit_intercept=fit_intercept, positive=positive, **more)


def make_polynomial(degree: int = 2, interaction_only: bool = False, fit_intercept: bool = True) -> Pipeline:
    """Least squares on powers and products of the columns up to the degree, each scaled again."""
    powers = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=False)
    fit = make_least_squares(fit_intercept=fit_intercept)
    return Pipeline([("powers", powers), ("scale", StandardScaler()), ("least_squares", fit)])


def make_plain_polynomial(degree: int = 2, interaction_only: bool = False, fit_intercept: bool = True) -> Pipeline:
    """scikit-learn's own least squares on such powers and products as they are."""
    powers = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=False)
    return Pipeline([("powers", powers), ("least_squares", LinearRegression(fit_intercept=fit_intercept))])


def find(place: str) -> Any:
    """What stands at a place that the table names, such as `sklearn.svm.SVC`."""
    module, name = place.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)
