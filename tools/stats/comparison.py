"""Tests of groups: means by t and F, ranks by Mann-Whitney, Wilcoxon and Kruskal-Wallis; float64 arrays in."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import stats

from tools.stats.decimals import equal_as_written
from tools.stats.effects import (
    cliffs_delta,
    omega_squared,
    paired_rank_biserial,
    rank_share,
    share_of_variance,
    standardized_difference,
    superiority,
)
from tools.stats.exact import Alternative, rank_sum_p, signed_rank_p, smirnov_p
from tools.stats.exact_ranks import kruskal_p
from tools.stats.floats import LEVEL, Floats
from tools.stats.found import Difference, Effect, GroupTest
from tools.stats.pool import Pool

FEW_EXACT = 50
"""Ranks of fewer values than these, none of them equal, have their p counted out, as in R."""
FEW_TIED = 8
"""With equal values p is counted out to so many in the smaller group: there the normal curve is rough."""
FEW_TIED_PAIRS = 10
MOST_STEPS = 25_000_000
"""Smirnov's p is counted out where the product of the two sizes is not larger."""
NORMAL = "normal, continuity corrected"


class TooFewValues(Exception):
    """The groups are too small, or do not vary, for the test; the message says which and why."""


@dataclass(frozen=True)
class TestResult:
    """One test: the statistic with its degrees of freedom, p, the size of the effect, and the difference.

    `further` holds the same effect as others measure it, `p_method` how p was got. An exact test of counts has no
    statistic.
    What is not finite is no result, and cannot be made: TooFewValues.
    """

    test: GroupTest
    statistic: float | None
    df: float | int | None
    df2: float | int | None
    p: float
    effect: Effect
    difference: Difference | None
    further: tuple[Effect, ...] = ()
    p_method: str = field(kw_only=True)

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.statistic or 0.0, self.p, self.effect.value))):
            raise TooFewValues(f"{self.test}: the values do not vary, or not enough, to measure anything by")


def one_sample_t(x: Floats, mu: float, alternative: Alternative = "two-sided") -> TestResult:
    """Student's t of one mean against mu; the effect is the distance in standard deviations (bias taken out)."""
    _need(x, 2)
    if np.ptp(x) == 0:
        raise TooFewValues("all values are the same: there is nothing to measure their distance by")
    found = stats.ttest_1samp(x, mu, alternative=alternative)
    interval = found.confidence_interval(LEVEL)
    g, d = standardized_difference(float(found.statistic), found.df, 1 / math.sqrt(len(x)))
    moved = _difference("mean - mu", float(x.mean() - mu), interval.low - mu, interval.high - mu)
    return _of_t("t", found, g, moved, d)


def two_sample_t(a: Floats, b: Floats, equal_var: bool, alternative: Alternative = "two-sided") -> TestResult:
    """Student's t of two means (equal_var), or Welch's; Hedges' g by the pooled standard deviation in both."""
    _need(a, 2)
    _need(b, 2)
    if np.ptp(a) == 0 and np.ptp(b) == 0:
        raise TooFewValues("neither group varies: there is nothing to measure a difference by")
    with warnings.catch_warnings():
        # SciPy warns of a group that does not vary: its variance is exactly 0, and the other group's is not.
        warnings.filterwarnings("ignore", "Precision loss", RuntimeWarning)
        found = stats.ttest_ind(a, b, equal_var=equal_var, alternative=alternative)
        pooled = stats.ttest_ind(a, b)
    scale = math.sqrt(1 / len(a) + 1 / len(b))
    g, d = standardized_difference(float(pooled.statistic), float(pooled.df), scale)
    interval = found.confidence_interval(LEVEL)
    moved = _difference("difference of means", float(a.mean() - b.mean()), interval.low, interval.high)
    return _of_t("student_t" if equal_var else "welch_t", found, g, moved, d)


def paired_t(a: Floats, b: Floats, alternative: Alternative = "two-sided") -> TestResult:
    """Student's t of the differences a - b of pairs; the effect is d_z with the bias taken out."""
    differences = equal_as_written(a - b, a, b)
    _need(differences, 2)
    if np.ptp(differences) == 0:
        raise TooFewValues("all differences are the same: there is nothing to measure them by")
    found = stats.ttest_1samp(differences, 0, alternative=alternative)
    interval = found.confidence_interval(LEVEL)
    g, d = standardized_difference(float(found.statistic), float(found.df), 1 / math.sqrt(len(a)), is_paired=True)
    moved = _difference("mean difference", float(differences.mean()), interval.low, interval.high)
    return _of_t("paired_t", found, g, moved, d)


