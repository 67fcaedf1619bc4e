"""Least squares to the digits that float64 allows: centred, scaled, by QR, refined in long double."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

from tools.stats.comparison import TooFewValues
from tools.stats.effects import LEVEL, Floats

RANK_TOLERANCE = 1e-11
"""Columns that are the others' sum to so many digits carry nothing of their own."""
N_REFINEMENTS = 5


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


def least_squares(x: Floats, y: Floats, terms: tuple[str, ...], robust: bool = False) -> Fit:
    """Ordinary least squares of y on the columns of x and an intercept.

    Columns and y are centred and scaled before the QR decomposition with pivots, and the solution is refined with
    residuals in long double, so that no digit is lost to the sizes of the columns.

    Parameters
    ----------
    x : array of shape (n, k)
    y : array of shape (n,)
        Neither holds a missing value.
    terms : tuple of str
        The names of the k columns.
    robust : bool
        Standard errors that hold when the spread of the residuals changes: HC3 (MacKinnon, White 1985).

    Raises
    ------
    TooFewValues
        If there are not more rows than coefficients, y is constant, or a column says what others say.
    """
    n, k = x.shape
    df = n - k - 1
    if df < 1:
        raise TooFewValues(f"{n} rows are too few for {k + 1} coefficients")
    if np.ptp(y) == 0:
        raise TooFewValues("the target is constant: there is nothing to explain")
    wide = x.astype(np.longdouble)
    centers = wide.mean(axis=0)
    moved = wide - centers
    scales = np.sqrt((moved * moved).sum(axis=0))
    if (scales == 0).any():
        raise TooFewValues(f"{terms[int(np.argmin(scales))]} is constant: it explains nothing")
    unit = np.asarray(moved / scales, dtype=np.float64)
    q, r, order = linalg.qr(unit, mode="economic", pivoting=True)
    diagonal = np.abs(np.diag(r))
    if diagonal[-1] < RANK_TOLERANCE * diagonal[0]:
        raise TooFewValues(f"{terms[order[-1]]} says what other columns say together: leave it out")
    center_y = y.astype(np.longdouble).mean()
    goal = y.astype(np.longdouble) - center_y
    solution = np.zeros(k, dtype=np.longdouble)
    left = goal
    for _ in range(N_REFINEMENTS):
        step = linalg.solve_triangular(r, q.T @ np.asarray(left, dtype=np.float64))
        solution[order] += step
        left = goal - (moved / scales) @ solution
    slopes = solution / scales
    intercept = center_y - (slopes * centers).sum()
    inverse = np.empty((k, k))
    root = linalg.solve_triangular(r, np.eye(k))
    inverse[np.ix_(order, order)] = root @ root.T
    residuals = np.asarray(left, dtype=np.float64)
    rss = float((left * left).sum())
    tss = float((goal * goal).sum())
    leverage = (q * q).sum(axis=1) + 1 / n
    sigma2 = rss / df
    covariance = _covariance(unit, inverse, residuals, leverage, sigma2, robust)
    estimates = np.asarray(np.concatenate([[intercept], slopes]), dtype=np.float64)
    errors = _errors(covariance, np.asarray(centers / scales, dtype=np.float64), np.asarray(scales, dtype=np.float64))
    r2 = 1 - rss / tss
    f = (tss - rss) / k / sigma2 if sigma2 > 0 else np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        cooks = residuals**2 / ((k + 1) * sigma2) * leverage / (1 - leverage) ** 2
    return Fit(
        coefficients=tuple(_coefficients(("(intercept)", *terms), estimates, errors, df)),
        n=n,
        df=df,
        r2=r2,
        adj_r2=1 - (1 - r2) * (n - 1) / df,
        sigma=float(np.sqrt(sigma2)),
        f=float(f),
        f_p=float(stats.f.sf(f, k, df)),
        condition_number=float(np.linalg.cond(unit)),
        vif=tuple(float(value) for value in np.diag(inverse)),
        residuals=residuals,
        fitted=y - residuals,
        leverage=leverage,
        cooks=cooks,
    )


def _covariance(
    unit: Floats, inverse: Floats, residuals: Floats, leverage: Floats, sigma2: float, robust: bool
) -> Floats:
    """Of the mean of y and of the scaled slopes, shape (k + 1, k + 1): the mean comes first."""
    n, k = unit.shape
    whole = np.zeros((k + 1, k + 1))
    if not robust:
        whole[0, 0], whole[1:, 1:] = sigma2 / n, sigma2 * inverse
        return whole
    # A point of leverage 1 has no residual of its own, and no weight here.
    weights = np.where(leverage < 1, residuals / np.maximum(1 - leverage, 1e-12), 0.0)
    scores = np.column_stack([np.full(n, 1 / n), unit @ inverse]) * weights[:, None]
    product: Floats = scores.T @ scores
    return product


def _errors(covariance: Floats, centers: Floats, scales: Floats) -> Floats:
    """Standard errors of the intercept and the slopes in the columns' own units."""
    along = np.concatenate([[1.0], -centers])
    intercept = np.sqrt(max(0.0, float(along @ covariance @ along)))
    return np.concatenate([[intercept], np.sqrt(np.diag(covariance)[1:]) / scales])


def _coefficients(terms: tuple[str, ...], estimates: Floats, errors: Floats, df: int) -> list[Coefficient]:
    reach = float(stats.t.ppf(1 - (1 - LEVEL) / 2, df))
    found = []
    for term, estimate, error in zip(terms, estimates, errors, strict=True):
        t = estimate / error if error > 0 else np.copysign(np.inf, estimate)
        p = float(2 * stats.t.sf(abs(t), df))
        low, high = float(estimate - reach * error), float(estimate + reach * error)
        found.append(Coefficient(term, float(estimate), float(error), float(t), p, low, high))
    return found


def breusch_pagan(x: Floats, residuals: Floats) -> tuple[float, float]:
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


def as_columns(columns: Sequence[Floats]) -> Floats:
    """Arrays of shape (n,) side by side, shape (n, k)."""
    return np.column_stack(columns).astype(np.float64)
