"""A fit to a few made-up rows: which parameters exclude each other is known to scikit-learn alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
from sklearn.base import BaseEstimator

from tools.ml.estimators import make_estimator
from tools.ml.model_types import find_model_type
from tools.ml.spec import TrainingSpec

ROWS, COLUMNS = 300, 3
FEW: Mapping[str, int] = {"n_estimators": 2, "max_iter": 2}
"""What takes time is made small: no pair of parameters is forbidden by it."""


def try_parameters(spec: TrainingSpec, n_classes: int) -> None:
    """Fit the estimator that the job describes to 300 rows of 3 columns, in a few hundredths of a second.

    Parameters
    ----------
    spec : TrainingSpec
        Of checked parameters: each for itself is in its range.
    n_classes : int
        How many values the target of a classification has, 2 or more.

    Raises
    ------
    ValueError
        In scikit-learn's words, where it refuses them together.
    """
    model = find_model_type(spec.model, spec.task)
    counted = {one.name for one in model.parameters_of(spec.task) if one.counts}
    # A count can be too many for these few rows, and right for the table.
    settings = {name: value for name, value in spec.values.items() if name not in counted or isinstance(value, float)}
    estimator = make_estimator(model, spec, settings)
    rng = np.random.default_rng(0)
    X, y = rng.uniform(1, 2, (ROWS, COLUMNS)), rng.uniform(1, 2, ROWS)
    if spec.task == "classification":
        y = np.asarray([f"class {number % min(n_classes, 3)}" for number in range(ROWS)])
    with catch_warnings():
        simplefilter("ignore")  # so few steps settle nothing
        _with_few_steps(estimator).fit(X, y)


def _with_few_steps(estimator: BaseEstimator) -> BaseEstimator:
    """The same, quick to fit."""
    known: dict[str, Any] = estimator.get_params()
    few = {name: FEW[last] for name in known if (last := name.rsplit("__", 1)[-1]) in FEW and known[name] is not None}
    return estimator.set_params(**few)
