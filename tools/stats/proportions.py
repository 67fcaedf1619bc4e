"""Shares of yes and no: one against a number, two or more against each other; counts in."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from tools.stats.comparison import TestResult, TooFewValues
from tools.stats.exact import Alternative
from tools.stats.fisher import fisher_p, needs_fisher
from tools.stats.floats import LEVEL, Z_95
from tools.stats.found import Difference, Effect, OtherTest, PairMethod
from tools.stats.multiplicity import correct
from tools.stats.post_hoc import PairComparison

NEXT_TO_NOTHING = 1e-100


def wilson(yes: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in [0, 1].

    References
    ----------
    Wilson (1927). J. Am. Stat. Assoc. 22, 209-212. Newcombe (1998). Statistics in Medicine 17, 857-872.
    """
    found = stats.binomtest(yes, n).proportion_ci(LEVEL, "wilson")
    return float(found.low), float(found.high)


def one_proportion(yes: int, n: int, share: float, alternative: Alternative = "two-sided") -> TestResult:
    """The exact binomial test of yes among n against a share in (0, 1); the effect is Cohen's h."""
    if n < 1:
        raise TooFewValues("there are no values")
    if not 0 < share < 1:
        raise TooFewValues(f"mu: a share to compare with lies between 0 and 1, not {share:g}")
    low, high = wilson(yes, n)
    moved = Difference("share - mu", yes / n - share, low - share, high - share)
    h = Effect("cohens_h", _angle(yes / n) - _angle(share), _angle(low) - _angle(share), _angle(high) - _angle(share))
    p = _binomial_p(yes, n, share, alternative)
    return TestResult("binomial", float(yes), None, None, p, h, moved, p_method="exact")


def _binomial_p(yes: int, n: int, share: float, alternative: Alternative) -> float:
    if share >= NEXT_TO_NOTHING:
        return float(stats.binomtest(yes, n, share, alternative=alternative).pvalue)
    # SciPy's density overflows there. Any yes is in the upper tail, and none is what is expected.
    above = 1.0 if yes == 0 else float(stats.binom.sf(yes - 1, n, share))
    return above if alternative != "less" else float(stats.binom.cdf(yes, n, share))


def compare_proportions(yes: Sequence[int], n: Sequence[int], alternative: Alternative = "two-sided") -> TestResult:
    """Shares by the rule for tables: Fisher's test where an expected count is below 5, else z (two) or chi-square.

    z is pooled, without continuity correction. Of two: the difference of shares with Newcombe's interval (method 10),
    and Cohen's h. Of more: Cramér's V.
    """
    if min(n) < 1:
        raise TooFewValues("a group has no values")
    if sum(yes) in (0, sum(n)):
        raise TooFewValues("all values are the same: there is no share to compare")
    shares = [y / m for y, m in zip(yes, n, strict=True)]
    pooled = sum(yes) / sum(n)
    counts = np.array([[y, m - y] for y, m in zip(yes, n, strict=True)], dtype=np.float64)
    exact = fisher_p(counts, alternative) if needs_fisher(counts) else None
    if len(n) > 2:
        expected = sum(m * (share - pooled) ** 2 for m, share in zip(n, shares, strict=True)) / (pooled * (1 - pooled))
        p = float(stats.chi2.sf(expected, len(n) - 1))
        v = Effect("cramers_v", math.sqrt(expected / sum(n)), None, None)
        if exact is not None:
            return TestResult("fisher", None, None, None, exact.p, v, None, p_method=exact.method)
        return TestResult("proportions_chi_square", expected, len(n) - 1, None, p, v, None, p_method="chi-square")
    z = (shares[0] - shares[1]) / math.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    p = z_tail(z, alternative) if exact is None else exact.p
    low, high = newcombe(yes[0], n[0], yes[1], n[1])
    h = _angle(shares[0]) - _angle(shares[1])
    half = Z_95 * math.sqrt(1 / n[0] + 1 / n[1])
    return TestResult(
        "proportions_z" if exact is None else "fisher",
        z if exact is None else None,
        None,
        None,
        p,
        Effect("cohens_h", h, h - half, h + half),
        Difference("difference of shares", shares[0] - shares[1], low, high),
        p_method="normal" if exact is None else exact.method,
    )


def z_tail(z: float, alternative: Alternative) -> float:
    """The p of a standard normal z."""
    tails = {"two-sided": 2 * stats.norm.sf(abs(z)), "less": stats.norm.cdf(z), "greater": stats.norm.sf(z)}
    return float(tails[alternative])


def other_tests_of_shares(yes: Sequence[int], n: Sequence[int], alternative: Alternative) -> list[OtherTest]:
    """What else is said of two shares: z, chi-square with Yates's correction, Fisher, but for the main one."""
    main = compare_proportions(yes, n, alternative).test
    counts = np.array([[y, m - y] for y, m in zip(yes, n, strict=True)], dtype=np.float64)
    pooled = sum(yes) / sum(n)
    z = (yes[0] / n[0] - yes[1] / n[1]) / math.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    tests = [OtherTest("proportions_z", z_tail(z, alternative), "normal")]
    if alternative == "two-sided":
        yates = float(stats.chi2_contingency(counts, correction=True).pvalue)
        tests.append(OtherTest("chi_square_corrected", yates, "chi-square, Yates"))
    fisher = fisher_p(counts, alternative)
    return [one for one in [*tests, OtherTest("fisher", fisher.p, fisher.method)] if one.test != main]


def newcombe(yes1: int, n1: int, yes2: int, n2: int) -> tuple[float, float]:
    """The 95 % interval of share 1 - share 2 from the two Wilson intervals (Newcombe 1998, method 10)."""
    first, second = yes1 / n1, yes2 / n2
    (low1, high1), (low2, high2) = wilson(yes1, n1), wilson(yes2, n2)
    moved = first - second
    return moved - math.hypot(first - low1, high2 - second), moved + math.hypot(high1 - first, second - low2)


def pairs_of_proportions(yes: Sequence[int], n: Sequence[int]) -> list[PairComparison]:
    """Each two shares, the second minus the first, p by Holm's steps; the interval is of one comparison."""
    pairs = [(i, j) for i in range(len(n)) for j in range(i + 1, len(n))]
    raw, methods = [], []
    for i, j in pairs:
        try:
            found = compare_proportions((yes[i], yes[j]), (n[i], n[j]))
            raw.append(found.p)
            methods.append(PairMethod(f"{found.p_method}, Holm"))
        except TooFewValues:
            raw.append(1.0)
            methods.append(PairMethod.NONE)
    return [
        PairComparison(i, j, yes[j] / n[j] - yes[i] / n[i], p, *newcombe(yes[j], n[j], yes[i], n[i]), method)
        for (i, j), p, method in zip(pairs, correct(raw), methods, strict=True)
    ]


def _angle(share: float) -> float:
    """The arcsine that makes the spread of a share the same everywhere."""
    return 2 * float(np.arcsin(math.sqrt(share)))
