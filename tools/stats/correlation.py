"""Correlation of two columns, with p-value and interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, special, stats

from tools.stats.bounds import bound_above
from tools.stats.exact import MOST_COUNTED, kendall_p, least_p, spearman_p
from tools.stats.floats import Z_95
from tools.stats.ranks import RankedColumn, rank_column, rank_correlation
from tools.stats.scaling import divided, exponent_of

if TYPE_CHECKING:
    import pandas as pd

Method = Literal["pearson", "spearman", "kendall"]
FEW_KENDALL = 50
"""Kendall's p is counted out for fewer values than these where none are equal, as in R."""
MOST_FACTORIAL = 170
SAME_DIRECTION = 1e-10
"""What a control has of its own, of length 1, is less than this where the others say the same."""
R_ROUNDING = 2.0**-51
"""How far rounding may have moved r: nearer to 1, its p is only known to be small."""


@dataclass(frozen=True)
class Correlation:
    """`r` with its two-sided p-value and 95 % interval, over the n pairs that are complete; None where undefined.

    `p_method` says how p was got; `p_is_bound`, that all that is known is that it is below.
    """

    r: float | None
    p: float | None
    n: int
    ci_low: float | None
    ci_high: float | None
    p_method: str | None = None
    p_is_bound: bool = False


def correlate_pair(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    method: Method = "pearson",
    controls: Sequence[NDArray[np.float64]] = (),
) -> Correlation:
    """Correlation of two columns over the rows where both (and all controls) are present.

    Pearson's p-value is exact under normality (t with n - 2 degrees of freedom); Spearman's is
    counted out to 10 rows, equal values or not, and uses the same t on the ranks beyond. Kendall's is tau-b, its p
    counted out to 10 rows, and below 50 without ties; else normal. The interval is Fisher's z with variance
    1 / (n - 3); for Spearman (1 + r²/2) / (n - 3), for Kendall 0.437 / (n - 4). With controls it is the partial
    correlation: of what least squares on the controls (on their ranks) leave, and n counts for one less each (a control
    that does not vary, or says what the others say, takes nothing).

    Parameters
    ----------
    x, y : array of shape (n_rows,)
        NaN where missing.
    controls : sequence of arrays of shape (n_rows,)
        What is held constant; not with Kendall.

    Returns
    -------
    Correlation
        All None but n when n < 3 (and more with controls) or a column is constant; no interval when n is just enough.

    References
    ----------
    Fisher (1921). Metron 1, 3-32. Fisher (1924). Metron 3, 329-332 (partial). Bonett, Wright (2000). Psychometrika 65,
    23-28. Fieller, Hartley, Pearson (1957). Biometrika 44, 470-481. Kendall (1945). Biometrika 33, 239-251.
    """
    if method == "spearman" and not controls:
        return correlate_ranks(rank_column(x), rank_column(y))
    both = np.isfinite(x) & np.isfinite(y)
    for control in controls:
        both &= np.isfinite(control)
    x, y, *held = (_near_one(values[both]) for values in (x, y, *controls))
    n = len(x)
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(None, None, n, None, None)
    if method == "kendall":
        return _kendall(x, y)
    if method == "spearman":
        x, y, held = stats.rankdata(x), stats.rankdata(y), [stats.rankdata(control) for control in held]
    n_free = n
    if held:
        basis = _directions(held)
        n_free -= basis.shape[1]
        left = [_residuals(values, basis) for values in (x, y)]
        if n_free < 3 or left[0] is None or left[1] is None:
            return Correlation(None, None, n, None, None)
        x, y = left[0], left[1]
    found = pearson_of(float(stats.pearsonr(x, y).statistic), n_free)
    return replace(found if method == "pearson" else _with_interval_of_ranks(found), n=n)


def correlate_ranks(x: RankedColumn, y: RankedColumn) -> Correlation:
    """Spearman's correlation of two columns that were ranked before, as `correlate_pair` gives it."""
    r, n = rank_correlation(x, y)
    if r is None:
        return Correlation(None, None, n, None, None)
    found = _with_interval_of_ranks(pearson_of(r, n))
    both = x.present & y.present
    if n <= MOST_COUNTED:
        p = spearman_p(x.within(both)[both], y.within(both)[both])
        return replace(found, p=p, p_method="exact", p_is_bound=False)
    return _not_below_least(found, x.places[both], y.places[both])


