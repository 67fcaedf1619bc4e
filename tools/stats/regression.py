"""Least squares to the digits that float64 allows, block by block: centred, by QR, refined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from tools.stats.comparison import TooFewValues
from tools.stats.floats import LEVEL, Floats

RANK_TOLERANCE = 1e-11
"""Columns that are the others' sum to so many digits carry nothing of their own."""
N_REFINEMENTS = 5
FULL_LEVERAGE = 1 - 1e-10
"""From here on a row determines its own fitted value."""
Long = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Rows:
    """Some rows of a regression: their numbers and y of shape (n,), x of shape (n, k), weights of shape (n,) or None.

    The type of x is what is computed in: float64, or long double where digits matter more than time.
    """

    numbers: Floats
    x: Long
    y: Floats
    weights: Floats | None = None


Blocks = Callable[[], Iterable[Rows]]
"""Gives all rows, a block at a time and in the same order, as often as it is asked."""


@dataclass(frozen=True)
class Coefficient:
    """One term: the estimate, its standard error, t (or z), two-sided p, and the 95 % interval."""

    term: str
    estimate: float
    se: float
    statistic: float
    p: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Fit:
    """A linear model: coefficients, the intercept first, and what shows whether to believe them.

    `condition_number` is of the centred columns scaled to length 1; `vif` has one value a term, after the intercept.
    `breusch_pagan` is Koenker's n R² of the squared residuals on x with its chi-square p (small: the spread changes).
    `durbin_watson` is near 2 where neighbours in the rows' order are independent, near 0 where they go together, near 4
    where against each other. `most_influential` is the row of the largest Cook's distance, and that. What a fit without
    residuals does not have is NaN.
    """

    coefficients: tuple[Coefficient, ...]
    n: int
    df: int
    r2: float
    adj_r2: float
    sigma: float
    f: float
    f_p: float
    condition_number: float
    vif: tuple[float, ...]
    breusch_pagan: tuple[float, float]
    durbin_watson: float
    most_influential: tuple[int, float]


def least_squares(blocks: Blocks, terms: Sequence[str], robust: bool = False, intercept: bool = True) -> Fit:
    """Least squares of y on the columns of x and, unless there is to be none, an intercept.

    The rows are gone through several times and never held together: what is kept is of the size of the terms. Columns
    and y are centred and brought to a triangle by QR, and the solution is refined with the rows' own residuals by the
    seminormal equations (Björck 1987), so that no digit is lost to the sizes of the columns.

    Parameters
    ----------
    blocks : callable
        The rows; no value is missing or infinite, weights are above 0, proportional to 1 over the variance of each y.
    terms : sequence of str
        The names of the k columns.
    robust : bool
        Standard errors that hold when the spread of the residuals changes: HC3 (MacKinnon, White 1985).
    intercept : bool
        Without one, R² and F compare with 0 in place of the mean of y, as in R and NIST.

    Raises
    ------
    TooFewValues
        If there are not more rows than coefficients, y is constant, or a column says what others say.
    """
    k = len(terms)
    design = _design(blocks, k, intercept, is_weighted=True)
    df = design.n - k - intercept
    if df < 1:
        raise TooFewValues(f"{design.n} rows are too few for {k + intercept} coefficients")
    if design.y_low == design.y_high and (intercept or design.y_low == 0):
        raise TooFewValues("the target is constant: there is nothing to explain")
    if (design.scales == 0).any():
        raise TooFewValues(f"{terms[int(np.argmin(design.scales))]} is constant: it explains nothing")
    if not design.has_full_rank:
        raise TooFewValues(f"{terms[design.order[-1]]} says what other columns say together: leave it out")
    solution = _solve(blocks, design)
    is_plain = intercept and not design.is_weighted
    spread = design if is_plain else _design(blocks, k, intercept=True, is_weighted=False)
    left = _Residuals(design, solution, spread if spread.has_full_rank else None)
    for rows in blocks():
        left.add(rows)
    rss, tss = float(left.rss), float(design.tss)
    sigma2 = rss / df
    covariance = left.meat if robust else _classical(design, sigma2)
    errors = _errors(design, covariance)
    slopes = solution / design.scales
    estimates = np.asarray(np.concatenate([[design.middle - slopes @ design.centers], slopes]), dtype=np.float64)
    kept = slice(0 if intercept else 1, None)
    r2 = 1 - rss / tss
    f = (tss - rss) / k / sigma2 if sigma2 > 0 else np.inf
    return Fit(
        coefficients=tuple(_coefficients(("(intercept)", *terms)[kept], estimates[kept], errors[kept], df)),
        n=design.n,
        df=df,
        r2=r2,
        adj_r2=1 - (1 - r2) * (design.n - intercept) / df,
        sigma=float(np.sqrt(sigma2)),
        f=float(f),
        f_p=float(stats.f.sf(f, k, df)),
        condition_number=float(np.linalg.cond(design.triangle)),
        vif=tuple(float(value) for value in np.diag(design.inverse)),
        breusch_pagan=left.breusch_pagan() if sigma2 > 0 else (np.nan, np.nan),
        durbin_watson=left.steps / left.squares if sigma2 > 0 else np.nan,
        most_influential=(left.top, left.influence / ((k + intercept) * sigma2) if sigma2 > 0 else np.nan),
    )


