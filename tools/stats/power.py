"""How surely a test of these sizes finds an effect, and how many values it would take: noncentral t, F, and shares.

statsmodels has these for t, F and shares, but its search for n does not settle where an effect is large or tiny.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from scipy import optimize, stats

from tools.stats.found import Power

ALPHA = 0.05
WANTED = 0.8
MAX_N = 1e9


def power_of_t(d: float, n: Sequence[float], one_sided: bool = False) -> Power:
    """Of t of one sample (n = (n,)), or of two (n = (n1, n2)), for a standardized difference d.

    References
    ----------
    Cohen (1988). Statistical Power Analysis. As R's power.t.test(strict = TRUE): both tails count.
    """

    def at(effect: float, sizes: Sequence[float]) -> float:
        df = sum(sizes) - len(sizes)
        away = abs(effect) / math.sqrt(sum(1 / size for size in sizes))
        reach = float(stats.t.ppf(1 - (ALPHA if one_sided else ALPHA / 2), df))
        upper = _share(stats.nct.sf(reach, df, away), away > reach)
        return upper if one_sided else upper + _share(stats.nct.cdf(-reach, df, away), False)

    return _made("d", abs(d), lambda effect: at(effect, n), lambda size: at(d, [size] * len(n)))


def power_of_f(f: float, n: Sequence[float]) -> Power:
    """Of the one-way analysis of variance for Cohen's f, the spread of the means in standard deviations."""
    return power_of_term(f, len(n) - 1, len(n), sum(n))


def power_of_h(h: float, n: Sequence[float], one_sided: bool = False) -> Power:
    """Of the comparison of two shares (n = (n1, n2)), or of one (n = (n,)), for Cohen's h, by arcsines."""

    def at(effect: float, sizes: Sequence[float]) -> float:
        return _beyond_normal(abs(effect) / math.sqrt(sum(1 / size for size in sizes)), one_sided)

    return _made("h", abs(h), lambda effect: at(effect, n), lambda size: at(h, [size] * len(n)))


def power_of_term(f: float, df1: float, n_cells: int, total: float) -> Power:
    """Of one term of an analysis of variance with so many cells in all; `n_needed` is for each cell."""

    def at(effect: float, size: float) -> float:
        df2 = size - n_cells
        return _beyond_f(effect * effect * size, df1, df2) if df2 >= 1 else ALPHA

    return _made("f", f, lambda effect: at(effect, total), lambda size: at(f, n_cells * size))


def power_of_repeated(f: float, n_times: int, n_subjects: float) -> Power:
    """Of repeated measures, for f by partial eta squared; `n_needed` are subjects."""

    def at(effect: float, size: float) -> float:
        df1, df2 = n_times - 1, (n_times - 1) * (size - 1)
        return _beyond_f(effect * effect * df2, df1, df2)

    return _made("f", f, lambda effect: at(effect, n_subjects), lambda size: at(f, size))


def power_of_ranks(r: float, n: Sequence[float], one_sided: bool = False) -> Power:
    """Of Mann and Whitney's test (n = (n1, n2)), or Wilcoxon's of pairs (n = (n,)), for a rank-biserial r.

    References
    ----------
    Noether (1987). J. American Statistical Association 82, 645-647: normal, for effects that are not large.
    """

    def at(effect: float, sizes: Sequence[float]) -> float:
        # Half of r is how far the chance of being larger lies from 1/2.
        weight = 12 / sum(1 / size for size in sizes) if len(sizes) > 1 else 3 * sizes[0]
        return _beyond_normal(abs(effect) / 2 * math.sqrt(weight), one_sided)

    found = _made("r", abs(r), lambda effect: at(effect, n), lambda size: at(r, [size] * len(n)))
    return found if found.detectable is None or found.detectable <= 1 else replace(found, detectable=None)


def _beyond_f(away: float, df1: float, df2: float) -> float:
    """The share of F with that noncentrality beyond the 5 % point."""
    reach = float(stats.f.ppf(1 - ALPHA, df1, df2))
    return _share(stats.ncf.sf(reach, df1, df2, away), away > reach)


def _beyond_normal(away: float, one_sided: bool) -> float:
    """The share of normal values around `away` beyond the 5 % point, or the points on both sides."""
    reach = float(stats.norm.ppf(1 - (ALPHA if one_sided else ALPHA / 2)))
    upper = float(stats.norm.sf(reach - away))
    return upper if one_sided else upper + float(stats.norm.cdf(-reach - away))


def _made(
    name: Literal["d", "f", "h", "r"],
    effect: float,
    by_effect: Callable[[float], float],
    by_size: Callable[[float], float],
) -> Power:
    return Power(name, effect, by_effect(effect), _smallest(by_effect), _fewest(by_size) if effect > 0 else None)


def _smallest(by_effect: Callable[[float], float]) -> float | None:
    high = 1.0
    while by_effect(high) < WANTED:
        high *= 2
        if high > MAX_N:
            return None
    return float(optimize.brentq(lambda effect: by_effect(effect) - WANTED, 0.0, high, xtol=1e-9))


def _fewest(by_size: Callable[[float], float]) -> int | None:
    """The least whole number of values, two at least, that finds the effect in 80 % of studies."""
    low, high = 1, 2
    while by_size(high) < WANTED:
        low, high = high, 2 * high
        if high > MAX_N:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if by_size(middle) < WANTED else (low, middle)
    return high


def _share(found: float, far: bool) -> float:
    """SciPy has no value far out in the tails of the noncentral t and F, where the share is 1 or 0."""
    value = float(found)
    return value if value == value else float(far)
