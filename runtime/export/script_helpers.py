"""What an exported script computes with: pandas and SciPy, nothing of statagent. The writer copies what it needs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tools.scripts.in_order import in_order
from tools.stats.bounds import bound_above
from tools.stats.exact import kendall_p, least_p, spearman_p
from tools.stats.normality import stephens_p


def correlate_pair(x: pd.Series, y: pd.Series, method: str, controls: list[pd.Series]) -> dict[str, Any]:
    """r, two-sided p, n and Fisher's 95 % interval over the complete rows; with controls, of what they leave."""
    both = pd.concat([x, y, *controls], axis=1).dropna().astype("float64").to_numpy()
    n, k = len(both), 0
    none = {"r": None, "p": None, "n": n, "ci_low": None, "ci_high": None}
    if n < 3 or (both[:, :2].max(axis=0) == both[:, :2].min(axis=0)).any():
        return none
    if method == "spearman":
        both = stats.rankdata(both, axis=0)
    if controls:
        held = np.column_stack([np.ones(n), both[:, 2:]])
        found, _, rank, _ = np.linalg.lstsq(held, both[:, :2])
        both = both[:, :2] - held @ found
        k = int(rank) - 1  # a control that says nothing of its own takes nothing
        if n - k < 3:
            return none
    by_ranks = method in ("spearman", "kendall") and not controls
    r = stats.pearsonr(both[:, 0], both[:, 1]).statistic
    if method == "kendall":
        has_ties = any(len(np.unique(side)) < n for side in both[:, :2].T)
        r, p = stats.kendalltau(both[:, 0], both[:, 1], method="exact" if n < 50 and not has_ties else "asymptotic")
    if method != "kendall":
        p = p_of_r(r, (n - k) / 2 - 1)
    if by_ranks and n <= 10:
        p = (kendall_p if method == "kendall" else spearman_p)(both[:, 0], both[:, 1])
    elif by_ranks and n <= 170:
        p = max(p, least_p(both[:, 0], both[:, 1]))
    variance = {"spearman": 1 + r * r / 2, "kendall": 0.437}.get(method, 1.0) / max(
        1, n - k - 3 - (method == "kendall")
    )
    low = high = None
    if n - k - (method == "kendall") > 3:
        half = stats.norm.ppf(0.975) * math.sqrt(variance)
        low, high = (math.tanh(math.atanh(r) + side * half) if abs(r) < 1 else float(r) for side in (-1, 1))
    return {"r": float(r), "p": float(p), "n": n, "ci_low": low, "ci_high": high}


def p_of_r(r: float, half: float) -> float:
    """Pearson's p by the beta distribution of (r + 1) / 2; where r is 1 but for rounding, the power of ten above it."""
    rest = 1 - abs(r)
    p = float(min(1.0, 2 * stats.beta(half, half).cdf(max(rest, 2.0**-51) / 2)))
    return bound_above(p) if rest < 2.0**-51 or p == 0 else p


def associate(x: pd.Series, y: pd.Series, method: str) -> dict[str, Any]:
    """Point-biserial r (one column has two values), or Cramér's V with the p of chi-square."""
    both = pd.concat([x, y], axis=1, keys=["x", "y"]).dropna()
    if method == "cramers_v":
        table = pd.crosstab(both["x"], both["y"])
        v = stats.contingency.association(table, method="cramer")
        p = stats.chi2_contingency(table, correction=False).pvalue
        return {"r": float(v), "p": float(p), "n": len(both)}
    two, numbers = ("x", "y") if both["x"].nunique() == 2 else ("y", "x")
    levels = in_order(both[two].astype(str).unique())
    codes = (both[two].astype(str) == levels[1]).astype("float64")
    return {**correlate_pair(codes, both[numbers], "pearson", []), "levels": levels}


def k_squared(z: Any) -> tuple[float, float]:
    """D'Agostino's K²; SciPy's takes a skewness of exactly 0 for another."""
    parts = [stats.skewtest(z).statistic] if stats.skew(z) != 0 else []
    statistic = sum(float(part) ** 2 for part in [*parts, stats.kurtosistest(z).statistic])
    return statistic, float(stats.chi2.sf(statistic, 2))


def anderson(z: Any) -> tuple[float, float]:
    """Anderson and Darling's statistic and Stephens's p, which is no smaller than 1e-30."""
    statistic = float(stats.anderson(z, "norm", method="interpolate").statistic)
    return statistic, max(1e-30, stephens_p(statistic, len(z)))


def test_normality(values: pd.Series) -> list[dict[str, Any]]:
    """Six tests of normality: statistic and p, None where there are too few values."""
    from statsmodels.stats.diagnostic import lilliefors

    x = values.dropna().to_numpy(dtype="float64")
    names = ("shapiro", "anderson_darling", "dagostino", "jarque_bera", "ks", "lilliefors")
    if len(x) < 3 or x.max() == x.min():
        return [{"name": name, "statistic": None, "p": None} for name in names]
    z = (x - x.mean()) / x.std(ddof=1)
    few = (None, None)
    found = {
        "shapiro": stats.shapiro(z),
        "anderson_darling": anderson(z) if len(z) >= 8 else few,
        "dagostino": k_squared(z) if len(z) >= 8 else few,
        "jarque_bera": stats.jarque_bera(z),
        "ks": stats.kstest(z, "norm"),
        "lilliefors": lilliefors(z, pvalmethod="approx") if len(z) >= 4 else few,
    }
    lines: list[dict[str, Any]] = []
    for name in names:
        statistic, p = (None if value is None else float(value) for value in tuple(found[name])[:2])
        lines.append({"name": name, "statistic": statistic, "p": p})
    return lines


def fit_families(values: pd.Series, families: list[str]) -> list[dict[str, Any]]:
    """The families in the order given, with their AIC where the fit is closed."""
    x = values.dropna().to_numpy(dtype="float64")
    fitted: dict[str, tuple[Any, int]] = {
        "normal": (stats.norm(x.mean(), x.std()), 2),
        "laplace": (stats.laplace(*stats.laplace.fit(x)), 2),
        "uniform": (stats.uniform(x.min(), x.max() - x.min()), 2),
    }
    if x.min() > 0:
        fitted["lognormal"] = (stats.lognorm(np.log(x).std(), scale=math.exp(np.log(x).mean())), 2)
    if x.min() >= 0 and x.max() > 0:
        fitted["exponential"] = (stats.expon(scale=x.mean()), 1)
        fitted["poisson"] = (stats.poisson(x.mean()), 1)
        fitted["geometric"] = (stats.geom(1 / (1 + x.mean()), loc=-1), 1)
    lines: list[dict[str, Any]] = []
    for family in families:
        line: dict[str, Any] = {"family": family}
        if family in fitted:  # the others are fitted step by step: their digits differ with the steps
            frozen, n_params = fitted[family]
            logs = frozen.logpmf(x) if family in ("poisson", "geometric") else frozen.logpdf(x)
            line["aic"] = float(2 * n_params - 2 * logs.sum())
        lines.append(line)
    return lines


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
