"""p-values of ranks by counting every arrangement that could have come, equal values as they are."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tools.stats.floats import Floats

MOST_COUNTED = 10
"""So many rows of two columns have their arrangements counted, equal values or not."""
Alternative = Literal["two-sided", "less", "greater"]
Places = tuple[int, ...]


def spearman_p(x: Floats, y: Floats) -> float:
    """The share of all arrangements of y beside x whose |rho| is at least the one at hand.

    Parameters
    ----------
    x, y : arrays of shape (n,)
        n is at most `MOST_COUNTED`: the subsets of y are gone through, not the arrangements.
    """
    a, b = twice_ranks(x), twice_ranks(y)
    counts = _sums_of_products(tuple(sorted(a)), tuple(sorted(b)))
    middle = len(a) * (len(a) + 1) ** 2
    return _two_sided(counts, sum(i * j for i, j in zip(a, b, strict=True)), middle)


@lru_cache(maxsize=64)
def _sums_of_products(a: Places, b: Places) -> Floats:
    """How many arrangements of b beside a have each sum of products: one row of a after the other."""
    most = sum(i * j for i, j in zip(a, b, strict=True))  # both in order: no arrangement has a larger sum
    n = len(a)
    found: dict[int, Floats] = {0: np.eye(1, most + 1)[0]}
    for one in a:
        longer: dict[int, Floats] = {}
        for taken, counts in found.items():
            for place in (place for place in range(n) if not taken >> place & 1):
                moved = longer.setdefault(taken | 1 << place, np.zeros(most + 1))
                step = one * b[place]
                moved[step:] += counts[: most + 1 - step]
        found = longer
    return found[(1 << n) - 1]


def kendall_p(x: Floats, y: Floats) -> float:
    """The share of all arrangements of y beside x whose |tau| is at least the one at hand; n as for `spearman_p`."""
    signs = np.sign(np.subtract.outer(x, x)) * np.sign(np.subtract.outer(y, y))
    _, sizes = np.unique(x, return_counts=True)
    most = len(x) * (len(x) - 1) // 2
    counts = _sums_of_signs(tuple(sizes.tolist()), tuple(sorted(twice_ranks(y))))
    return _two_sided(counts, most + round(float(signs.sum()) / 2), most)


@lru_cache(maxsize=64)
def _sums_of_signs(sizes: Places, b: Places) -> Floats:
    """How many arrangements have each sum of signs (plus the number of pairs): one run of equal x after the other."""
    n = len(b)
    most = n * (n - 1) // 2
    found: dict[int, Floats] = {0: np.eye(1, 2 * most + 1, most)[0]}
    for size in sizes:
        longer: dict[int, Floats] = {}
        for taken, counts in found.items():
            before = [b[place] for place in range(n) if taken >> place & 1]
            rest = [place for place in range(n) if not taken >> place & 1]
            steps = {place: sum((b[place] > one) - (b[place] < one) for one in before) for place in rest}
            for chosen in combinations(rest, size):
                now = taken | sum(1 << place for place in chosen)
                moved = longer.setdefault(now, np.zeros(2 * most + 1))
                moved += np.roll(counts, sum(steps[place] for place in chosen))
        found = longer
    return found[(1 << n) - 1]


def rank_sum_p(a: Floats, b: Floats, alternative: Alternative = "two-sided") -> tuple[float, float]:
    """Of a's rank sum (Mann and Whitney): p, and the least p that could have come; for fewer than 50 values each.

    Two-sided p counts the sums at least as far from the middle as the one at hand.

    References
    ----------
    Streitberg, Röhmel (1986). Statistical Software Newsletter 12, 10-17.
    """
    ranks = twice_ranks(np.concatenate([a, b]))
    n, least = len(a), min(ranks)
    width = sum(sorted(ranks)[-n:]) - n * least
    counts = np.zeros((n + 1, width + 1))
    counts[0, 0] = 1.0
    for rank in ranks:
        step = rank - least
        counts[1:, step:] += counts[:-1, : width + 1 - step].copy()
    found, middle = counts[n], n * (len(ranks) + 1) - n * least
    return _p_and_least(found, sum(ranks[:n]) - n * least, middle, alternative)


def signed_rank_p(differences: Floats, alternative: Alternative = "two-sided") -> tuple[float, float]:
    """Of the positive ranks' sum (Wilcoxon): p, and the least p that could have come; no difference is 0."""
    ranks = twice_ranks(np.abs(differences))
    total = sum(ranks)
    counts = np.zeros(total + 1)
    counts[0] = 1.0
    for rank in ranks:
        counts[rank:] += counts[: total + 1 - rank].copy()
    seen = sum(rank for rank, one in zip(ranks, differences, strict=True) if one > 0)
    # Half of the total may lie between two sums: all is doubled.
    return _p_and_least(_spread_out(counts), 2 * seen, total, alternative)