@dataclass(frozen=True)
class _Design:
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
    def has_full_rank(self) -> bool:
        """Whether no column is constant, or what the others are together."""
        diagonal = np.abs(np.diag(self.triangle))
        return bool((self.scales > 0).all() and diagonal[-1] >= RANK_TOLERANCE * diagonal[0])

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


def _design(blocks: Blocks, k: int, intercept: bool, is_weighted: bool) -> _Design:
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
    moved = _Design(
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


def _solve(blocks: Blocks, design: _Design) -> Long:
    """The slopes of the columns at length 1, refined by what the residuals still have in common with the columns."""
    solution = np.zeros(len(design.order), dtype=design.centers.dtype)
    for _ in range(N_REFINEMENTS):
        along = np.zeros(len(solution), dtype=solution.dtype)
        for rows in blocks():
            columns = design.columns(rows)
            along += columns.T @ (design.goal(rows) - columns @ solution)
        wanted = np.asarray(along, dtype=np.float64)[design.order]
        step = linalg.solve_triangular(design.triangle, linalg.solve_triangular(design.triangle, wanted, trans="T"))
        solution[design.order] += step
        if np.abs(step).max() <= np.finfo(solution.dtype).eps * np.abs(solution).max():
            break
    return solution


@dataclass
class _Residuals:
    """What is gathered of the residuals; `spread` is the design that their squares are explained by."""

    design: _Design
    solution: Long
    spread: _Design | None
    rss: np.floating[Any] = field(default_factory=lambda: np.longdouble(0))
    meat: Floats = field(init=False)
    squares: float = 0.0
    steps: float = 0.0
    last: Floats = field(default_factory=lambda: np.zeros(0))
    top: int = 0
    influence: float = -1.0
    evens: Long = field(default_factory=lambda: np.zeros(2, dtype=np.longdouble))
    along: Floats = field(init=False)

    def __post_init__(self) -> None:
        k = len(self.solution)
        self.meat, self.along = np.zeros((k + 1, k + 1)), np.zeros(k)

    def add(self, rows: Rows) -> None:
        """Take in a block."""
        columns, roots = self.design.columns(rows), self.design.roots(rows)
        exact = self.design.goal(rows) - columns @ self.solution
        left, unit = np.asarray(exact, dtype=np.float64), np.asarray(columns, dtype=np.float64)
        self.rss += (exact * exact).sum(dtype=np.longdouble)
        plain = left / roots
        self.squares += float(plain @ plain)
        self.steps += float((np.diff(np.concatenate([self.last, plain])) ** 2).sum())
        self.last = plain[-1:]
        self._weigh(rows, left, unit, roots)
        if self.spread is not None:
            even = left * left
            self.evens += [even.sum(dtype=np.longdouble), (even * even).sum(dtype=np.longdouble)]
            self.along += np.asarray(self.spread.columns(rows), dtype=np.float64).T @ even

    def _weigh(self, rows: Rows, left: Floats, unit: Floats, roots: Floats) -> None:
        """What each row weighs: in HC3's covariance, and by Cook's distance."""
        design = self.design
        share = roots / float(design.total) * design.intercept
        along = linalg.solve_triangular(design.triangle, unit[:, design.order].T, trans="T")
        leverage = (along * along).sum(axis=0) + share**2 * float(design.total)
        # A row of leverage 1 has no residual of its own, and no weight.
        is_open = leverage < FULL_LEVERAGE
        scores = np.where(is_open, left / np.where(is_open, 1 - leverage, 1), 0)
        parts = np.column_stack([share, unit @ design.inverse]) * scores[:, None]
        self.meat += parts.T @ parts
        influence = scores**2 * leverage
        at = int(np.argmax(influence))
        if influence[at] > self.influence:
            self.top, self.influence = int(rows.numbers[at]), float(influence[at])

    def breusch_pagan(self) -> tuple[float, float]:
        """N R² of the squared residuals on the columns, and its p; NaN where the columns, or they, do not vary."""
        if self.spread is None:
            return np.nan, np.nan
        total = float(self.evens[1] - self.evens[0] ** 2 / self.spread.n)
        if total <= 0:
            return np.nan, np.nan
        explained = linalg.solve_triangular(self.spread.triangle, self.along[self.spread.order], trans="T")
        statistic = self.spread.n * float(explained @ explained) / total
        return statistic, float(stats.chi2.sf(statistic, len(self.along)))


def _classical(design: _Design, sigma2: float) -> Floats:
    """The covariance of the mean of y and of the slopes of columns at length 1, shape (k + 1, k + 1)."""
    k = len(design.order)
    whole = np.zeros((k + 1, k + 1))
    whole[0, 0], whole[1:, 1:] = sigma2 / float(design.total), sigma2 * design.inverse
    return whole


def _errors(design: _Design, covariance: Floats) -> Floats:
    """Standard errors of the intercept and the slopes in the columns' own units."""
    along = np.concatenate([[1.0], -np.asarray(design.centers / design.scales, dtype=np.float64)])
    intercept = np.sqrt(max(0.0, float(along @ covariance @ along)))
    slopes = np.sqrt(np.diag(covariance)[1:]) / np.asarray(design.scales, dtype=np.float64)
    return np.concatenate([[intercept], slopes])


def _coefficients(terms: tuple[str, ...], estimates: Floats, errors: Floats, df: int) -> list[Coefficient]:
    reach = float(stats.t.ppf(1 - (1 - LEVEL) / 2, df))
    found = []
    for term, estimate, error in zip(terms, estimates, errors, strict=True):
        t = estimate / error if error > 0 else np.copysign(np.inf, estimate)
        p = float(2 * stats.t.sf(abs(t), df))
        low, high = float(estimate - reach * error), float(estimate + reach * error)
        found.append(Coefficient(term, float(estimate), float(error), float(t), p, low, high))
    return found


def held(blocks: Blocks) -> tuple[Floats, Floats]:
    """All of x, shape (n, k), and y, shape (n,), as float64."""
    parts = list(blocks())
    x = np.concatenate([rows.x for rows in parts]).astype(np.float64)
    return x, np.concatenate([rows.y for rows in parts])


def as_columns(columns: Sequence[Long]) -> Long:
    """Arrays of shape (n,) side by side, shape (n, k)."""
    return np.column_stack(columns)


def power_of(values: Long, power: int) -> Long:
    """The power, in long double: a tenth power needs more digits than float64 has."""
    return values.astype(np.longdouble) ** power
