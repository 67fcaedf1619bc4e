"""How long a fit takes: a rough law for each kind of model, in seconds on one core of the project's machine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tools.ml.spec import Setting

MAX_CHOICE_ROWS = 20_000
"""Training rows that the choice of a penalty looks at, drawn by the seed."""

Settings = Mapping[str, Setting]


@dataclass(frozen=True)
class Size:
    """Of the table that a model is fitted to: rows, and columns as they are stored."""

    rows: int
    columns: int

    @property
    def cells(self) -> int:
        """Rows times columns."""
        return self.rows * self.columns


def _number(settings: Settings, name: str, usual: float) -> float:
    value = settings.get(name, usual)
    return float(value) if isinstance(value, int | float) else usual


def choice_s(seconds_a_value: float, size: Size) -> float:
    """What the choice of a penalty takes: cross-validation looks at no more than so many rows."""
    return seconds_a_value * min(size.rows, MAX_CHOICE_ROWS) * size.columns


def tree_s(size: Size, settings: Settings) -> float:
    """One tree."""
    return 3e-7 * size.cells * math.log2(max(size.rows, 2))


def forest_s(size: Size, settings: Settings) -> float:
    """Trees of which each split looks at some columns."""
    n_trees = _number(settings, "n_estimators", 100)
    return n_trees / 100 * (2e-6 * size.rows * math.log2(max(size.rows, 2)) * math.sqrt(size.columns) + 0.3)


def boosting_s(size: Size, settings: Settings) -> float:
    """Rounds of boosting on binned columns."""
    return _number(settings, "max_iter", 100) / 100 * (5e-7 * size.cells + 0.5)


def svm_s(size: Size, settings: Settings) -> float:
    """A kernel of each pair of rows."""
    return 5e-9 * size.rows**2 * size.columns


def polynomial_s(size: Size, settings: Settings) -> float:
    """Least squares on all terms."""
    return 1e-8 * size.rows * n_terms(size.columns, settings) ** 2


def network_s(size: Size, settings: Settings) -> float:
    """Epochs of a small network."""
    return 2e-6 * size.rows * (size.columns + 100) * _number(settings, "max_iter", 200) / 200


def n_terms(n_columns: int, settings: Settings) -> int:
    """Powers and products of so many columns up to the degree, the intercept not among them."""
    degree = int(_number(settings, "degree", 2))
    if settings.get("interaction_only"):
        return sum(math.comb(n_columns, k) for k in range(1, degree + 1))
    return math.comb(n_columns + degree, degree) - 1
