"""The one table of model types."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sklearn.base import BaseEstimator
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from tools.ml.penalty import MAX_CHOICE_ROWS, MAX_ITER, Penalty, choose_lasso, choose_logistic, choose_ridge
from tools.ml.spec import Task


@dataclass(frozen=True)
class Parameter:
    """A number that the user may set: whole or not, from `low` to `high`, both included."""

    name: str
    is_whole: bool
    low: float
    high: float


@dataclass(frozen=True)
class ModelType:
    """One kind of model: for each task an estimator from (parameters, seed), and what it needs.

    `seconds(n_rows, n_columns)` is a rough fit time on one core, measured on made-up data on the project's machine.
    `penalty` is what is chosen by cross-validation unless it is given.
    """

    name: str
    makers: Mapping[Task, Callable[[Mapping[str, float], int], BaseEstimator]]
    parameters: tuple[Parameter, ...]
    needs_scaling: bool
    seconds: Callable[[int, int], float]
    penalty: Penalty | None = None


def _whole(values: Mapping[str, float]) -> dict[str, float]:
    whole = {parameter.name for model in MODEL_TYPES for parameter in model.parameters if parameter.is_whole}
    return {name: int(value) if name in whole else value for name, value in values.items()}


CUT_OFF = 1e-12
"""Directions of the scaled columns below this share of the largest are taken for rounding.

Every category has a column for each of its levels: together they say what the intercept says, and what is left of that
direction after rounding must not be inverted. Over 600 random tables of categories, equal columns and parts of dates,
and one of 1e6 rows, such directions stayed below 2e-13; the least real one of NIST's (Filip) is 3e-10. scikit-learn's
default of 1e-6 drops real directions, 0 none.
"""


def _make_ridge(values: Mapping[str, float], seed: int) -> BaseEstimator:
    # Without a penalty it is least squares, where Ridge would invert rounding; its Cholesky would square the condition.
    return Ridge(**values, solver="svd") if values.get("alpha") != 0 else LinearRegression(tol=CUT_OFF)


def _make_logistic(values: Mapping[str, float], seed: int) -> BaseEstimator:
    return LogisticRegression(**values, random_state=seed, max_iter=MAX_ITER, tol=1e-6)


def _make_forest(values: Mapping[str, float], seed: int) -> BaseEstimator:
    # A tree takes a variance below 2.2e-16, and a distance in x below 1e-7, for none: both are scaled.
    forest = RandomForestRegressor(**_whole(values), random_state=seed, n_jobs=-1)
    return TransformedTargetRegressor(forest, transformer=StandardScaler())


def _choice_s(seconds_a_value: float, n_rows: int, n_columns: int) -> float:
    """What cross-validation takes of a table's values, beyond which it looks at no more rows."""
    return seconds_a_value * min(n_rows, MAX_CHOICE_ROWS) * n_columns


ALPHA = Parameter("alpha", False, 0.0, 1e6)
MAX_DEPTH = Parameter("max_depth", True, 1, 100)
MIN_LEAF = Parameter("min_samples_leaf", True, 1, 10_000)

MODEL_TYPES: tuple[ModelType, ...] = (
    ModelType(
        name="linear_regression",
        makers={"regression": lambda values, seed: LinearRegression(tol=CUT_OFF)},
        parameters=(),
        needs_scaling=True,
        seconds=lambda n_rows, n_columns: 1e-8 * n_rows * n_columns**2,
    ),
    ModelType(
        name="ridge",
        makers={"regression": _make_ridge},
        parameters=(ALPHA,),
        needs_scaling=True,
        seconds=lambda n_rows, n_columns: 1e-8 * n_rows * n_columns**2 + _choice_s(1.5e-6, n_rows, n_columns),
        penalty=Penalty("alpha", choose_ridge, usual=1.0),
    ),
    ModelType(
        name="lasso",
        makers={"regression": lambda values, seed: Lasso(**values, random_state=seed, max_iter=MAX_ITER, tol=1e-7)},
        parameters=(Parameter("alpha", False, 1e-9, 1e6),),
        needs_scaling=True,
        seconds=lambda n_rows, n_columns: 3e-7 * n_rows * n_columns + _choice_s(1e-6, n_rows, n_columns),
        penalty=Penalty("alpha", choose_lasso, usual=1.0),
    ),
    ModelType(
        name="logistic_regression",
        makers={"classification": _make_logistic},
        parameters=(Parameter("C", False, 1e-9, 1e9),),
        needs_scaling=True,
        seconds=lambda n_rows, n_columns: 1e-6 * n_rows * n_columns + _choice_s(3e-6, n_rows, n_columns),
        penalty=Penalty("C", choose_logistic, usual=1.0),
    ),
    ModelType(
        name="random_forest",
        makers={
            "regression": _make_forest,
            "classification": lambda values, seed: RandomForestClassifier(
                **_whole(values), random_state=seed, n_jobs=-1
            ),
        },
        parameters=(Parameter("n_estimators", True, 1, 5_000), MAX_DEPTH, MIN_LEAF),
        needs_scaling=True,
        seconds=lambda n_rows, n_columns: 2e-6 * n_rows * math.log2(max(n_rows, 2)) * math.sqrt(n_columns) + 0.3,
    ),
    ModelType(
        name="gradient_boosting",
        makers={
            "regression": lambda values, seed: HistGradientBoostingRegressor(**_whole(values), random_state=seed),
            "classification": lambda values, seed: HistGradientBoostingClassifier(**_whole(values), random_state=seed),
        },
        parameters=(
            Parameter("learning_rate", False, 1e-4, 1.0),
            Parameter("max_iter", True, 1, 5_000),
            MAX_DEPTH,
            MIN_LEAF,
        ),
        needs_scaling=False,
        seconds=lambda n_rows, n_columns: 5e-7 * n_rows * n_columns + 0.5,
    ),
)


def find_model_type(name: str, task: Task) -> ModelType:
    """The model type of that name.

    Raises
    ------
    ValueError
        If there is none, or it cannot do the task; names those that can.
    """
    fitting = [model for model in MODEL_TYPES if task in model.makers]
    for model in fitting:
        if model.name == name:
            return model
    raise ValueError(f"no model {name!r} for {task}; there are {', '.join(model.name for model in fitting)}")


def check_parameters(model: ModelType, values: Mapping[str, float]) -> None:
    """ValueError for a parameter that the model does not have, or one outside its range."""
    known = {parameter.name: parameter for parameter in model.parameters}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"{model.name} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
        parameter = known[name]
        if not parameter.low <= value <= parameter.high or (parameter.is_whole and value != int(value)):
            kind = "a whole number" if parameter.is_whole else "a number"
            raise ValueError(f"{name} must be {kind} from {parameter.low:g} to {parameter.high:g}, got {value:g}")
