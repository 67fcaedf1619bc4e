"""The values of all groups in one order: mean ranks and ties, a piece at a time, so that only the order is held."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tools.stats.floats import Floats, pieces


class Pool:
    """The values of groups in order, shape (n,); ranks count from 1, equal values share the mean of theirs."""

    def __init__(self, groups: Sequence[Floats]) -> None:
        self.ordered = np.concatenate(groups)
        self.ordered.sort()

    @property
    def n(self) -> int:
        """How many values there are in all."""
        return len(self.ordered)

    @property
    def is_constant(self) -> bool:
        """Whether all values are the same."""
        return self.n == 0 or bool(self.ordered[0] == self.ordered[-1])

    def count_around(self, values: Floats) -> Iterator[tuple[Floats, Floats]]:
        """For each value, piece by piece: how many of the pool are below it, and how many not above it."""
        for piece in pieces(values):
            # In order they are found much faster, each near the one before.
            looked_up = np.sort(piece)
            yield (
                np.searchsorted(self.ordered, looked_up, "left").astype(np.float64),
                np.searchsorted(self.ordered, looked_up, "right").astype(np.float64),
            )

    def rank_sum(self, group: Floats) -> float:
        """The sum of the ranks of a group's values; whole or half, and exact."""
        twice = sum(int(below.sum()) + int(upto.sum()) for below, upto in self.count_around(group))
        return (twice + len(group)) / 2

    @property
    def ties(self) -> float:
        """The sum of t³ - t over the runs of t equal values."""
        total, length = 0.0, 0
        last: float | None = None
        for piece in pieces(self.ordered):
            starts = np.flatnonzero(np.diff(piece, prepend=np.nan) != 0)
            runs = np.diff(starts, append=len(piece)).astype(np.float64)
            if last is not None and piece[0] == last:
                runs[0] += length
            elif length:
                total += float(length) ** 3 - length
            total += float((runs[:-1] ** 3 - runs[:-1]).sum())
            length, last = int(runs[-1]), float(piece[-1])
        return total + float(length) ** 3 - length
