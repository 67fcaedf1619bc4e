"""Least squares to the digits that float64 allows: centred, scaled, by QR, refined in long double."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, stats

from tools.stats.comparison import TooFewValues
from tools.stats.floats import LEVEL, Floats

RANK_TOLERANCE = 1e-11
"""Columns that are the others' sum to so many digits carry nothing of their own."""
N_REFINEMENTS = 5
MAX_LONG = 5_000_000
"""Values of x that are held in long double."""
Long = NDArray[np.floating[Any]]


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

    `condition_number` is of the centred columns scaled to length 1; `vif` has one value a term, after the intercept;
    `cooks` and `leverage` one a row.
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
    residuals: Floats
    fitted: Floats
    leverage: Floats
    cooks: Floats


def least_squares(
    x: Long,
    y: Floats,
    terms: tuple[str, ...],
    robust: bool = False,
    weights: Floats | None = None,
    intercept: bool = True,
) -> Fit:
    """Least squares of y on the columns of x and, unless there is to be none, an intercept.

    Columns and y are centred and scaled before the QR decomposition with pivots, and the solution is refined with
    residuals in long double (float64 beyond five million values, for the memory), so that no digit is lost to the sizes
    of the columns.

    Parameters
    ----------
    x : array of shape (n, k)
        Float64, or long double where high powers must keep their digits.
    y : array of shape (n,)
        Neither holds a missing value.
    terms : tuple of str
        The names of the k columns.
    robust : bool
        Standard errors that hold when the spread of the residuals changes: HC3 (MacKinnon, White 1985).
    weights : array of shape (n,), optional
        Above 0, proportional to 1 over the variance of each y; sigma is that of weight 1, as in R's lm.
    intercept : bool
        Without one, R² and F compare with 0 in place of the mean of y, as in R and NIST.

    Raises
    ------
    TooFewValues
        If there are not more rows than coefficients, y is constant, or a column says what others say.
    """
    n, k = x.shape
    df = n - k - intercept
    if df < 1:
        raise TooFewValues(f"{n} rows are too few for {k + intercept} coefficients")
    if np.ptp(y) == 0 and (intercept or y[0] == 0):
        raise TooFewValues("the target is constant: there is nothing to explain")
    design = _prepare(x, y, weights, intercept)
    if (design.scales == 0).any():
        raise TooFewValues(f"{terms[int(np.argmin(design.scales))]} is constant: it explains nothing")
    q, r, order = linalg.qr(design.unit, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    if diagonal[-1] < RANK_TOLERANCE * diagonal[0]:
        raise TooFewValues(f"{terms[order[-1]]} says what other columns say together: leave it out")
    solution = np.zeros(k, dtype=design.goal.dtype)
    left = design.goal
    wide = design.moved / design.scales
    for _ in range(N_REFINEMENTS):
        # What the residuals still have in common with the columns, by the seminormal equations (Björck 1987).
        along = np.asarray(wide.T @ left, dtype=np.float64)[order]
        solution[order] += linalg.solve_triangular(r, linalg.solve_triangular(r, along, trans="T"))
        left = design.goal - wide @ solution
    slopes = solution / design.scales
    inverse = np.empty((k, k))
    root = linalg.solve_triangular(r, np.eye(k))
    inverse[np.ix_(order, order)] = root @ root.T
    weighted = np.asarray(left, dtype=np.float64)
    rss, tss = float((left * left).sum()), float((design.goal * design.goal).sum())
    leverage = (q * q).sum(axis=1) + design.share**2 * float(design.total)
    sigma2 = rss / df
    # A point of leverage 1 has no residual of its own, and no weight in HC3.
    scores = np.where(leverage < 1, weighted / np.maximum(1 - leverage, 1e-12), 0.0) if robust else None
    covariance = _covariance(design, inverse, scores, sigma2)
    errors = _errors(design, covariance)
    estimates = np.asarray(np.concatenate([[design.middle - slopes @ design.centers], slopes]), dtype=np.float64)
    kept = slice(0 if intercept else 1, None)
    r2 = 1 - rss / tss
    f = (tss - rss) / k / sigma2 if sigma2 > 0 else np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        cooks = weighted**2 / ((k + intercept) * sigma2) * leverage / (1 - leverage) ** 2
    residuals = weighted / design.root
    return Fit(
        coefficients=tuple(_coefficients(("(intercept)", *terms)[kept], estimates[kept], errors[kept], df)),
        n=n,
        df=df,
        r2=r2,
        adj_r2=1 - (1 - r2) * (n - intercept) / df,
        sigma=float(np.sqrt(sigma2)),
        f=float(f),
        f_p=float(stats.f.sf(f, k, df)),
        condition_number=float(np.linalg.cond(design.unit)),
        vif=tuple(float(value) for value in np.diag(inverse)),
        residuals=residuals,
        fitted=y - residuals,
        leverage=leverage,
        cooks=cooks,
    )


@dataclass(frozen=True)
class _Design:
    """Columns and y about their (weighted) means, times the root of the weights; columns also at length 1 (`unit`).

    `middle` is the mean of y, and `share` what each row of the weighted y adds to it: both 0 without an intercept.
    """

    moved: Long
    goal: Long
    unit: Floats
    centers: Long
    scales: Long
    middle: np.floating[Any]
    total: np.floating[Any]
    root: Floats
    share: Floats


def _prepare(x: Long, y: Floats, weights: Floats | None, intercept: bool) -> _Design:
    exact: type[np.floating[Any]] = np.longdouble if x.size <= MAX_LONG else np.float64
    wide: Long = x.astype(exact)
    tall: Long = y.astype(exact)
    w: Long = np.ones(len(y), dtype=exact) if weights is None else weights.astype(exact)
    root: Long = np.sqrt(w)
    total: np.floating[Any] = w.sum()
    of_mean: Long = w / total if intercept else w * 0
    # A column is moved to about 0 first: its mean is then as exact as its values.
    near: Long = wide[0] if intercept else wide[0] * 0
    centers: Long = near + of_mean @ (wide - near)
    middle: np.floating[Any] = (of_mean * tall).sum()
    moved: Long = (wide - centers) * root[:, None]
    scales: Long = np.sqrt((moved * moved).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        unit = np.asarray(moved / scales, dtype=np.float64)
    return _Design(
        moved=moved,
        goal=(tall - middle) * root,
        unit=unit,
        centers=centers,
        scales=scales,
        middle=middle,
        total=total,
        root=np.asarray(root, dtype=np.float64),
        share=np.asarray(of_mean / root, dtype=np.float64),
    )


def _covariance(design: _Design, inverse: Floats, scores: Floats | None, sigma2: float) -> Floats:
    """Of the mean of y and of the scaled slopes, shape (k + 1, k + 1): the mean comes first.

    `scores` are the residuals that HC3 weighs by, None for classical errors.
    """
    k = len(inverse)
    if scores is None:
        whole = np.zeros((k + 1, k + 1))
        whole[0, 0], whole[1:, 1:] = sigma2 / float(design.total), sigma2 * inverse
        return whole
    parts = np.column_stack([design.share, design.unit @ inverse]) * scores[:, None]
    product: Floats = parts.T @ parts
    return product


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


def breusch_pagan(x: Long, residuals: Floats) -> tuple[float, float]:
    """Koenker's version: n R² of the squared residuals on x, and its chi-square p; small: the spread changes."""
    fit = least_squares(x, residuals**2, tuple(map(str, range(x.shape[1]))))
    statistic = len(residuals) * fit.r2
    return statistic, float(stats.chi2.sf(statistic, x.shape[1]))


def durbin_watson(residuals: Floats) -> float:
    """Near 2: neighbours in the file's order are independent; near 0 they go together, near 4 against each other."""
    return float((np.diff(residuals) ** 2).sum() / (residuals**2).sum())


def most_influential(cooks: Floats) -> int:
    """The place of the largest Cook's distance; the first where none is a number."""
    return int(np.argmax(np.nan_to_num(cooks, nan=-1.0, posinf=-1.0)))


def as_columns(columns: Sequence[Long]) -> Long:
    """Arrays of shape (n,) side by side, shape (n, k)."""
    return np.column_stack(columns)


def as_floats(values: Iterable[float]) -> Floats:
    """The values as float64, shape (n,); true is 1."""
    return np.array(list(values), dtype=np.float64)


def power_of(values: Long, power: int) -> Long:
    """The power, in long double: a tenth power needs more digits than float64 has."""
    return values.astype(np.longdouble) ** power
