"""Least squares to the digits that float64 allows, block by block: centred, by QR, refined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from tools.stats.autocorrelation import DurbinWatson, Neighbours
from tools.stats.comparison import TooFewValues
from tools.stats.design import Blocks, Design, Long, Rows, make_design
from tools.stats.floats import LEVEL, Floats

N_REFINEMENTS = 5
FULL_LEVERAGE = 1 - 1e-10
"""From here on a row determines its own fitted value."""
DECIDING = 1e-9
"""Of a row of leverage 1: a part in a coefficient, of what one may have, above rounding."""
MAX_NAMED = 10


@dataclass(frozen=True)
class Coefficient:
    """One term: the estimate, its standard error, t (or z), two-sided p, and the 95 % interval.

    Where the residuals are only rounding `se` is 0, and t, p and the interval are None; where robust errors divide by
    0, `se` is None too.
    """

    term: str
    estimate: float
    se: float | None
    statistic: float | None
    p: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class LinearFit:
    """A linear model: coefficients, the intercept first, and what shows whether to believe them.

    `condition_number` is of the centred columns scaled to length 1; `vif` has one value a term, after the intercept.
    `breusch_pagan` is Koenker's n R² of the squared residuals on x with its p (small: non-constant variance).
    `durbin_watson` is near 2 without autocorrelation in the rows' order, near 0 under a positive one, near 4 under a
    negative one, of the weighted residuals where there are weights; None without residuals. `most_influential` is the
    row of the largest Cook's distance, and that. What a fit without residuals does not have is NaN.
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
    durbin_watson: DurbinWatson | None
    most_influential: tuple[int, float]
    alone: tuple[int, ...]
    n_alone: int
    rests_on_them: tuple[str, ...]
    is_exact: bool


