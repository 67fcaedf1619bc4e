"""What an exported script computes with: pandas and SciPy, nothing of statagent. The writer copies what it needs."""

from __future__ import annotations

import math

import pandas as pd
from scipy import stats


def outlier_bounds(values: pd.Series, method: str, threshold: float, ddof: int, side: str) -> tuple[float, float]:
    """Below and above what values are outliers; infinite on a side that does not count."""
    x = values.dropna().astype("float64")
    if method == "iqr":
        lower, upper = float(x.quantile(0.25)), float(x.quantile(0.75))
        reach = upper - lower
    elif method == "zscore":
        lower = upper = float(x.mean())
        reach = float(x.std(ddof=ddof))
    else:
        away = (x - x.median()).abs()
        sd = away.median() / stats.norm.ppf(0.75) if away.median() else away.mean() * math.sqrt(math.pi / 2)
        lower, upper, reach = float(x.median()), float(x.median()), float(sd)
    low, high = lower - threshold * reach, upper + threshold * reach
    if not len(x) or (method != "iqr" and low == high):
        return -math.inf, math.inf
    return (-math.inf if side == "high" else low), (math.inf if side == "low" else high)
