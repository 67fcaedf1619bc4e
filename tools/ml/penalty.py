"""How strong a linear model's penalty is: chosen on the training rows alone, in no unit of the target."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import ElasticNetCV, LogisticRegressionCV, RidgeCV
from sklearn.model_selection import KFold, StratifiedKFold

from tools.ml.fit_times import Settings, number_in
from tools.ml.model_types import MAX_ITER
from tools.ml.spreading import side_by_side
from tools.ml.validation import Vector

N_FOLDS = 5
USUAL_L1_RATIO = 0.5

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Choice:
    """The best value, and of how many folds it was the best (leave-one-out: as many as rows)."""

    value: float
    n_rows: int
    n_folds: int


@dataclass(frozen=True)
class Fitting:
    """The fit that the penalty is for: to how many rows, by which seed, with which other parameters.

    `weights` are those of the rows that it is chosen on; `folds` pairs of training and test rows among them, where rows
    are to be kept together.
    """

    rows: int
    seed: int
    settings: Settings
    weights: Vector | None = None
    folds: tuple[tuple[Vector, Vector], ...] | None = None


Choose = Callable[[Matrix, Vector, Fitting], Choice | None]
"""Of scaled columns and target; None where there is too little to choose by."""


def choose_lasso(X: Matrix, y: Vector, fitting: Fitting) -> Choice:
    """Alpha of the least mean squared error in five folds, on 100 values down to 1e-4 of the one that leaves nothing.

    References
    ----------
    Friedman, Hastie, Tibshirani (2010). Journal of Statistical Software 33(1), 1-22.
    """
    return _choose_by_folds(X, y, fitting, l1_ratio=1.0)


def choose_elastic_net(X: Matrix, y: Vector, fitting: Fitting) -> Choice:
    """Alpha as `choose_lasso` chooses it, for the l1_ratio that is given or 0.5."""
    l1_ratio = number_in(fitting.settings, "l1_ratio", USUAL_L1_RATIO)
    return _choose_by_folds(X, y, fitting, l1_ratio=l1_ratio)


def _choose_by_folds(X: Matrix, y: Vector, fitting: Fitting, l1_ratio: float) -> Choice:
    centered, sd = _standardized(y)
    n_folds = len(fitting.folds) if fitting.folds else min(N_FOLDS, len(y))
    folds = fitting.folds or KFold(n_folds, shuffle=True, random_state=fitting.seed)
    with warnings.catch_warnings():
        # A fold that has not quite settled still ranks the values; the fit itself is looked at.
        warnings.simplefilter("ignore", ConvergenceWarning)
        chooser = ElasticNetCV(l1_ratio=l1_ratio, eps=1e-4, cv=folds, max_iter=MAX_ITER)
        with side_by_side("penalty"):
            found = chooser.fit(X, centered, sample_weight=fitting.weights)
    return Choice(float(found.alpha_) * sd, len(y), n_folds)


def choose_ridge(X: Matrix, y: Vector, fitting: Fitting) -> Choice:
    """Alpha of the least mean squared error when each row is left out in turn; 37 values from 1e-6 to 1e3 a row.

    Where rows are kept together, when each fold is.

    References
    ----------
    Golub, Heath, Wahba (1979). Technometrics 21(2), 215-223.
    """
    centered, _ = _standardized(y)
    by = {} if fitting.folds is None else {"cv": fitting.folds, "scoring": "neg_mean_squared_error"}
    total = len(y) if fitting.weights is None else fitting.weights.sum()
    found = RidgeCV(alphas=total * np.logspace(-6, 3, 37), **by).fit(X, centered, sample_weight=fitting.weights)
    return Choice(float(found.alpha_) * fitting.rows / len(y), len(y), len(fitting.folds or y))


def choose_logistic(X: Matrix, y: Vector, fitting: Fitting) -> Choice | None:
    """C of the least log loss in five folds, of 13 values from 1 to 1e6 over the number of rows.

    Only classes with a row for each fold are looked at. None where a fold that is kept together lacks one of them.
    """
    labels, counts = np.unique(y, return_counts=True)
    known = np.isin(y, labels[counts >= N_FOLDS])
    n_rows = int(known.sum())
    if len(np.unique(y[known])) < 2:
        return None
    folds = _among(fitting.folds, known) or StratifiedKFold(N_FOLDS, shuffle=True, random_state=fitting.seed)
    if isinstance(folds, list) and any(
        len(np.unique(y[known][train])) < len(np.unique(y[known])) for train, _ in folds
    ):
        return None
    weights = None if fitting.weights is None else fitting.weights[known]
    with warnings.catch_warnings(), side_by_side("penalty"):
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = LogisticRegressionCV(
            Cs=np.logspace(0, 6, 13) / (n_rows if weights is None else weights.sum()),
            l1_ratios=(0,),
            cv=folds,
            scoring="neg_log_loss",
            max_iter=MAX_ITER,
            class_weight=fitting.settings.get("class_weight"),
            use_legacy_attributes=False,
        ).fit(X[known], y[known], sample_weight=weights)
    n_folds = len(folds) if isinstance(folds, list) else N_FOLDS
    return Choice(float(found.C_) * n_rows / fitting.rows, n_rows, n_folds)


def _among(folds: tuple[tuple[Vector, Vector], ...] | None, known: Vector) -> list[tuple[Vector, Vector]] | None:
    """The folds' row numbers among the rows that are known; None where a fold would test none."""
    places = np.cumsum(known) - 1
    kept = [tuple(places[side[known[side]]] for side in fold) for fold in folds or ()]
    return [(train, test) for train, test in kept] if kept and all(len(test) for _, test in kept) else None


def _standardized(y: Vector) -> tuple[Vector, float]:
    """The target with mean 0 and sd 1, so that its unit decides nothing, and the sd."""
    sd = float(np.std(y)) or 1.0
    return (y - np.mean(y)) / sd, sd