def _not_below_least(found: Correlation, x: NDArray[np.generic], y: NDArray[np.generic]) -> Correlation:
    """A p of ranks that no arrangement of the values can have becomes the least that one can."""
    if found.p is None or found.n > MOST_FACTORIAL:
        return found
    least = least_p(x, y)
    return replace(found, p=least, p_method="the least that can occur", p_is_bound=False) if found.p < least else found


def _with_interval_of_ranks(found: Correlation) -> Correlation:
    """The interval of Bonett and Wright, where there are values enough for one."""
    if found.r is None or found.n < 4:
        return found
    low, high = _fisher_interval(found.r, (1 + found.r**2 / 2) / (found.n - 3))
    return replace(found, ci_low=low, ci_high=high)


def as_codes(texts: pd.Series[str], levels: Sequence[str]) -> NDArray[np.float64]:
    """The values as 0, 1, … by their places among the levels, NaN where missing."""
    codes = {level: float(place) for place, level in enumerate(levels)}
    return np.array([codes.get(text, math.nan) for text in texts], dtype=np.float64)


def _kendall(x: NDArray[np.float64], y: NDArray[np.float64]) -> Correlation:
    n = len(x)
    has_ties = len(np.unique(x)) < n or len(np.unique(y)) < n
    is_exact = n < FEW_KENDALL and not has_ties
    found = stats.kendalltau(x, y, method="exact" if is_exact else "asymptotic")
    r, p = float(found.statistic), float(found.pvalue)
    low, high = _fisher_interval(r, math.nan if n < 5 else 0.437 / (n - 4))
    if n <= MOST_COUNTED:
        is_exact, p = True, kendall_p(x, y)
    if is_exact:
        return Correlation(r, p, n, low, high, "exact")
    return _not_below_least(Correlation(r, p, n, low, high, "normal"), x, y)


def count_directions(controls: Sequence[NDArray[np.float64]]) -> int:
    """How many of the controls, each of shape (n_rows,), say something of their own in the rows where all are there."""
    whole = np.logical_and.reduce([np.isfinite(control) for control in controls])
    return _directions([_near_one(control[whole]) for control in controls]).shape[1] if whole.any() else 0


def _near_one(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return divided(values, exponent_of(values))


def _directions(controls: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Orthonormal columns that span the centred controls, shape (n, rank).

    A constant control, or one that the others say already, takes none.
    """
    varied = [control - control.mean() for control in controls if np.ptp(control) > 0]
    if not varied:
        return np.zeros((len(controls[0]), 0))
    columns = np.column_stack([column / column.std() for column in varied])
    basis, triangle, _ = linalg.qr(columns, mode="economic", pivoting=True)
    sizes = np.abs(np.diag(triangle))
    found: NDArray[np.float64] = basis[:, : int((sizes > SAME_DIRECTION * sizes[0]).sum())]
    return found


def _residuals(y: NDArray[np.float64], basis: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """What least squares on orthonormal columns leaves of y; None where they leave nothing."""
    centred = y - y.mean()
    left: NDArray[np.float64] = centred - basis @ (basis.T @ centred)
    left -= basis @ (basis.T @ left)  # twice is enough (Kahan)
    return left if left.std() > 1e-10 * centred.std() else None


def pearson_of(r: float, n: int) -> Correlation:
    """Pearson's r of n pairs with its p and interval.

    Under independence (r + 1) / 2 has the beta distribution with both parameters n / 2 - 1 (Fisher 1915); said so, p
    keeps its digits where r is near 1; where r is 1 but for rounding it is a bound.
    """
    half, rest = n / 2 - 1, 1 - abs(r)
    p = float(min(1.0, 2 * special.betainc(half, half, max(rest, R_ROUNDING) / 2)))
    low, high = _fisher_interval(r, math.nan if n < 4 else 1 / (n - 3))
    is_bound = rest < R_ROUNDING or p == 0
    return Correlation(r, bound_above(p) if is_bound else p, n, low, high, "t", is_bound)


def r_of_sums(sxx: float, syy: float, sxy: float) -> float:
    """Pearson's r of the squares and products of deviations from the means; rounding does not bring it past 1."""
    return max(-1.0, min(1.0, sxy / math.sqrt(sxx) / math.sqrt(syy)))


def _fisher_interval(r: float, variance: float) -> tuple[float | None, float | None]:
    if math.isnan(variance):
        return None, None
    if abs(r) >= 1:
        return r, r
    z, half = math.atanh(r), Z_95 * math.sqrt(variance)
    return math.tanh(z - half), math.tanh(z + half)
