"""p of small samples against every arrangement gone through one by one, against SciPy's own counts, and against R."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations, product

import numpy as np
import pytest
from scipy import stats

from tools.stats.comparison import kolmogorov_smirnov, mann_whitney, wilcoxon
from tools.stats.correlation import correlate_pair
from tools.stats.floats import Floats

# The two samples of the issue: in R 4.2.2 ks.test(a, b)$p.value is 0.03594006319, "less" 0.01797012431 of the
# distribution functions (R's "greater" and "less" are about those), and SciPy's is 0.0811.
TIED_A = np.array([1, 3, 1, 2, 2, 1, 1, 1, 2, 5, 1, 1, 5, 4, 5, 4, 2, 1, 1, 1], dtype=np.float64)
TIED_B = np.array([2, 5, 2, 5, 2, 4, 2, 4, 4, 5, 2, 2, 1, 1, 4, 4, 5, 5, 2, 2], dtype=np.float64)
SAMPLES = [
    ([1.0, 2, 3], [1.0, 5, 6]),
    ([1.0, 2, 2, 3, 3], [2.0, 1, 4, 4, 9]),
    ([1.0, 1, 1, 2, 5, 6], [3.0, 3, 1, 1, 1, 8]),
    ([1.0, 2, 3, 4, 5, 6, 7], [2.0, 1, 3, 3, 5, 7, 6]),
]


def far_as(statistic: Callable[[Floats], float], at: Floats) -> float:
    """The share of all orders of the values whose statistic is as far from 0."""
    everything = np.abs([statistic(np.array(order)) for order in permutations(at)])
    return float(np.mean(everything >= abs(statistic(at)) - 1e-9))


@pytest.mark.parametrize(("x", "y"), SAMPLES)
def test_spearman_and_kendall_count_every_order(x: list[float], y: list[float]) -> None:
    a, b = np.array(x), np.array(y)
    rho, tau = correlate_pair(a, b, "spearman"), correlate_pair(a, b, "kendall")
    assert (rho.p_method, tau.p_method) == ("exact", "exact")
    assert rho.p == pytest.approx(far_as(lambda order: float(stats.spearmanr(a, order).statistic), b), rel=1e-12)
    assert tau.p == pytest.approx(far_as(lambda order: float(stats.kendalltau(a, order).statistic), b), rel=1e-12)


def test_spearman_of_few_rows_is_as_in_r() -> None:
    """R 4.2.2: cor.test(c(1, 2, 3, 4, 5), c(2, 1, 3, 4, 5), method = "spearman") gives rho 0.9, p 0.08333."""
    found = correlate_pair(np.arange(5.0), np.array([2.0, 1, 3, 4, 5]), "spearman")
    assert (found.r, found.p) == pytest.approx((0.9, 1 / 12))
    assert correlate_pair(np.arange(3.0), np.arange(3.0), "spearman").p == pytest.approx(1 / 3)


def test_eleven_rows_in_order_have_the_least_p_that_can_occur() -> None:
    """Two of 11! orders have |rho| = 1; of twelve rows with equal values none has a p below the share of its like."""
    found = correlate_pair(np.arange(11.0), np.arange(11.0), "spearman")
    assert found.p == pytest.approx(2 / 39_916_800)
    assert found.p_method == "the least that can occur"
    one = np.array([0.0] * 11 + [1])
    tied = correlate_pair(np.arange(12.0), one, "kendall")
    assert tied.p is not None
    assert tied.p >= 1 / 12
    plain = correlate_pair(np.arange(11.0), np.array([1.0, 0, 2, 4, 3, 5, 6, 8, 7, 10, 9]), "spearman")
    assert plain.p_method == "t"


def test_kendall_without_ties_is_exact_below_fifty() -> None:
    """R 4.2.2: cor.test(1:40, c(20:1, 40:21), method = "kendall") has p 0.8259489 (exact)."""
    x, y = np.arange(40.0), np.concatenate([np.arange(20.0, 0, -1), np.arange(40.0, 20, -1)])
    found = correlate_pair(x, y, "kendall")
    assert found.p_method == "exact"
    assert found.p == pytest.approx(0.8259489, abs=5e-8)


def test_the_distance_of_two_samples_with_ties_is_as_in_r() -> None:
    found = kolmogorov_smirnov(TIED_A, TIED_B)
    assert (found.statistic, found.p) == pytest.approx((0.4, 0.03594006319), rel=1e-9)
    assert found.p_method == "exact"
    assert kolmogorov_smirnov(TIED_A, TIED_B, "less").p == pytest.approx(0.01797012431, rel=1e-9)
    assert kolmogorov_smirnov(TIED_A, TIED_B, "greater").p == 1.0


def test_the_distance_of_two_samples_without_ties_is_as_in_scipy() -> None:
    draw = np.random.default_rng(4)
    a, b = draw.normal(0, 1, 60), draw.normal(0.4, 1, 45)
    for alternative, turned in (("two-sided", "two-sided"), ("less", "greater"), ("greater", "less")):
        theirs = stats.ks_2samp(a, b, alternative=turned, method="exact")
        ours = kolmogorov_smirnov(a, b, alternative)  # type: ignore[arg-type]  # the words of the pairs above
        assert (ours.statistic, ours.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-10)


@pytest.mark.parametrize(
    ("a", "b"),
    [([1.0, 2, 2, 3], [4.0, 4, 5, 6]), ([1.0, 1, 1, 1], [1.0, 2, 9]), ([1.0, 3], [2.0, 2, 3, 3, 3, 4, 7, 7])],
)
def test_mann_whitney_of_tiny_tied_samples_counts_every_choice(a: list[float], b: list[float]) -> None:
    ranks = stats.rankdata([*a, *b])
    sums = np.array([sum(ranks[list(one)]) for one in combinations(range(len(ranks)), len(a))])
    seen, middle = sum(ranks[: len(a)]), len(a) * (len(ranks) + 1) / 2
    found = mann_whitney(np.array(a), np.array(b))
    assert found.p_method == "exact"
    assert found.p == pytest.approx(np.mean(np.abs(sums - middle) >= abs(seen - middle) - 1e-9), rel=1e-12)
    assert mann_whitney(np.array(a), np.array(b), "less").p == pytest.approx(np.mean(sums <= seen + 1e-9), rel=1e-12)


@pytest.mark.parametrize("d", [[-1.0] * 5, [1.0, -1, 2, 2, 3, -2], [0.0, 1, 1, -3, 4]])
def test_wilcoxon_of_tiny_tied_samples_counts_every_sign(d: list[float]) -> None:
    kept = np.array([one for one in d if one])
    ranks = stats.rankdata(np.abs(kept))
    sums = np.array([sum(ranks[np.array(signs)]) for signs in product((False, True), repeat=len(kept))])
    middle, seen = sum(ranks) / 2, sum(ranks[kept > 0])
    found = wilcoxon(np.array(d), 0.0)
    assert found.p_method == "exact"
    assert found.p == pytest.approx(np.mean(np.abs(sums - middle) >= abs(seen - middle) - 1e-9), rel=1e-12)


def test_mann_whitney_without_ties_is_exact_below_fifty() -> None:
    draw = np.random.default_rng(5)
    a, b = draw.normal(0, 1, 49), draw.normal(0.5, 1, 30)
    for alternative in ("two-sided", "less", "greater"):
        theirs = stats.mannwhitneyu(a, b, alternative=alternative, method="exact").pvalue
        ours = mann_whitney(a, b, alternative)
        assert ours.p == pytest.approx(theirs, rel=1e-10)
        assert ours.p_method == "exact"
    assert mann_whitney(draw.normal(0, 1, 50), b).p_method == "normal, continuity corrected"


def test_no_p_of_ranks_is_below_the_least_that_can_occur() -> None:
    """2 of 22 differ, both among the first ten: 45 of 231 choices have that; the normal curve says 0.13."""
    a, b = np.array([1.0] * 2 + [0] * 8), np.zeros(12)
    found = mann_whitney(a, b)
    assert found.p == pytest.approx(45 / 231)
    assert found.p_method == "exact"
    assert all(wilcoxon(np.ones(n), 0.0).p >= 2 / 2**n for n in range(1, 60))
