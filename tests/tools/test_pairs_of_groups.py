"""The pairs of three or more groups: all of a table by one method, also where p is so small that it is a bound."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats as scipy_stats

from tools.stats.post_hoc import studentized_quantile, tukey


def range_beyond(q: float, k: int, df: float) -> float:
    """P(Q > q) of the studentized range as it is defined, by quadrature in which nothing cancels, however small it is.

    k ∫ φ(z) (Φ(z)^(k-1) - (Φ(z) - Φ(z-w))^(k-1)) dz is P(range > w), and the mean of it over s = √(χ²/df) at w = q s.
    """
    nodes, weights = np.polynomial.legendre.leggauss(300)

    def normal(w: float) -> float:
        z = (w + 24) / 2 * (nodes + 1) - 12
        below, far = scipy_stats.norm.cdf(z), scipy_stats.norm.cdf(z - w)
        lost = below ** (k - 1) * -np.expm1((k - 1) * np.log1p(-np.minimum(far / below, 1 - 1e-16)))
        return float((w + 24) / 2 * np.sum(weights * k * scipy_stats.norm.pdf(z) * lost))

    def weighed(w: float) -> float:
        # The density of s at w / q, over q.
        return normal(w) * 2 * w / q * df * float(scipy_stats.chi2.pdf(df * (w / q) ** 2, df)) / q

    edges = [*map(float, range(13)), 16.0, 20.0, 30.0, 40.0]
    pieces = [((high - low) / 2, (low + high) / 2) for low, high in pairwise(edges)]
    return sum(
        half * float(weight) * weighed(middle + half * float(node))
        for half, middle in pieces
        for node, weight in zip(*np.polynomial.legendre.leggauss(40), strict=True)
    )


def test_the_range_of_two_is_a_t_however_far_it_reaches() -> None:
    """P(Q > q) of two groups is the two-sided p of t = q / √2."""
    for t in (1.0, 4.0, 20.0, 90.0):
        assert range_beyond(t * math.sqrt(2), 2, 17.5) == pytest.approx(2 * scipy_stats.t.sf(t, 17.5), rel=1e-6)


FAR = (
    "4.1 5.2 6.0 5.5 4.8 5.9 5.1 4.6 5.7 5.3 6.2 4.9",
    "5.0 6.3 5.7 6.1 5.2 6.6 7.0 4.4 5.9 6.4 5.6 7.3",
    "40.1 41.9 40.7 42.3 39.5 41.2 40.4 43.0 38.8 41.1 40.9 42.0",
)


@pytest.mark.parametrize(
    ("equal_var", "near", "others"),
    [
        # R 4.2: ptukey(t * sqrt(2), 3, df, lower.tail = FALSE), t and df by hand; and TukeyHSD(aov(y ~ f)).
        (False, 0.0838011045059, [(91.4118294889, 16.4772406241), (82.7515912486, 19.6610606164)]),
        (True, 0.178682029411, [(95.1469625157, 33.0), (93.3266053234, 33.0)]),
    ],
)
def test_all_pairs_of_a_table_are_by_one_method_also_where_p_is_a_bound(
    equal_var: bool, near: float, others: list[tuple[float, float]]
) -> None:
    first, *far = tukey([np.array(group.split(), dtype=np.float64) for group in FAR], equal_var)
    name = "Tukey-Kramer" if equal_var else "Games-Howell"
    assert [pair.p_method.corrected_by for pair in (first, *far)] == [name] * 3
    assert first.p == pytest.approx(near, rel=1e-8)
    for pair, (t, df) in zip(far, others, strict=True):
        p = range_beyond(t * math.sqrt(2), 3, df)
        assert pair.p_is_bound
        assert 0 < p <= pair.p < 100 * p


@pytest.mark.parametrize("k", [2, 3, 30])
@pytest.mark.parametrize("df", [1.0, 3.7, 57.0, 2e5])
def test_a_quantile_of_the_studentized_range_is_scipys(k: int, df: float) -> None:
    assert studentized_quantile(0.95, k, df) == pytest.approx(scipy_stats.studentized_range.ppf(0.95, k, df), rel=1e-10)


@pytest.mark.parametrize("equal_var", [True, False])
def test_the_intervals_of_pairs_are_those_of_tukey_hsd(equal_var: bool) -> None:
    groups = [np.array(group, dtype=np.float64) for group in ([1, 3, 4], [2, 2.5, 6, 9], [7, 7.5, 9.5, 8, 12])]
    theirs = scipy_stats.tukey_hsd(*groups, equal_var=equal_var)
    interval = theirs.confidence_interval(0.95)
    for pair in tukey(groups, equal_var):
        at = (pair.b, pair.a)
        assert (pair.difference, pair.p) == (theirs.statistic[at], theirs.pvalue[at])
        assert (pair.ci_low, pair.ci_high) == pytest.approx((interval.low[at], interval.high[at]), abs=1e-9)