def smirnov_p(a: Floats, b: Floats, alternative: Alternative = "two-sided") -> tuple[float, float]:
    """Two samples' largest distance of shares (Smirnov), and its p, given which values are equal.

    Each order of the two samples in the pool is a way through a grid; what is counted is the share of the ways to each
    point that went too far before, looked at only where a run of equal values ends. alternative "greater": the share
    of a below a point is the larger one.

    References
    ----------
    Schröer, Trenkler (1995). Computational Statistics & Data Analysis 20, 185-202.
    """
    n, m = len(a), len(b)
    pool = np.concatenate([a, b])
    order = np.argsort(pool, kind="stable")
    ends = np.append(np.diff(pool[order]) != 0, True)
    sides = {"two-sided": np.abs, "greater": np.positive, "less": np.negative}
    side = sides[alternative]
    steps = np.where(order < n, m, -n)
    far = int(side(np.cumsum(steps))[ends].max())
    if far <= 0:
        return 0.0, 1.0
    gone = np.zeros(n + 1)  # by the number of a's values so far: the share of ways that went too far
    for k in range(1, n + m + 1):
        low, high = max(0, k - m), min(n, k)
        i = np.arange(low, high + 1)
        from_a = np.where(i > 0, gone[i - 1], 0.0)
        gone[i] = (i * from_a + (k - i) * gone[i]) / k
        if ends[k - 1]:
            gone[i[side(i * m - (k - i) * n) >= far]] = 1.0
    return far / (n * m), float(gone[n])


def least_p(x: NDArray[np.generic], y: NDArray[np.generic]) -> float:
    """What the p of no arrangement of y beside x can be below: the share of arrangements that look like one."""
    logs = [float(sum(math.lgamma(size + 1) for size in np.unique(z, return_counts=True)[1])) for z in (x, y)]
    n_same = 2.0 if max(logs) == 0 else 1.0  # without equal values the reverse order is as far
    return n_same * math.exp(max(logs) - math.lgamma(len(x) + 1))


def twice_ranks(values: Floats) -> list[int]:
    """Mean ranks, doubled: whole numbers."""
    return [round(2 * float(rank)) for rank in stats.rankdata(values)]


def _spread_out(counts: Floats) -> Floats:
    found = np.zeros(2 * len(counts) - 1)
    found[::2] = counts
    return found


def _two_sided(counts: Floats, seen: int, middle: int) -> float:
    away = np.abs(np.arange(len(counts)) - middle)
    return float(counts[away >= abs(seen - middle)].sum() / counts.sum())


def _p_and_least(counts: Floats, seen: int, middle: int, alternative: Alternative) -> tuple[float, float]:
    """The p of a count so far from the middle, and of the one that is furthest in the test's direction."""
    places = np.flatnonzero(counts)
    away = {"two-sided": np.abs(places - middle), "greater": places, "less": -places}[alternative]
    far = {"two-sided": abs(seen - middle), "greater": seen, "less": -seen}[alternative]
    weights = counts[places] / counts.sum()
    return min(1.0, float(weights[away >= far].sum())), float(weights[away == away.max()].sum())
