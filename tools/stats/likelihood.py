"""Logistic and Poisson regression by maximum likelihood, block by block: Newton's method on orthonormal columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special, stats

from tools.stats.comparison import TooFewValues
from tools.stats.design import Blocks, Design, Long, Rows, make_design
from tools.stats.floats import Z_95, Floats
from tools.stats.regression import Coefficient

Family = Literal["logit", "poisson"]
SETTLED = 1e-8
"""A step of so few standard errors is the last."""
NEAR = 1e-4
APART = 0.1
"""Where a step of `NEAR` standard errors still moves a row's linear predictor so far, that row's is on its way to
infinity: no finite coefficient fits it best."""
ALL_APART = "the columns tell the classes apart entirely: no finite coefficient fits best"
MOST_STEPS = 100
UNMOVED = 1e-7


@dataclass(frozen=True)
class LikelihoodFit:
    """A generalized linear model: coefficients on the scale of the logit or the log, the intercept first.

    `endless` names the terms that tell `n_apart` rows from the others entirely: no finite coefficient fits them best.
    The coefficients are those of the other terms, fitted to the other rows: what they tend to as the endless ones grow.
    """

    coefficients: tuple[Coefficient, ...]
    endless: tuple[str, ...]
    n_apart: int
    n: int
    mean: float
    df: int
    deviance: float
    null_deviance: float
    pseudo_r2: float
    aic: float
    dispersion: float


def maximum_likelihood(blocks: Blocks, terms: Sequence[str], family: Family, robust: bool = False) -> LikelihoodFit:
    """Fit a logit or Poisson regression with an intercept, going through the rows several times, never holding them.

    Parameters
    ----------
    blocks : callable
        The rows; y is 0 or 1 for logit, a count for poisson, then with its exposure as weight, or without weights.
    terms : sequence of str
        The names of the k columns.
    robust : bool
        Standard errors by the sandwich (HC1), for counts that spread more than Poisson's.

    Raises
    ------
    Aliased
        If a column is constant or says what others say.
    TooFewValues
        If there are too few rows, y is constant, or the separation is complete for all rows.
    """
    k = len(terms)
    design = make_design(blocks, k, intercept=True, is_weighted=False)
    n, df, mean = design.n, design.n - k - 1, float(design.middle)
    if df < 1:
        raise TooFewValues(f"{n} {'row is' if n == 1 else 'rows are'} too few for {k + 1} coefficients")
    if design.y_low == design.y_high and (design.y_low == 0 or not _has_exposure(blocks)):
        raise TooFewValues("the target is constant: there is nothing to explain")
    design.check(terms)
    null, peak = _climb(blocks, design, family)
    while peak.n_apart:
        if peak.n_apart == peak.basis.n:
            raise TooFewValues(ALL_APART)
        blocks = _others(blocks, peak)
        design = make_design(blocks, k, intercept=True, is_weighted=False)
        if design.y_high == 0 or (family == "logit" and design.y_low == 1):
            raise TooFewValues(ALL_APART)
        _, peak = _climb(blocks, design, family)
    endless = _endless(design)
    names = ("(intercept)", *terms)
    # All y are likeliest where each is expected as it is; a Poisson's chance of that is not 1.
    saturated = null.saturated
    at_peak, at_null = saturated - peak.deviance / 2, saturated - null.deviance / 2
    return LikelihoodFit(
        coefficients=tuple(_coefficients(peak, names, endless, n / df if robust else None)),
        endless=tuple(name for name, is_endless in zip(names, endless, strict=True) if is_endless),
        n_apart=n - peak.basis.n,
        n=n,
        mean=mean,
        df=df,
        deviance=peak.deviance,
        null_deviance=null.deviance,
        pseudo_r2=1 - at_peak / at_null,
        aic=2 * (k + 1) - 2 * at_peak,
        dispersion=peak.pearson / df,
    )


@dataclass(frozen=True)
class _Basis:
    """Orthonormal columns that span a constant and the design's; `root` makes them of the `kept` ones, centred."""

    n: int
    kept: NDArray[np.intp]
    centers: Long
    root: Floats

    def columns(self, rows: Rows) -> Floats:
        """The columns for some rows, shape (n, rank + 1), the constant first."""
        columns = np.empty((len(rows.y), len(self.kept) + 1))
        columns[:, 0] = self.n**-0.5
        columns[:, 1:] = np.asarray(rows.x[:, self.kept] - self.centers, dtype=np.float64) @ self.root
        return columns

    @property
    def back(self) -> Floats:
        """From coordinates to the intercept and slopes in the columns' own units, shape (rank + 1, rank + 1)."""
        whole = np.zeros((len(self.kept) + 1, len(self.kept) + 1))
        shift = np.asarray(self.centers @ self.root, dtype=np.float64)
        whole[0, 0], whole[0, 1:], whole[1:, 1:] = self.n**-0.5, -shift, self.root
        return whole


@dataclass(frozen=True)
class _Place:
    """What a pass finds at the coordinates `at`, where `step` led: `right` over `information` is the next step."""

    basis: _Basis
    at: Floats
    step: Floats
    deviance: float
    saturated: float
    pearson: float
    right: Floats
    information: Floats
    meat: Floats
    n_apart: int = 0


def _climb(blocks: Blocks, design: Design, family: Family) -> tuple[_Place, _Place]:
    """The place of the constant alone, and the place where the likelihood is largest."""
    rank = design.rank
    kept = design.order[:rank]
    root = linalg.solve_triangular(design.triangle[:rank, :rank], np.eye(rank))
    root /= np.asarray(design.scales[kept], dtype=np.float64)[:, None]
    basis = _Basis(design.n, kept, design.centers[kept], root)
    mean = _mean(blocks, design)
    level = special.logit(mean) if family == "logit" else np.log(mean)
    at = np.concatenate([[level * design.n**0.5], np.zeros(rank)])
    null = best = _look(blocks, basis, family, at, at * 0, mean)
    if family == "poisson":
        # Counts may lie so far above the mean that least squares on their logarithms is the nearer place to begin.
        at = _solve(_look(blocks, basis, family, None, at * 0, mean))
        begun = _look(blocks, basis, family, at, at * 0, mean)
        best = begun if begun.deviance < null.deviance else null
    step, size = _lead(best)
    for _ in range(MOST_STEPS):
        place = _look(blocks, basis, family, best.at + step, step, mean)
        if not place.deviance <= best.deviance + 1e-9 * (1 + null.deviance):
            step = step / 2
            continue
        best = place
        if size < SETTLED or (size < NEAR and place.n_apart):
            return null, best
        step, size = _lead(best)
    raise TooFewValues(f"no best fit was found in {MOST_STEPS} steps")


def _has_exposure(blocks: Blocks) -> bool:
    return next(iter(blocks())).weights is not None


def _mean(blocks: Blocks, design: Design) -> float:
    """Of y, or where there are exposures their common rate."""
    if not _has_exposure(blocks):
        return float(design.middle)
    exposure = sum(float(rows.weights.sum()) for rows in blocks() if rows.weights is not None)
    return float(design.middle) * design.n / exposure


def _look(blocks: Blocks, basis: _Basis, family: Family, at: Floats | None, step: Floats, mean: float) -> _Place:
    """Go through the rows at the coordinates `at`, or (None) with each count halfway between itself and the mean.

    From there the next step is least squares on the logarithms, as from 0.
    """
    r = len(step)
    deviance, saturated, pearson, n_apart = 0.0, 0.0, 0.0, 0
    right, information, meat = np.zeros(r), np.zeros((r, r)), np.zeros((r, r))
    for rows in blocks():
        columns, y = basis.columns(rows), rows.y
        exposure = np.ones(len(y)) if rows.weights is None else rows.weights
        offset = np.log(exposure)
        predictor = np.log((y + mean * exposure) / 2) if at is None else columns @ at + offset
        residuals, weights, parts = _weigh(family, y, predictor)
        right += columns.T @ (residuals + weights * (predictor - offset) if at is None else residuals)
        information += (columns * weights[:, None]).T @ columns
        squares = residuals * residuals
        meat += (columns * squares[:, None]).T @ columns
        pearson += float(np.divide(squares, weights, out=np.zeros(len(y)), where=weights > 0).sum())
        deviance += float(parts.sum())
        if family == "poisson":
            saturated += float((special.xlogy(y, y) - y - special.gammaln(y + 1)).sum())
        n_apart += int((np.abs(columns @ step) > APART).sum())
    at = step if at is None else at
    return _Place(basis, at, step, deviance, saturated, pearson, right, information, meat, n_apart)


