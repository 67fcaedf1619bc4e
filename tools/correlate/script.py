"""correlate in an exported script: SciPy's correlations of each pair, and the p that statagent counts out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tools.correlate.result import Correlations
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.counted_p import need_counts
from tools.scripts.each_group import each_group
from tools.scripts.in_order import in_order
from tools.stats.bounds import bound_above
from tools.stats.exact import kendall_p, least_p, spearman_p


def script(writer: Script, number: int, call: MadeCall[Correlations]) -> None:
    """Each pair, by group."""
    result = call.result
    if result.sampled:
        writer.lines.append("# (ranks of a sample that statagent drew: left out here)")
        return
    writer.need(in_order, correlate_pair, associate, p_of_r)
    need_counts(writer)
    pairs = list(dict.fromkeys((pair.x, pair.y) for pair in result.pairs))
    found = f"correlate_pair(part[x], part[y], {result.method!r}, [part[name] for name in {list(result.controls)!r}])"
    if result.method in ("point_biserial", "cramers_v"):
        found = f"associate(part[x], part[y], {result.method!r})"
    writer.lines += [
        f"frame = {writer.rows(call.arguments)}",
        "pairs = []",
        *each_group(call.arguments.get("by"), result.by),
        f"    pairs += [{{'x': x, 'y': y, **label, **{found}}} for x, y in {pairs!r}]",
        f"show({number}, 'correlate', {{'method': {result.method!r}, 'pairs': pairs}})",
    ]


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