def mann_whitney(a: Floats, b: Floats, alternative: Alternative = "two-sided") -> TestResult:
    """Mann and Whitney's U of a; exact for fewer than 50 values each, else normal with continuity correction.

    With ties p is exact where a group has at most 8 values, or where the normal p is one that cannot occur.

    The difference is Hodges and Lehmann's, the median of all a - b, for up to four million pairs.
    """
    _need(a, 1)
    _need(b, 1)
    pool, n, m = Pool([a, b]), len(a), len(b)
    if pool.is_constant:
        raise TooFewValues("all values are the same: there is nothing to rank")
    u, ties = pool.rank_sum(a) - n * (n + 1) / 2, pool.ties
    error = math.sqrt(n * m / 12 * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
    p, method = _tail(u - n * m / 2, error, alternative), NORMAL
    if max(n, m) < FEW_EXACT:
        exact, least = rank_sum_p(a, b, alternative)
        if not ties or min(n, m) <= FEW_TIED or p < least:
            p, method = exact, "exact"
    moved = None
    if n * m <= 4_000_000:
        moved = Difference("Hodges-Lehmann shift", float(np.median(np.subtract.outer(a, b))), None, None)
    del pool
    delta = cliffs_delta(a, b)
    further = (replace(delta, name="cliffs_delta"), superiority(delta))
    return TestResult("mann_whitney", u, None, None, p, delta, moved, further, p_method=method)


def wilcoxon(a: Floats, b: Floats | float, alternative: Alternative = "two-sided") -> TestResult:
    """Wilcoxon's signed ranks of the pairs' differences; V is the sum of the ranks of positive differences, as in R.

    `b` may be one number for all pairs.
    """
    differences = equal_as_written(a - b, a, np.atleast_1d(b))
    middle = float(np.median(differences))
    n = int(np.count_nonzero(differences))
    kept = differences if n == len(differences) else differences[differences != 0]
    if n == 0:
        raise TooFewValues("all pairs are equal: there is nothing to rank")
    pool = Pool([np.abs(kept)])
    v, ties = pool.rank_sum(kept[kept > 0]), pool.ties
    # As R, exact where there are no ties and no zeros, else normal with continuity correction; but a few are counted.
    error = math.sqrt(n * (n + 1) * (2 * n + 1) / 24 - ties / 48)
    p, method = _tail(v - n * (n + 1) / 4, error, alternative), NORMAL
    if n < FEW_EXACT:
        exact, least = signed_rank_p(kept, alternative)
        if n <= FEW_TIED_PAIRS or p < least or (n == len(differences) and not ties):
            p, method = exact, "exact"
    moved = Difference("median difference", middle, None, None)
    return TestResult("wilcoxon", v, None, None, p, paired_rank_biserial(v, n), moved, p_method=method)


def anova(groups: Sequence[Floats]) -> TestResult:
    """One-way analysis of variance with equal variances: F, eta squared."""
    _need_groups(groups)
    n = sum(map(len, groups))
    df1, df2 = len(groups) - 1, n - len(groups)
    # Of deviations from their own means, never as a difference of sums of squares: the digits stay.
    center = math.fsum(math.fsum(group) for group in groups) / n
    means = [math.fsum(group - center) / len(group) for group in groups]
    between = math.fsum(len(group) * mean * mean for group, mean in zip(groups, means, strict=True))
    within = math.fsum(float(((group - center - mean) ** 2).sum()) for group, mean in zip(groups, means, strict=True))
    if within == 0:
        raise TooFewValues("the groups leave nothing to measure differences by: within them all is rounding")
    f = between / df1 / (within / df2)
    effect = share_of_variance(f, df1, df2)
    omega = omega_squared(f, df1, df2, effect)
    return TestResult("anova", f, df1, df2, float(stats.f.sf(f, df1, df2)), effect, None, (omega,), p_method="F")


def welch_anova(groups: Sequence[Floats]) -> TestResult:
    """Welch's F for groups of unequal variances; eta squared as of the classical F. (SciPy's gives no df.)

    References
    ----------
    Welch (1951). Biometrika 38, 330-336.
    """
    _need_groups(groups)
    if any(np.ptp(group) == 0 for group in groups):
        raise TooFewValues("a group does not vary: Welch's F weighs by 1 / variance")
    n = np.array([len(group) for group in groups], dtype=np.float64)
    means = np.array([group.mean() for group in groups])
    weights = n / np.array([group.var(ddof=1) for group in groups])
    k = len(groups)
    center = (weights * means).sum() / weights.sum()
    spread = ((1 - weights / weights.sum()) ** 2 / (n - 1)).sum()
    f = ((weights * (means - center) ** 2).sum() / (k - 1)) / (1 + 2 * (k - 2) / (k * k - 1) * spread)
    df1, df2 = k - 1, (k * k - 1) / (3 * spread)
    classical = anova(groups)
    p = float(stats.f.sf(f, df1, df2))
    further = classical.further
    return TestResult("welch_anova", float(f), df1, float(df2), p, classical.effect, None, further, p_method="F")


def kruskal(groups: Sequence[Floats]) -> TestResult:
    """Kruskal and Wallis's H with the correction for ties; epsilon squared. p is counted out to 10 values in all."""
    for group in groups:
        _need(group, 1)
    pool = Pool(groups)
    if pool.is_constant:
        raise TooFewValues("all values are the same: there is nothing to rank")
    n, df = pool.n, len(groups) - 1
    away = [pool.rank_sum(group) / len(group) - (n + 1) / 2 for group in groups]
    between = math.fsum(len(group) * mean * mean for group, mean in zip(groups, away, strict=True))
    h = (n - 1) * between / ((float(n) ** 3 - n - pool.ties) / 12)
    # Tomczak, Tomczak (2014). Trends in Sport Sciences 1(21), 19-25.
    eta = (Effect("eta_squared_h", max(0.0, (h - df) / (n - df - 1)), None, None),) if n > df + 1 else ()
    exact = kruskal_p(groups)
    p, method = (float(stats.chi2.sf(h, df)), "chi-square") if exact is None else (exact, "exact")
    return TestResult("kruskal", h, df, None, p, rank_share(h, n), None, eta, p_method=method)


def kolmogorov_smirnov(a: Floats, b: Floats, alternative: Alternative = "two-sided") -> TestResult:
    """The largest distance between the two shares of values below a point; p is exact, given which values are equal.

    Beyond 5,000 values each it is near: Kolmogorov's of n m / (n + m) values. alternative "less": the values of a are
    smaller, so that its share below a point is the larger one (which R calls "greater").
    """
    _need(a, 1)
    _need(b, 1)
    turned: dict[Alternative, Alternative] = {"less": "greater", "greater": "less", "two-sided": "two-sided"}
    if len(a) * len(b) <= MOST_STEPS:
        method, (distance, p) = "exact", smirnov_p(a, b, turned[alternative])
    else:
        found = stats.ks_2samp(a, b, alternative=turned[alternative], method="asymp")
        method, distance, p = "Kolmogorov's approximation", float(found.statistic), float(found.pvalue)
    effect = Effect("ks_distance", distance, None, None)
    return TestResult("ks", distance, None, None, p, effect, None, p_method=method)


def median(x: Floats) -> float:
    """The middle value, or the mean of the two in the middle."""
    return float(np.median(x))


def joined(groups: Sequence[Floats]) -> Floats:
    """The groups' values in one array."""
    return np.concatenate(groups) if groups else np.zeros(0)


def _of_t(name: GroupTest, found: Any, g: Effect, moved: Difference, d: Effect) -> TestResult:
    """What SciPy found by Student's t."""
    t, df, p = float(found.statistic), float(found.df), float(found.pvalue)
    return TestResult(name, t, df, None, p, g, moved, (d,), p_method="t")


def _difference(name: str, value: float, low: float, high: float) -> Difference:
    """With its interval, of which one side is open (None) where the test has a direction."""
    bounds = (float(bound) if math.isfinite(bound) else None for bound in (low, high))
    return Difference(name, value, *bounds)


def _tail(away: float, error: float, alternative: Alternative) -> float:
    """The p of a sum of ranks so far from its middle: normal, with half a rank taken off for continuity."""
    far = {"greater": away, "less": -away, "two-sided": abs(away)}[alternative]
    tail = float(stats.norm.sf((far - 0.5) / error))
    return min(1.0, 2 * tail) if alternative == "two-sided" else tail


def _need(x: Floats, least: int) -> None:
    if len(x) < least:
        raise TooFewValues(f"a group has {len(x)} values; the test needs at least {least}")


def _need_groups(groups: Sequence[Floats]) -> None:
    for group in groups:
        _need(group, 2)
    if all(np.ptp(group) == 0 for group in groups):
        raise TooFewValues("no group varies: there is nothing to measure differences by")