def _weigh(family: Family, y: Floats, predictor: Floats) -> tuple[Floats, Floats, Floats]:
    """Residuals, variances and parts of the deviance, each of shape (n,)."""
    if family == "logit":
        sign = 2 * y - 1
        residuals = sign * special.expit(-sign * predictor)
        return residuals, special.expit(predictor) * special.expit(-predictor), 2 * np.logaddexp(0, -sign * predictor)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = np.exp(predictor)
        return y - expected, expected, 2 * (special.xlogy(y, y) - y * predictor - y + expected)


def _lead(place: _Place) -> tuple[Floats, float]:
    """Newton's step from there, and how many standard errors it is long."""
    step = _solve(place)
    return step, max(0.0, float(step @ place.right)) ** 0.5


def _solve(place: _Place) -> Floats:
    try:
        found: Floats = linalg.solve(place.information, place.right, assume_a="pos")
    except (linalg.LinAlgError, ValueError) as error:
        raise TooFewValues("no best fit was found: the terms are nearly collinear, or differ much in size") from error
    return found


def _others(blocks: Blocks, place: _Place) -> Blocks:
    """The rows that the last step left where they were."""

    def remaining() -> Iterable[Rows]:
        for rows in blocks():
            stays = np.abs(place.basis.columns(rows) @ place.step) <= APART
            if stays.any():
                weights = None if rows.weights is None else rows.weights[stays]
                yield Rows(rows.numbers[stays], rows.x[stays], rows.y[stays], weights)

    return remaining


def _endless(design: Design) -> NDArray[np.bool_]:
    """Which of the intercept and the terms the rows of the design leave open, shape (k + 1,)."""
    k, rank = len(design.order), design.rank
    kept, lost = design.order[:rank], design.order[rank:]
    # Combinations of terms that change nothing in these rows, shape (k, k - rank).
    open_ = np.zeros((k, k - rank))
    open_[kept] = -linalg.solve_triangular(design.triangle[:rank, :rank], design.triangle[:rank, rank:])
    open_[lost] = np.eye(k - rank)
    slopes = open_ / np.asarray(np.where(design.scales > 0, design.scales, 1), dtype=np.float64)[:, None]
    shifts = np.asarray(design.centers, dtype=np.float64)[:, None] * slopes
    moves_intercept = np.abs(shifts.sum(axis=0)) > UNMOVED * np.abs(shifts).sum(axis=0)
    return np.concatenate([[moves_intercept.any()], (np.abs(open_) > UNMOVED).any(axis=1)])


def _coefficients(
    peak: _Place, names: Sequence[str], endless: NDArray[np.bool_], sandwich: float | None
) -> Iterable[Coefficient]:
    """The terms that the rows determine; their errors by the sandwich times a factor, where one is given."""
    basis = peak.basis
    covariance = linalg.inv(peak.information)
    if sandwich is not None:
        covariance = covariance @ peak.meat @ covariance * sandwich
    estimates = basis.back @ peak.at
    errors = np.sqrt(np.diag(basis.back @ covariance @ basis.back.T))
    found = dict(zip([0, *(int(place) + 1 for place in basis.kept)], zip(estimates, errors, strict=True), strict=True))
    for place, name in enumerate(names):
        if not endless[place]:
            estimate, se = (float(value) for value in found[place])
            z = estimate / se
            p = float(2 * stats.norm.sf(abs(z)))
            yield Coefficient(name, estimate, se, z, p, estimate - Z_95 * se, estimate + Z_95 * se)
