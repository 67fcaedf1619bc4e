"""Kruskal-Wallis and Friedman in small samples: published tables, and every arrangement one by one."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from scipy import stats

from tools.stats.comparison import kruskal
from tools.stats.exact_ranks import friedman_p, kruskal_p
from tools.stats.floats import Floats
from tools.stats.repeated import friedman


@pytest.mark.parametrize(
    ("groups", "h", "p"),
    [
        ([[1, 2], [3, 4], [5, 6]], 4.571, 0.067),
        ([[1, 2, 3], [4, 5], [6, 7]], 5.357, 0.029),
        ([[1, 2], [3, 4], [5]], 3.6, 0.2),
        ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], 7.2, 0.004),
    ],
)
def test_kruskal_of_published_tables(groups: list[list[float]], h: float, p: float) -> None:
    """Kruskal and Wallis (1952), J. American Statistical Association 47, table 6.1."""
    found = kruskal([np.array(group, dtype=np.float64) for group in groups])
    assert found.statistic == pytest.approx(h, abs=6e-4)
    assert found.p == pytest.approx(p, abs=6e-4)
    assert found.p_method == "exact"


@pytest.mark.parametrize(
    ("orders", "q", "p"),
    [
        (["123", "123"], 4.0, 1 / 6),
        (["123", "123", "123"], 6.0, 0.028),
        (["123", "123", "132"], 4.667, 0.194),
        (["123", "123", "123", "132"], 6.5, 0.042),
        (["123"] * 4, 8.0, 0.0046),
        (["1234"] * 2, 6.0, 0.042),
    ],
)
def test_friedman_of_published_tables(orders: list[str], q: float, p: float) -> None:
    """Friedman (1937), J. American Statistical Association 32, tables V and VI."""
    table = np.array([[float(rank) for rank in order] for order in orders])
    found = friedman(list(table.T))
    assert found.statistic == pytest.approx(q, abs=6e-4)
    assert found.p == pytest.approx(p, abs=6e-4)
    assert found.p_method == "exact"


@pytest.mark.parametrize("seed", range(6))
def test_ties_are_counted_as_they_are(seed: int) -> None:
    """Each arrangement by SciPy's H and Q, whose ties are those of the values."""
    generator = np.random.default_rng(seed)
    values, cuts = generator.integers(0, 4, 6).astype(float), ([2, 4], [3, 5])[seed % 2]
    if np.ptp(values) > 0:
        every = [stats.kruskal(*np.split(np.array(order), cuts)).statistic for order in permutations(values)]
        seen = stats.kruskal(*np.split(values, cuts)).statistic
        assert kruskal_p(np.split(values, cuts)) == pytest.approx(np.mean(np.array(every) >= seen - 1e-9), rel=1e-9)
    table = generator.integers(0, 3, (3, 3)).astype(float)
    assert friedman_p(table) == pytest.approx(_by_every_order(table), rel=1e-9)


def _by_every_order(table: Floats) -> float:
    ranks = np.apply_along_axis(stats.rankdata, 1, table)
    squares = [float((np.array(rows).sum(axis=0) ** 2).sum()) for rows in product(*map(permutations, ranks.tolist()))]
    return float(np.mean(np.array(squares) >= (ranks.sum(axis=0) ** 2).sum() - 1e-9))


def test_more_values_go_by_chi_square() -> None:
    """R: kruskal.test and friedman.test have no other p."""
    generator = np.random.default_rng(1)
    assert kruskal(list(generator.normal(size=(3, 4)))).p_method == "chi-square"
    assert friedman(list(generator.normal(size=(3, 11)))).p_method == "chi-square"
    assert friedman_p(generator.normal(size=(10, 3))) is not None
    assert friedman_p(generator.normal(size=(4, 9))) is None
