"""Do groups spread alike? Levene, Brown and Forsythe, Bartlett, Fligner and Killeen; float64 arrays in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy import stats

from tools.stats.comparison import TestResult, TooFewValues
from tools.stats.decimals import equal_as_written
from tools.stats.effects import rank_share, share_of_variance
from tools.stats.floats import LEVEL, Floats
from tools.stats.found import Effect
from tools.stats.scaling import largest

SpreadTest = Literal["levene", "brown_forsythe", "bartlett", "fligner"]


def compare_spreads(test: SpreadTest, groups: Sequence[Floats]) -> TestResult:
    """The test of equal variances of that name; the effect is the ratio of the largest variance to the smallest.

    Beside a group that does not vary there is no ratio: the effect is then the share of the distances' variance (or of
    their ranks') between the groups.

    Levene's distances are from the groups' means, Brown and Forsythe's (and Fligner and Killeen's ranks) from their
    medians. Bartlett's test is the sharpest where the groups are normal, and misleads where they are not.

    Raises
    ------
    TooFewValues
        If a group has fewer than two values, nothing varies, or, for Bartlett, one group does not.
    """
    if any(len(group) < 2 for group in groups):
        raise TooFewValues("a group has fewer than 2 values: it has no spread")
    n_constant = sum(np.ptp(group) == 0 for group in groups)
    if n_constant == len(groups):
        raise TooFewValues("no group varies: their spreads are all 0")
    if n_constant and test == "bartlett":
        raise TooFewValues("a group does not vary: Bartlett's test takes the logarithm of its variance; use levene")
    df1, df2 = float(len(groups) - 1), float(sum(map(len, groups)) - len(groups))
    if test in ("levene", "brown_forsythe"):
        statistic, p = compare_distances(groups, about_means=test == "levene")
        if not math.isfinite(statistic):
            raise TooFewValues("the distances from the middle do not vary within the groups: nothing to go by")
        effect = share_of_variance(statistic, df1, df2) if n_constant else variance_ratio(groups)
        return TestResult(test, statistic, df1, df2, p, effect, None, p_method="F")
    # About its own middle a group loses no digit to a large offset.
    moved = [group - np.median(group) for group in groups]
    if test == "bartlett":
        found = stats.bartlett(*moved)
    else:
        found = stats.fligner(*[equal_as_written(group, *groups) for group in moved], center="median")
    statistic = float(found.statistic)
    effect = rank_share(statistic, int(df1 + df2) + 1) if n_constant else variance_ratio(groups)
    # SciPy's own p of Bartlett is NaN where rounding puts equal variances below 0.
    p = float(stats.chi2.sf(statistic, df1))
    return TestResult(test, statistic, df1, None, p, effect, None, p_method="chi-square")


def compare_distances(groups: Sequence[Floats], about_means: bool = False) -> tuple[float, float]:
    """The F of the distances from each group's median, or mean, and its p; F is not finite where none vary.

    Two values are as far from their median as each other, but for rounding: that is no variation.

    One group is looked at after the other, so that no second array of all values is held.

    References
    ----------
    Brown, Forsythe (1974). J. American Statistical Association 69, 364-367. Levene (1960) for the means.
    """
    means, within, rounding = [], 0.0, 0.0
    for group in groups:
        rounding += len(group) * (2 * np.finfo(np.float64).eps * largest(group)) ** 2
        away = group - np.median(group)
        if about_means:
            away -= away.mean()
        np.abs(away, out=away)
        means.append(float(away.mean()))
        away -= means[-1]
        within += float(away @ away)
    sizes = np.array([len(group) for group in groups], dtype=np.float64)
    df1, df2 = len(groups) - 1, float(sizes.sum()) - len(groups)
    center = float((sizes * means).sum() / sizes.sum())
    between = float((sizes * (np.array(means) - center) ** 2).sum())
    f = between / df1 / (within / df2) if within > rounding else math.inf
    return f, float(stats.f.sf(f, df1, df2))


def variance_ratio(groups: Sequence[Floats]) -> Effect:
    """Of two groups the first variance over the second, with the interval of F; of more the largest over the least."""
    variances = [float((group - np.median(group)).var(ddof=1)) for group in groups]
    if len(groups) > 2:
        return Effect("variance_ratio", max(variances) / min(variances), None, None)
    first, second = variances
    n1, n2 = len(groups[0]) - 1, len(groups[1]) - 1
    ratio, tail = first / second, (1 - LEVEL) / 2
    return Effect(
        "variance_ratio",
        ratio,
        ratio / float(stats.f.ppf(1 - tail, n1, n2)),
        ratio / float(stats.f.ppf(tail, n1, n2)),
    )
