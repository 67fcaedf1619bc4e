"""The columns of a regression, block by block: centred, at length 1, and the triangle of their QR."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from tools.stats.comparison import TooFewValues
from tools.stats.floats import Floats

RANK_TOLERANCE = 1e-11
"""Columns that are the others' sum to so many digits carry nothing of their own."""
Long = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Rows:
    """Some rows of a regression: their numbers and y of shape (n,), x of shape (n, k), weights of shape (n,) or None.

    Of counts the weights are the exposure that each is out of.
    The type of x is what is computed in: float64, or long double where digits matter more than time.
    """

    numbers: Floats
    x: Long
    y: Floats
    weights: Floats | None = None


Blocks = Callable[[], Iterable[Rows]]
"""Gives all rows, a block at a time and in the same order, as often as it is asked."""


class Aliased(TooFewValues):
    """A column says nothing of its own; `own` are the places of those that do, as R's lm chooses them."""

    def __init__(self, message: str, own: Sequence[int]) -> None:
        super().__init__(message)
        self.own = own


@dataclass(frozen=True)
class Design:
    """Columns and y about their (weighted) means, 0 without an intercept, and the triangle of the columns' QR.

    `triangle` is of the columns at length 1 (`scales` are their lengths), taken in the `order` of its pivots.
    """

    n: int
    total: np.floating[Any]
    centers: Long
    middle: np.floating[Any]
    scales: Long
    tss: np.floating[Any]
    triangle: Floats
    order: NDArray[np.intp]
    y_low: float
    y_high: float
    intercept: bool
    is_weighted: bool

    @property
    def rank(self) -> int:
        """How many columns, the first ones in `order`, are neither constant nor what others are together."""
        diagonal = np.abs(np.diag(self.triangle))
        return int((diagonal >= RANK_TOLERANCE * diagonal[0]).sum()) if diagonal[0] else 0

    @property
    def has_full_rank(self) -> bool:
        """Whether no column is constant, or what the others are together."""
        return self.rank == len(self.order)

    def check(self, terms: Sequence[str]) -> None:
        """Raise Aliased if a column is constant or what others are together."""
        if (self.scales == 0).any():
            raise Aliased(f"{terms[int(np.argmin(self.scales))]} is constant: it explains nothing", self._own())
        if not self.has_full_rank:
            raise Aliased(f"{terms[self.order[-1]]} says what other columns say together: leave it out", self._own())

    def _own(self) -> list[int]:
        """The columns, in order, that say something which those before them do not say together."""
        columns = self.triangle[:, np.argsort(self.order)].T
        basis, own = np.zeros((0, len(columns))), []
        for place, column in enumerate(columns):
            left = column
            for _ in range(2):  # once more, for what rounding left of the first time
                left = left - basis.T @ (basis @ left)
            length = float(np.linalg.norm(left))
            if length > RANK_TOLERANCE:
                basis = np.vstack([basis, left / length])
                own.append(place)
        return own

    @property
    def inverse(self) -> Floats:
        """Of the products of the columns at length 1, shape (k, k)."""
        k = len(self.order)
        root = linalg.solve_triangular(self.triangle, np.eye(k))
        whole = np.empty((k, k))
        whole[np.ix_(self.order, self.order)] = root @ root.T
        return whole

    def roots(self, rows: Rows) -> Floats:
        """The roots of the weights."""
        return np.sqrt(rows.weights) if self.is_weighted and rows.weights is not None else np.ones(len(rows.y))

    def columns(self, rows: Rows) -> Long:
        """The columns about their means, at length 1, times the root of the weights."""
        columns: Long = (rows.x - self.centers) * (self.roots(rows)[:, None] / self.scales)
        return columns

    def goal(self, rows: Rows) -> Long:
        """Y about its mean, times the root of the weights."""
        goal: Long = (rows.y.astype(rows.x.dtype) - self.middle) * self.roots(rows)
        return goal


def make_design(blocks: Blocks, k: int, intercept: bool, is_weighted: bool) -> Design:
    """Go through the rows twice: for the means, and for lengths and the triangle.

    Raises
    ------
    TooFewValues
        If there are no rows.
    """
    n, total, sums = 0, np.longdouble(0), np.zeros(k + 1, dtype=np.longdouble)
    kind: np.dtype[np.floating[Any]] = np.dtype(np.float64)
    near: Long | None = None
    y_low, y_high, has_weights = np.inf, -np.inf, False
    for rows in blocks():
        kind, both = rows.x.dtype, np.column_stack([rows.x, rows.y])
        # A column is moved to about 0 first: its mean is then as exact as its values.
        near = both[0] * intercept if near is None else near
        has_weights = is_weighted and rows.weights is not None
        weights = rows.weights if has_weights and rows.weights is not None else np.ones(len(rows.y))
        n, total = n + len(rows.y), total + weights.sum(dtype=np.longdouble)
        sums += ((both - near) * weights[:, None]).sum(axis=0, dtype=np.longdouble)
        y_low, y_high = min(y_low, float(rows.y.min())), max(y_high, float(rows.y.max()))
    if near is None:
        raise TooFewValues("there are no rows")
    means = ((near + sums / total) * intercept).astype(kind)
    # Lengths are known after the second pass: until then columns keep their own.
    moved = Design(
        n, total, means[:k], means[k], np.ones(k, dtype=kind), means[k] * 0, np.zeros((0, k)), np.arange(k), y_low,
        y_high, intercept, has_weights,
    )  # fmt: skip
    squares, tss, triangle = np.zeros(k, dtype=np.longdouble), np.longdouble(0), np.zeros((0, k))
    for rows in blocks():
        columns, goal = moved.columns(rows), moved.goal(rows)
        squares += (columns * columns).sum(axis=0, dtype=np.longdouble)
        tss += (goal * goal).sum(dtype=np.longdouble)
        triangle = linalg.qr(np.vstack([triangle, np.asarray(columns, dtype=np.float64)]), mode="r")[0][:k]
    scales = np.sqrt(squares)
    unit = triangle / np.asarray(np.where(scales > 0, scales, 1), dtype=np.float64)
    _, pivoted, order = linalg.qr(unit, mode="economic", pivoting=True)
    return replace(moved, scales=scales.astype(kind), tss=tss, triangle=pivoted, order=order)


def as_columns(columns: Sequence[Long]) -> Long:
    """Arrays of shape (n,) side by side, shape (n, k)."""
    return np.column_stack(columns)


def power_of(values: Long, power: int) -> Long:
    """The power, in long double: a tenth power needs more digits than float64 has."""
    return values.astype(np.longdouble) ** power