def least_squares(blocks: Blocks, terms: Sequence[str], robust: bool = False, intercept: bool = True) -> LinearFit:
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
        Standard errors that hold when the spread of the residuals changes: HC3 (MacKinnon, White 1985). A term that a
        row of leverage 1 decides has none: HC3 divides by 1 - leverage.
    intercept : bool
        Without one, R² and F compare with 0 in place of the mean of y, as in R and NIST.

    Raises
    ------
    Aliased
        If a column is constant or says what others say.
    TooFewValues
        If there are not more rows than coefficients, or y is constant.
    """
    k = len(terms)
    design = make_design(blocks, k, intercept, is_weighted=True)
    df = design.n - k - intercept
    if df < 1:
        raise TooFewValues(
            f"{design.n} row{' is' if design.n == 1 else 's are'} too few for {k + intercept} coefficients"
        )
    if design.y_low == design.y_high and (intercept or design.y_low == 0):
        raise TooFewValues("the target is constant: there is nothing to explain")
    design.check(terms)
    solution = _solve(blocks, design)
    is_plain = intercept and not design.is_weighted
    spread = design if is_plain else make_design(blocks, k, intercept=True, is_weighted=False)
    left = _Residuals(design, solution, spread if spread.has_full_rank else None)
    for rows in blocks():
        left.add(rows)
    rss, tss = float(left.rss), float(design.tss)
    is_exact = rss <= left.rounding
    sigma2 = 0.0 if is_exact else rss / df
    names = ("(intercept)", *terms)
    slopes = solution / design.scales
    estimates = np.asarray(np.concatenate([[design.middle - slopes @ design.centers], slopes]), dtype=np.float64)
    errors = left.errors(sigma2, df, robust)
    kept = slice(0 if intercept else 1, None)
    r2 = 1 - rss / tss
    f = np.nan if is_exact else (tss - rss) / k / sigma2
    decided = zip(names[kept], left.is_decided[kept], strict=True)
    return LinearFit(
        coefficients=tuple(_coefficients(names[kept], estimates[kept], errors[kept], df)),
        n=design.n,
        df=df,
        r2=r2,
        adj_r2=1 - (1 - r2) * (design.n - intercept) / df,
        sigma=float(np.sqrt(sigma2)),
        f=float(f),
        f_p=float(stats.f.sf(f, k, df)),
        condition_number=float(np.linalg.cond(design.triangle)),
        vif=tuple(float(value) for value in np.diag(design.inverse)),
        breusch_pagan=(np.nan, np.nan) if is_exact else left.breusch_pagan(),
        durbin_watson=None if is_exact else left.neighbours.test(left.inverse),
        most_influential=(left.top, np.nan if is_exact else left.influence / ((k + intercept) * sigma2)),
        alone=tuple(left.alone),
        n_alone=left.n_alone,
        rests_on_them=tuple(name for name, is_decided in decided if is_decided),
        is_exact=is_exact,
    )


def _solve(blocks: Blocks, design: Design) -> Long:
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

    design: Design
    solution: Long
    spread: Design | None
    rss: np.floating[Any] = field(default_factory=lambda: np.longdouble(0))
    meat: Floats = field(init=False)
    neighbours: Neighbours = field(init=False)
    top: int = 0
    influence: float = -1.0
    evens: Long = field(default_factory=lambda: np.zeros(2, dtype=np.longdouble))
    along: Floats = field(init=False)
    rounding: float = 0.0
    meat_of_rounding: Floats = field(init=False)
    alone: list[int] = field(default_factory=list)
    n_alone: int = 0
    is_decided: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        k = len(self.solution)
        self.meat, self.meat_of_rounding, self.along = np.zeros((k + 1, k + 1)), np.zeros((k + 1, k + 1)), np.zeros(k)
        self.is_decided = np.zeros(k + 1, dtype=bool)
        self.neighbours = Neighbours(self.design.n, k + self.design.intercept)

    def add(self, rows: Rows) -> None:
        """Take in a block."""
        columns, roots = self.design.columns(rows), self.design.roots(rows)
        exact = self.design.goal(rows) - columns @ self.solution
        left, unit = np.asarray(exact, dtype=np.float64), np.asarray(columns, dtype=np.float64)
        self.rss += (exact * exact).sum(dtype=np.longdouble)
        ones = roots[:, None] / np.sqrt(float(self.design.total))
        self.neighbours.add(left, np.hstack([ones, unit]) if self.design.intercept else unit)
        noise = self._rounding(rows) * roots
        self.rounding += float(noise @ noise)
        self._weigh(rows, left, unit, noise)
        if self.spread is not None:
            even = left * left
            self.evens += [even.sum(dtype=np.longdouble), (even * even).sum(dtype=np.longdouble)]
            self.along += np.asarray(self.spread.columns(rows), dtype=np.float64).T @ even

    def _rounding(self, rows: Rows) -> Floats:
        """How far each residual may be off because y and the columns are float64: no less than two halves of a bit."""
        slopes = np.abs(self.solution / self.design.scales)
        sizes = np.abs(rows.y) + np.abs(rows.x) @ slopes
        return np.asarray(sizes * np.finfo(np.float64).eps, dtype=np.float64)

    def _weigh(self, rows: Rows, left: Floats, unit: Floats, noise: Floats) -> None:
        """What each row weighs: in HC3's covariance, and by Cook's distance."""
        design, roots = self.design, self.design.roots(rows)
        share = roots / float(design.total) * design.intercept
        along = linalg.solve_triangular(design.triangle, unit[:, design.order].T, trans="T")
        leverage = (along * along).sum(axis=0) + share**2 * float(design.total)
        # A row of leverage 1 has no residual of its own, and no weight.
        is_open = leverage < FULL_LEVERAGE
        room = np.where(is_open, 1 - leverage, 1)
        parts = np.column_stack([share, unit @ design.inverse])
        if not is_open.all():
            self._name(rows.numbers[~is_open], parts[~is_open])
        scores = np.where(is_open, left / room, 0)
        for meat, each in ((self.meat, scores), (self.meat_of_rounding, np.where(is_open, noise / room, 0))):
            weighed = parts * each[:, None]
            meat += weighed.T @ weighed
        influence = scores**2 * leverage
        at = int(np.argmax(influence))
        if influence[at] > self.influence:
            self.top, self.influence = int(rows.numbers[at]), float(influence[at])

    def _name(self, numbers: Floats, parts: Floats) -> None:
        """Keep the rows of leverage 1, and which of the intercept and the slopes they decide."""
        self.n_alone += len(numbers)
        self.alone += [int(number) for number in numbers[: MAX_NAMED - len(self.alone)]]
        shifts = parts[:, 1:] * np.asarray(self.design.centers / self.design.scales, dtype=np.float64)
        intercept, most = parts[:, 0] - shifts.sum(axis=1), np.abs(parts[:, 0]) + np.abs(shifts).sum(axis=1)
        slopes = np.abs(parts[:, 1:]) > DECIDING * np.sqrt(np.diag(self.design.inverse))
        self.is_decided |= np.column_stack([np.abs(intercept) > DECIDING * most, slopes]).any(axis=0)

    @property
    def inverse(self) -> Floats:
        """Of the products of all columns at length 1, the intercept's first if there is one."""
        k = self.neighbours.k
        whole = np.eye(k)
        whole[k - len(self.solution) :, k - len(self.solution) :] = self.design.inverse
        return whole

    def errors(self, sigma2: float, df: int, robust: bool) -> Floats:
        """Standard errors of the intercept and the slopes; 0 where they are rounding, NaN where HC3 divides by 0."""
        covariance = self.meat if robust else _classical(self.design, sigma2)
        floor = self.meat_of_rounding if robust else _classical(self.design, self.rounding / df)
        errors = _errors(self.design, covariance)
        errors[errors <= _errors(self.design, floor)] = 0.0
        if robust:
            errors[self.is_decided] = np.nan
        return errors

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


def _classical(design: Design, sigma2: float) -> Floats:
    """The covariance of the mean of y and of the slopes of columns at length 1, shape (k + 1, k + 1)."""
    k = len(design.order)
    whole = np.zeros((k + 1, k + 1))
    whole[0, 0], whole[1:, 1:] = sigma2 / float(design.total), sigma2 * design.inverse
    return whole


def _errors(design: Design, covariance: Floats) -> Floats:
    """Standard errors of the intercept and the slopes in the columns' own units."""
    along = np.concatenate([[1.0], -np.asarray(design.centers / design.scales, dtype=np.float64)])
    intercept = np.sqrt(max(0.0, float(along @ covariance @ along)))
    slopes = np.sqrt(np.diag(covariance)[1:]) / np.asarray(design.scales, dtype=np.float64)
    return np.concatenate([[intercept], slopes])


def _coefficients(terms: tuple[str, ...], estimates: Floats, errors: Floats, df: int) -> list[Coefficient]:
    reach = float(stats.t.ppf(1 - (1 - LEVEL) / 2, df))
    found = []
    for term, estimate, error in zip(terms, estimates, errors, strict=True):
        if not error > 0:
            found.append(Coefficient(term, float(estimate), 0.0 if error == 0 else None, None, None, None, None))
            continue
        t = estimate / error
        p = float(2 * stats.t.sf(abs(t), df))
        low, high = float(estimate - reach * error), float(estimate + reach * error)
        found.append(Coefficient(term, float(estimate), float(error), float(t), p, low, high))
    return found
