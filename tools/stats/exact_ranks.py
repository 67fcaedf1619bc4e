"""Kruskal and Wallis's, and Friedman's, p by counting every arrangement of few ranks, equal ones as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import permutations

import numpy as np

from tools.stats.exact import MOST_COUNTED, twice_ranks
from tools.stats.floats import Floats

MOST_ORDERS = 200_000
"""Of Friedman's arrangements: a fifth of a second."""
NEARLY_EQUAL = 1e-9
"""Sums of squares that differ by less, as shares of themselves, are equal."""
Group = tuple[int, int, int]
"""Of one group its size, how many ranks it has so far, and their sum, doubled."""


def kruskal_p(groups: Sequence[Floats]) -> float | None:
    """The share of all ways to deal the values to groups of these sizes whose H is at least the one at hand.

    None for more than `MOST_COUNTED` values. Groups of one size that have the same are as good as each other, so that
    what is kept is few.
    """
    sizes = [len(group) for group in groups]
    if sum(sizes) > MOST_COUNTED:
        return None
    ranks = twice_ranks(np.concatenate(groups))
    dealt: dict[tuple[Group, ...], float] = {tuple(sorted((size, 0, 0) for size in sizes)): 1.0}
    for rank in ranks:
        longer: dict[tuple[Group, ...], float] = {}
        for state, n_ways in dealt.items():
            for at, (size, count, total) in enumerate(state):
                if count < size:
                    after = tuple(sorted((*state[:at], (size, count + 1, total + rank), *state[at + 1 :])))
                    longer[after] = longer.get(after, 0.0) + n_ways
        dealt = longer
    ends = np.cumsum(sizes)
    seen = sum(sum(ranks[end - size : end]) ** 2 / size for size, end in zip(sizes, ends, strict=True))
    squares = [sum(total * total / size for size, _, total in state) for state in dealt]
    return _share_from(squares, list(dealt.values()), seen)


def friedman_p(table: Floats) -> float | None:
    """The share of all ways to order each subject's values whose chi-square is at least the one at hand.

    Parameters
    ----------
    table : array of shape (n_subjects, n_times)

    Returns
    -------
    float or None
        None for more than `MOST_COUNTED` subjects, or where there are too many ways.
    """
    if len(table) > MOST_COUNTED:
        return None
    rows = [tuple(twice_ranks(row)) for row in table]
    sums: dict[tuple[int, ...], float] = {(0,) * table.shape[1]: 1.0}
    n_steps = 0
    for row in rows:
        if n_steps + len(sums) * math.factorial(len(row)) > MOST_ORDERS:
            return None
        longer: dict[tuple[int, ...], float] = {}
        orders = list(permutations(row))
        n_steps += len(sums) * len(orders)
        for state, n_ways in sums.items():
            for order in orders:
                # Which column is which makes no difference to what comes.
                after = tuple(sorted(map(sum, zip(state, order, strict=True))))
                longer[after] = longer.get(after, 0.0) + n_ways
        sums = longer
    seen = sum(sum(column) ** 2 for column in zip(*rows, strict=True))
    return _share_from([sum(total * total for total in state) for state in sums], list(sums.values()), seen)


def _share_from(squares: Sequence[float], weights: Sequence[float], seen: float) -> float:
    """Of the weights, the share whose sum of squares is at least the one seen."""
    counts = np.array(weights)
    return float(counts[np.array(squares) >= seen * (1 - NEARLY_EQUAL)].sum() / counts.sum())
