"""How long a fit takes: a law for each kind of model, in seconds of one core of the project's machine.

The numbers are of fits to 1,600 and 16,000 rows of 10 and 40 made-up columns (2026-11-27): the law was within a
factor of two in 47 of 57, and in all but one of those that took more than a tenth of a second.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tools.ml.spec import Setting, Task

MAX_CHOICE_ROWS = 20_000
"""Training rows that the choice of a penalty looks at, drawn by the seed."""

Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Size:
    """Of the table that a model is fitted to: rows, columns as they are stored, and for which task."""

    rows: int
    columns: int
    task: Task

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.rows * self.columns


def number_in(settings: Settings, name: str, usual: float) -> float:
    """The parameter's number; the usual one where none is set."""
    value = settings.get(name, usual)
    return float(value) if isinstance(value, int | float) else usual


def linear_s(size: Size, settings: Settings) -> float:
    """Least squares."""
    return 5e-8 * size.cells + 1e-9 * size.cells * size.columns


def ridge_s(size: Size, settings: Settings) -> float:
    """Least squares, and the choice of the penalty."""
    return 0.03 + linear_s(size, settings) + 2e-7 * _chosen_by(size)


def lasso_s(size: Size, settings: Settings) -> float:
    """The choice of the penalty along its path; the fit itself is one more step of it."""
    return 0.03 + 5e-8 * size.cells + 1.5e-7 * _chosen_by(size)


def logistic_s(size: Size, settings: Settings) -> float:
    """The choice of the penalty in five folds, and the fit."""
    return 0.1 + 1e-7 * size.cells + 9e-7 * _chosen_by(size)


def polynomial_s(size: Size, settings: Settings) -> float:
    """Making all terms, and least squares on them."""
    terms = n_terms(size.columns, settings)
    return 4e-8 * size.rows * terms + 9e-11 * size.rows * terms**2


def tree_s(size: Size, settings: Settings) -> float:
    """One tree, which looks at every column for each split."""
    return 8e-8 * size.cells * math.log2(max(size.rows, 2))


def forest_s(size: Size, settings: Settings) -> float:
    """Trees of which each split looks at every column (regression) or at the root of so many (classification)."""
    looked_at = size.columns if size.task == "regression" else math.sqrt(size.columns)
    named = settings.get("max_features")
    if isinstance(named, str):
        looked_at = math.sqrt(size.columns)
    elif isinstance(named, int | float):
        looked_at = named * size.columns
    n_trees = number_in(settings, "n_estimators", 100)
    return n_trees * (5e-4 + 4.5e-8 * size.rows * math.log2(max(size.rows, 2)) * looked_at)


def boosting_s(size: Size, settings: Settings) -> float:
    """Rounds of boosting on binned columns."""
    return number_in(settings, "max_iter", 100) / 100 * (0.1 + 6e-7 * size.cells)


def xgboost_s(size: Size, settings: Settings) -> float:
    """Rounds of boosting on binned columns, as deep as they may go."""
    depth = number_in(settings, "max_depth", 6)
    n_rounds = number_in(settings, "n_estimators", 100)
    return 0.1 + n_rounds * (2e-4 + 1.5e-9 * size.cells * depth)


def exact_boosting_s(size: Size, settings: Settings) -> float:
    """Small trees one after the other, each of which looks at every value of every column."""
    depth = number_in(settings, "max_depth", 3)
    n_rounds = number_in(settings, "n_estimators", 100)
    return n_rounds * (1e-4 + 4e-8 * size.cells * depth * number_in(settings, "subsample", 1.0))


def svm_s(size: Size, settings: Settings) -> float:
    """A kernel of each pair of rows, of which a classifier settles most sooner."""
    return (2e-9 if size.task == "regression" else 8e-10) * size.rows * size.cells


def network_s(size: Size, settings: Settings) -> float:
    """Epochs of a small network."""
    return 2e-6 * size.rows * (size.columns + 100) * number_in(settings, "max_iter", 200) / 200


def copied_s(size: Size, settings: Settings) -> float:
    """A model that is hardly more than a look at the rows."""
    return 1e-7 * size.cells


def _chosen_by(size: Size) -> int:
    """The values that cross-validation looks at."""
    return min(size.rows, MAX_CHOICE_ROWS) * size.columns


def n_terms(n_columns: int, settings: Settings) -> int:
    """Powers and products of so many columns up to the degree, the intercept not among them."""
    degree = int(number_in(settings, "degree", 2))
    if settings.get("interaction_only"):
        return sum(math.comb(n_columns, k) for k in range(1, degree + 1))
    return math.comb(n_columns + degree, degree) - 1
