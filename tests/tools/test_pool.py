"""Ranks and ties of pooled groups, a piece at a time, are those that SciPy finds holding all at once."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest
from scipy import stats as scipy_stats

from tools.stats import floats
from tools.stats.comparison import kruskal, mann_whitney, wilcoxon
from tools.stats.dispersion import compare_distances
from tools.stats.effects import cliffs_delta
from tools.stats.exact import Alternative
from tools.stats.floats import Floats
from tools.stats.pool import Pool


@pytest.fixture(params=[1_000_000, 7, 1])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many values are looked at together."""
    # A million values and more would take a minute; what can go wrong is where one piece ends and the next begins.
    monkeypatch.setattr(floats, "PIECE", request.param)
    return int(request.param)


def groups_of(n_values: int, *sizes: int) -> list[Floats]:
    """Groups with ties: of few different values, or of many."""
    generator = np.random.default_rng(5)
    return [generator.integers(0, n_values, size).astype(np.float64) + shift for shift, size in enumerate(sizes)]


@pytest.mark.parametrize("n_values", [1, 3, 1000])
@pytest.mark.usefixtures("piece")
def test_ranks_and_ties_are_those_of_scipy(n_values: int) -> None:
    groups = groups_of(n_values, 40, 25, 1)
    together = np.concatenate(groups)
    ranks = np.split(scipy_stats.rankdata(together), [40, 65])
    found = Pool(groups)
    assert [found.rank_sum(group) for group in groups] == [part.sum() for part in ranks]
    counts = np.unique(together, return_counts=True)[1]
    assert found.ties == (counts**3 - counts).sum()


# Few values with ties are counted out: tests/tools/test_exact_p.py.
@pytest.mark.parametrize(
    ("n_values", "sizes"), [(4, (60, 45)), (100_000, (60, 45)), (100_000, (8, 30)), (100_000, (1, 5))]
)
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
@pytest.mark.usefixtures("piece")
def test_mann_whitney_is_that_of_scipy(n_values: int, sizes: tuple[int, int], alternative: Alternative) -> None:
    a, b = groups_of(n_values, *sizes)
    found, peer = mann_whitney(a, b, alternative), scipy_stats.mannwhitneyu(a, b, alternative=alternative)
    assert [found.statistic, found.p] == pytest.approx([peer.statistic, peer.pvalue], rel=1e-12)


@pytest.mark.parametrize(("n_values", "n"), [(5, 49), (5, 80), (100_000, 6), (100_000, 49), (100_000, 80)])
@pytest.mark.parametrize("alternative", ["two-sided", "less", "greater"])
@pytest.mark.usefixtures("piece")
def test_wilcoxon_is_that_of_scipy(n_values: int, n: int, alternative: Alternative) -> None:
    a, b = groups_of(n_values, n, n)
    found = wilcoxon(a, b, alternative)
    kept = (a - b)[a != b]
    is_exact = len(kept) == n < 50 and len(set(np.abs(kept))) == n
    method: Literal["exact", "asymptotic"] = "exact" if is_exact else "asymptotic"
    peer = scipy_stats.wilcoxon(kept, alternative=alternative, method=method, correction=not is_exact)
    assert found.p == pytest.approx(peer.pvalue, rel=1e-12)
    ranks = scipy_stats.rankdata(np.abs(kept))
    assert found.statistic == ranks[kept > 0].sum()
    assert found.effect.value == pytest.approx((ranks * np.sign(kept)).sum() / ranks.sum())
    against = wilcoxon(a, 2.0, alternative)
    assert against == wilcoxon(a, a * 0 + 2.0, alternative)


@pytest.mark.usefixtures("piece")
def test_kruskal_and_the_spread_of_medians_are_those_of_scipy() -> None:
    groups = groups_of(9, 20, 31, 17)
    found, peer = kruskal(groups), scipy_stats.kruskal(*groups)
    assert [found.statistic, found.p] == pytest.approx([peer.statistic, peer.pvalue], rel=1e-12)
    for about_means, center in ((False, "median"), (True, "mean")):
        spread = scipy_stats.levene(*groups, center=center)
        assert compare_distances(groups, about_means) == pytest.approx((spread.statistic, spread.pvalue), rel=1e-12)


@pytest.mark.usefixtures("piece")
def test_dominance_is_counted_over_all_pairs() -> None:
    """Delta and the two variances of Cliff's interval by their definition, over the matrix of signs."""
    a, b = groups_of(6, 12, 9)
    signs = np.sign(np.subtract.outer(a, b))
    effect = cliffs_delta(a, b)
    assert effect.value == pytest.approx(signs.mean(), rel=1e-15)
    n, m = signs.shape
    rows, columns = signs.mean(axis=1).var(ddof=1), signs.mean(axis=0).var(ddof=1)
    single = ((signs - signs.mean()) ** 2).sum() / (n * m - 1)
    variance = ((m - 1) * rows + (n - 1) * columns + single) / (n * m)
    delta, z = signs.mean(), scipy_stats.norm.ppf(0.975)
    half = z * np.sqrt(variance) * np.sqrt((1 - delta**2) ** 2 + z * z * variance)
    low = (delta - delta**3 - half) / (1 - delta**2 + z * z * variance)
    assert effect.ci_low == pytest.approx(low, rel=1e-12)
