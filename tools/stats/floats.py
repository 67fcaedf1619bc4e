"""What every file here speaks of: arrays of float64, their whole rows, and the level of every interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95
"""Of every interval: two-sided, 95 %."""
Z_95 = 1.959963984540054
"""The standard normal's 97.5 % point: so many standard errors lie on each side of an estimate."""
PIECE = 1_000_000


def whole_rows(columns: Sequence[Floats]) -> list[Floats]:
    """The columns, each of shape (n,), in the rows where none of them is NaN."""
    is_whole = reduce(np.logical_and, (~np.isnan(column) for column in columns))
    return [column[is_whole] for column in columns]


def pieces(values: Floats) -> Iterator[Floats]:
    """An array in pieces; what is computed of one is small beside the whole."""
    for start in range(0, len(values), PIECE):
        yield values[start : start + PIECE]


def gather_groups(batches: Iterable[Sequence[Floats]], sizes: Sequence[int]) -> list[Floats]:
    """Batches of values and of their groups' places, at most so many of each group, as one array for each group."""
    gathered, ends = [np.empty(size) for size in sizes], [0] * len(sizes)
    for values, places in batches:
        for place, group in enumerate(gathered):
            own = values[places == place]
            group[ends[place] : ends[place] + len(own)] = own
            ends[place] += len(own)
    return [group[:end] for group, end in zip(gathered, ends, strict=True)]


def gather_whole(batches: Iterable[Sequence[Floats]], n_columns: int, n_most: int) -> list[Floats]:
    """The whole rows of all batches, at most `n_most`, each column of shape (n,): held once, never twice."""
    gathered, n = np.empty((n_columns, n_most)), 0
    for batch in batches:
        columns = whole_rows(batch)
        ends = n + len(columns[0])
        for place, column in enumerate(columns):
            gathered[place, n:ends] = column
        n = ends
    return [row[:n] for row in gathered]
