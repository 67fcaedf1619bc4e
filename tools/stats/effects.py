"""Sizes of effects with their intervals: standardized mean differences, shares of variance, dominance."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import optimize, special, stats

from tools.stats.floats import LEVEL, Z_95, Floats
from tools.stats.found import Effect, EffectName
from tools.stats.pool import Pool


def standardized_difference(t: float, df: float, scale: float, is_paired: bool = False) -> tuple[Effect, Effect]:
    """A mean difference in standard deviations from its t statistic, with the interval of the noncentral t.

    Hedges' g, of which the bias of few values is taken out (Hedges 1981), and Cohen's d, of which it is not.

    Parameters
    ----------
    t, df : float
        The pooled, paired or one-sample t statistic and its degrees of freedom.
    scale : float
        What turns t into d: sqrt(1/n1 + 1/n2), or 1/sqrt(n).

    References
    ----------
    Cumming, Finch (2001). Educational and Psychological Measurement 61(4), 532-574.
    """

    def cdf(noncentral: float) -> float:
        found = float(stats.nct.cdf(t, df, noncentral))
        # SciPy has no value far out in the tails, where the share is 0 or 1 to all digits.
        return (1.0 if noncentral < t else 0.0) if math.isnan(found) else found

    low, high = noncentrality(cdf, t, 3 + abs(t))

    def of(name: EffectName, unit: float) -> Effect:
        return Effect(name, t * unit, _times(low, unit), _times(high, unit))

    g: EffectName = "hedges_g_z" if is_paired else "hedges_g"
    d: EffectName = "cohens_d_z" if is_paired else "cohens_d"
    return of(g, scale * hedges_factor(df)), of(d, scale)


def hedges_factor(df: float) -> float:
    """What takes the bias of few values out of d: gamma(df / 2) / gamma((df - 1) / 2) / sqrt(df / 2); 1 at df of 1.

    References
    ----------
    Hedges (1981). Journal of Educational Statistics 6(2), 107-128.
    """
    return float(special.poch((df - 1) / 2, 0.5)) / math.sqrt(df / 2) if df > 1 else 1.0


def noncentrality(cdf: Callable[[float], float], start: float, reach: float) -> tuple[float | None, float | None]:
    """The noncentralities for which the statistic is the 97.5 % and the 2.5 % point: the ends of the interval."""
    tail = (1 - LEVEL) / 2

    def solve(share: float) -> float | None:
        low, high = start - reach, start + reach
        for _ in range(60):
            if cdf(low) < share:
                low -= reach
            elif cdf(high) > share:
                high += reach
            else:
                return float(optimize.brentq(lambda nc: cdf(nc) - share, low, high, xtol=1e-10))
        return None

    return solve(1 - tail), solve(tail)


def share_of_variance(f: float, df1: float, df2: float, name: EffectName = "eta_squared") -> Effect:
    """Eta squared of a one-way comparison from its F, with the interval of the noncentral F, never below 0.

    References
    ----------
    Steiger (2004). Psychological Methods 9(2), 164-182.
    """
    n = df1 + df2 + 1
    value = f * df1 / (f * df1 + df2)
    tail = (1 - LEVEL) / 2

    def cdf(noncentral: float) -> float:
        found = float(stats.ncf.cdf(f, df1, df2, noncentral))
        # SciPy has no value far out, where the share is 0 or 1 to all digits.
        return (1.0 if noncentral < f * df1 else 0.0) if math.isnan(found) else found

    def bound(share: float) -> float | None:
        if float(stats.f.cdf(f, df1, df2)) < share:
            return 0.0
        high = max(1.0, f * df1)
        while cdf(high) > share:
            high *= 2
            if high > 1e9:
                return None
        nc = optimize.brentq(lambda value: cdf(value) - share, 1e-12, high, xtol=1e-10)
        return float(nc / (nc + n))

    # Where F is below its own 2.5 % point no noncentrality fits: the interval then ends at the value itself.
    low, high = bound(1 - tail), bound(tail)
    return Effect(name, value, low, None if high is None else max(value, high))


def omega_squared(f: float, df1: float, df2: float, eta: Effect) -> Effect:
    """Omega squared beside eta squared: without its bias, never below 0; the population's share has one interval.

    References
    ----------
    Hays (1963). Statistics. Steiger (2004). Psychological Methods 9(2), 164-182.
    """
    value = df1 * (f - 1) / (df1 * (f - 1) + df1 + df2 + 1)
    return Effect("omega_squared", max(0.0, value), eta.ci_low, eta.ci_high)


def superiority(delta: Effect) -> Effect:
    """P(a > b) + P(a = b) / 2, from P(a > b) - P(a < b)."""

    def share(value: float | None) -> float | None:
        return None if value is None else (value + 1) / 2

    return Effect("probability_of_superiority", (delta.value + 1) / 2, share(delta.ci_low), share(delta.ci_high))


def cliffs_delta(a: Floats, b: Floats) -> Effect:
    """P(a > b) - P(a < b), the rank-biserial correlation of Mann and Whitney's U, with Cliff's asymmetric interval.

    References
    ----------
    Cliff (1993). Psychological Bulletin 114(3), 494-509. Feng, Cliff (2004). J. Mod. Appl. Stat. Methods 3(2).
    """
    n, m = len(a), len(b)
    others = Pool([b])
    above, ties = 0, 0
    for below, upto in others.count_around(a):
        above += int(below.sum()) + int(upto.sum()) - m * len(below)
        ties += int((upto - below).sum())
    delta = above / (n * m)
    if n < 2 or m < 2:
        return Effect("rank_biserial", delta, None, None)
    # The mean square of the single signs: 1 but for ties.
    squares = (n * m - ties) / (n * m)
    var_rows = _variance_of_dominance(a, others, delta)
    var_columns = _variance_of_dominance(b, Pool([a]), -delta)
    single = (squares - delta * delta) * n * m / (n * m - 1)
    variance = max(((m - 1) * var_rows + (n - 1) * var_columns + single) / (n * m), (1 - delta * delta) / (n * m - 1))
    if abs(delta) == 1:
        return Effect("rank_biserial", delta, delta, delta)
    half = Z_95 * math.sqrt(variance) * math.sqrt((1 - delta**2) ** 2 + Z_95**2 * variance)
    center, scale = delta - delta**3, 1 - delta**2 + Z_95**2 * variance
    return Effect("rank_biserial", delta, max(-1.0, (center - half) / scale), min(1.0, (center + half) / scale))


def paired_rank_biserial(v: float, n: int) -> Effect:
    """(sum of ranks up - sum of ranks down) / sum of ranks of n pairs, with the interval of Fisher's z.

    Parameters
    ----------
    v : float
        The sum of the ranks of positive differences.

    References
    ----------
    Kerby (2014). Comprehensive Psychology 3. The interval as in R's effectsize.
    """
    value = v / (n * (n + 1) / 4) - 1
    if abs(value) == 1 or n < 3:
        return Effect("rank_biserial", value, None, None)
    error = math.sqrt((2 * n**3 + 3 * n**2 + n) / 6) / ((n**2 + n) / 2)
    half = Z_95 * error
    return Effect("rank_biserial", value, math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half))


def rank_share(h: float, n: int) -> Effect:
    """Epsilon squared of Kruskal and Wallis's H, in [0, 1]: the share of the ranks' variance between the groups."""
    return Effect("epsilon_squared", h / (n - 1), None, None)


def _variance_of_dominance(values: Floats, others: Pool, mean: float) -> float:
    """Over the values: of the share of the others below it minus the share above, whose mean is known."""
    squares = 0.0
    for below, upto in others.count_around(values):
        squares += float((((below + upto) / others.n - 1 - mean) ** 2).sum())
    return squares / (len(values) - 1)


def _times(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale
