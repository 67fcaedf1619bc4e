"""Which test of groups fits, by what the values show: normality, spread, size; computed, never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tools.stats.comparison import (
    TestResult,
    TooFewValues,
    anova,
    kolmogorov_smirnov,
    kruskal,
    mann_whitney,
    paired_t,
    two_sample_t,
    welch_anova,
    wilcoxon,
)
from tools.stats.dispersion import SpreadTest, compare_distances, compare_spreads
from tools.stats.exact import Alternative
from tools.stats.floats import Floats
from tools.stats.found import GroupTest, OtherTest
from tools.stats.normality import MAX_SHAPIRO, shapiro_wilk

ALPHA = 0.05
LARGE = 30
"""From so many values a group on, means are near enough to normal for t and F (central limit)."""


@dataclass(frozen=True)
class Check:
    """One assumption: the test of it, p, and whether it holds at the 5 % level; p is None where n allows no test.

    `p_is_bound`: all that is known of p is that it is below.
    """

    assumption: Literal["normality", "equal_variances"]
    name: str
    group: str | None
    statistic: float | None
    p: float | None
    holds: bool | None
    p_method: str | None = None
    p_is_bound: bool = False


@dataclass(frozen=True)
class Choice:
    """The test that fits, and why, in words; `reason` is the part of it that tells means from ranks."""

    test: GroupTest
    why: str
    reason: str


def check_assumptions(groups: Sequence[Floats], labels: Sequence[str | None]) -> list[Check]:
    """Shapiro-Wilk in each group, and Brown and Forsythe's test of equal variances (Levene's about the medians)."""
    checks = [_normality(group, label) for group, label in zip(groups, labels, strict=True)]
    if len(groups) > 1:
        checks += check_spread(groups)
    return checks


def check_spread(groups: Sequence[Floats]) -> list[Check]:
    """Brown and Forsythe's test of equal variances, as the only check."""
    return [_variances(groups)]


def _normality(group: Floats, label: str | None) -> Check:
    if len(group) < 3 or np.ptp(group) == 0 or len(group) > MAX_SHAPIRO:
        return Check("normality", "normality (Shapiro-Wilk)", label, None, None, None)
    found = shapiro_wilk(group - group.mean())
    holds = found.p is not None and found.p >= ALPHA
    name = "normality (Shapiro-Wilk)"
    return Check("normality", name, label, found.statistic, found.p, holds, found.p_method, found.p_is_bound)


def _variances(groups: Sequence[Floats]) -> Check:
    name = "equal variances (Brown-Forsythe)"
    if any(len(group) < 2 for group in groups) or all(np.ptp(group) == 0 for group in groups):
        return Check("equal_variances", name, None, None, None, None)
    statistic, p = compare_distances(groups)
    if not np.isfinite(statistic):
        return Check("equal_variances", name, None, None, None, None)
    return Check("equal_variances", name, None, statistic, p, p >= ALPHA, "F")


def choose(groups: Sequence[Floats], is_paired: bool, checks: Sequence[Check]) -> Choice:
    """The test that fits, and why.

    Means are compared where each group is normal as far as Shapiro and Wilk can see, or has 30 values; else ranks. Two
    means by Welch's t, which costs nothing where variances are equal (Delacre, Lakens, Leys 2017); more of them by the
    classical F, or by Welch's where Brown and Forsythe find the variances unequal; by ranks beside a group that does
    not vary.
    """
    n = min(map(len, groups))
    looked_at = [check for check in checks if check.assumption == "normality"]
    is_normal = all(check.holds for check in looked_at)
    fits_means = is_normal or n >= LARGE
    reason = (
        f"each group has at least {LARGE} values"
        if n >= LARGE
        else "no group departs from normal (Shapiro-Wilk, p ≥ 0.05)"
        if is_normal
        else f"a group of fewer than {LARGE} values is not normal (Shapiro-Wilk, p < 0.05) or too small to tell"
    )
    if is_paired:
        return Choice("paired_t" if fits_means else "wilcoxon", f"paired values; {reason}, by the differences", reason)
    if len(groups) == 2:
        return Choice("welch_t" if fits_means else "mann_whitney", f"two groups; {reason}", reason)
    if not fits_means:
        return Choice("kruskal", f"{len(groups)} groups; {reason}", reason)
    if any(np.ptp(group) == 0 for group in groups):
        constant = "a group does not vary, and a test of means divides by its variance"
        return Choice("kruskal", f"{len(groups)} groups; {constant}", constant)
    is_equal = next((check.holds for check in checks if check.assumption == "equal_variances"), None)
    spread = (
        "variances look equal (Brown-Forsythe, p ≥ 0.05)"
        if is_equal
        else "variances are unequal (Brown-Forsythe, p < 0.05)"
    )
    return Choice("anova" if is_equal else "welch_anova", f"{len(groups)} groups; {reason}; {spread}", reason)


BY_SPREAD: tuple[SpreadTest, ...] = ("levene", "brown_forsythe", "bartlett", "fligner")


def run_test(test: str, groups: Sequence[Floats], alternative: Alternative) -> TestResult:
    """The test of that name on these groups; paired ones take two of equal length.

    Raises
    ------
    TooFewValues
        If the groups are too small or do not vary.
    ValueError
        If the test does not fit the number of groups.
    """
    if test in ("student_t", "welch_t", "mann_whitney", "ks", "paired_t", "wilcoxon"):
        if len(groups) != 2:
            raise ValueError(f"{test} compares two groups; there are {len(groups)}: use anova, welch_anova or kruskal")
        a, b = groups
        if test == "mann_whitney":
            return mann_whitney(a, b, alternative)
        if test == "ks":
            return kolmogorov_smirnov(a, b, alternative)
        if test == "wilcoxon":
            return wilcoxon(a, b, alternative)
        if test == "paired_t":
            return paired_t(a, b, alternative)
        return two_sample_t(a, b, test == "student_t", alternative)
    if alternative != "two-sided":
        raise ValueError(f"{test} has no direction: leave alternative out")
    for spread in BY_SPREAD:
        if test == spread:
            return compare_spreads(spread, groups)
    return {"anova": anova, "welch_anova": welch_anova, "kruskal": kruskal}[test](groups)


def others(test: str, groups: Sequence[Floats], alternative: Alternative) -> Iterator[OtherTest]:
    """The tests that were not chosen and could have been, each run when it is asked for."""
    families: tuple[tuple[GroupTest, ...], ...] = (
        ("paired_t", "wilcoxon"),
        ("welch_t", "student_t", "mann_whitney"),
        ("anova", "welch_anova", "kruskal"),
        BY_SPREAD,
    )
    family = next((family for family in families if test in family), ())
    for name in family:
        if name == test:
            continue
        try:
            found = run_test(name, groups, alternative)
        except (TooFewValues, ValueError):
            continue
        yield OtherTest(name, found.p, found.p_method)
