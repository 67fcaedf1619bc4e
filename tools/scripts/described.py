"""A column of numbers, described by pandas and SciPy: copied into exported scripts."""

from __future__ import annotations

from typing import Any

import pandas as pd
from scipy import stats


def describe_numbers(values: pd.Series, ddof: int = 1) -> dict[str, Any]:
    """n, missing, mean, sd, quartiles (R's type 7), mode, skewness and excess kurtosis, adjusted and biased."""
    x = values.dropna().astype("float64")
    counts = x.value_counts()
    modes = counts[(counts == counts.max()) & (counts > 1)].index
    is_spread = len(x) > 1 and x.max() > x.min()
    return {
        "n": len(x),
        "missing": int(values.isna().sum()),
        "mean": float(x.mean()) if len(x) else None,
        "sd": float(x.std(ddof=ddof)) if len(x) > ddof else None,
        "min": float(x.min()) if len(x) else None,
        "q1": float(x.quantile(0.25)) if len(x) else None,
        "median": float(x.median()) if len(x) else None,
        "q3": float(x.quantile(0.75)) if len(x) else None,
        "max": float(x.max()) if len(x) else None,
        "mode": float(min(modes)) if len(modes) else None,
        "skewness": float(stats.skew(x, bias=False)) if is_spread and len(x) > 2 else None,
        "kurtosis": float(stats.kurtosis(x, bias=False)) if is_spread and len(x) > 3 else None,
        "skewness_biased": float(stats.skew(x)) if is_spread else None,
        "kurtosis_biased": float(stats.kurtosis(x)) if is_spread else None,
    }
