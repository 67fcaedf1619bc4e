"""What an exported script computes with: pandas and SciPy, nothing of statagent. The writer copies what it needs."""

from __future__ import annotations

import math
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


def describe_words(values: pd.Series) -> dict[str, Any]:
    """n, missing, distinct, and the ten most frequent values with their counts."""
    words = values.dropna().astype(str)
    counts = sorted(words.value_counts().items(), key=lambda item: (-item[1], item[0]))
    top = [{"value": str(value)[:64], "count": int(count)} for value, count in counts[:10]]
    return {"n": len(words), "missing": int(values.isna().sum()), "distinct": int(words.nunique()), "top": top}


def correlate_pair(x: pd.Series, y: pd.Series, method: str = "pearson") -> dict[str, Any]:
    """r, two-sided p, n and Fisher's 95 % interval over the rows where both are present."""
    both = pd.DataFrame({"x": x, "y": y}).dropna().astype("float64")
    n = len(both)
    if n < 3 or both["x"].nunique() == 1 or both["y"].nunique() == 1:
        return {"r": None, "p": None, "n": n, "ci_low": None, "ci_high": None}
    test = stats.spearmanr if method == "spearman" else stats.pearsonr
    r, p = test(both["x"], both["y"])
    low = high = None
    if n > 3 and abs(r) < 1:
        variance = (1 + r * r / 2 if method == "spearman" else 1.0) / (n - 3)
        half = stats.norm.ppf(0.975) * math.sqrt(variance)
        low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    elif n > 3:
        low = high = float(r)
    return {"r": float(r), "p": float(p), "n": n, "ci_low": low, "ci_high": high}
