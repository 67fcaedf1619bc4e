"""Correlation of two columns, with p-value and interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Method = Literal["pearson", "spearman"]
Z_95 = 1.959963984540054
"""The standard normal's 97.5 % point."""


@dataclass(frozen=True)
class Correlation:
    """`r` with its two-sided p-value and 95 % interval, over the n pairs that are complete; None where undefined."""

    r: float | None
    p: float | None
    n: int
    ci_low: float | None
    ci_high: float | None


def correlate_pair(x: NDArray[np.float64], y: NDArray[np.float64], method: Method = "pearson") -> Correlation:
    """Correlation of two columns over the rows where both are present.

    Pearson's p-value is exact under normality (t with n - 2 degrees of freedom); Spearman's uses the same t on the
    ranks. The interval is Fisher's z with variance 1 / (n - 3); for Spearman (1 + r²/2) / (n - 3).

    Parameters
    ----------
    x, y : array of shape (n_rows,)
        NaN where missing.

    Returns
    -------
    Correlation
        All None but n when n < 3 or a column is constant; no interval when n < 4.

    References
    ----------
    Fisher (1921). Metron 1, 3-32. Bonett, Wright (2000). Psychometrika 65, 23-28.
    """
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    n = len(x)
    if n < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Correlation(None, None, n, None, None)
    if method == "spearman":
        x, y = stats.rankdata(x), stats.rankdata(y)
    result = stats.pearsonr(x, y)
    r = float(result.statistic)
    variance = math.nan if n < 4 else (1 + r * r / 2 if method == "spearman" else 1.0) / (n - 3)
    low, high = _fisher_interval(r, variance)
    return Correlation(r, float(result.pvalue), n, low, high)


def _fisher_interval(r: float, variance: float) -> tuple[float | None, float | None]:
    if math.isnan(variance):
        return None, None
    if abs(r) >= 1:
        return r, r
    z, half = math.atanh(r), Z_95 * math.sqrt(variance)
    return math.tanh(z - half), math.tanh(z + half)
