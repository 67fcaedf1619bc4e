"""Ranks of a column, sorted once, and what they are among any part of its rows without sorting again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.stats.floats import Floats


@dataclass(frozen=True)
class RankedColumn:
    """Each row's place among the different values, counted from 0; `rank_of_place` is the mean rank of equal ones."""

    present: NDArray[np.bool_]
    places: NDArray[np.int32]
    rank_of_place: Floats

    def within(self, kept: NDArray[np.bool_]) -> Floats:
        """Mean ranks of the kept rows (all of them present) among themselves, about their middle; 0 in other rows.

        A row left out takes one from the rank of every value above its own, and half of one from those equal to it.
        """
        ranks = self.rank_of_place - (np.count_nonzero(kept) + 1) / 2
        gone = self.places[self.present & ~kept]
        if len(gone):
            counts = np.bincount(gone, minlength=len(ranks))
            ranks -= np.cumsum(counts) - counts / 2
        found: Floats = np.take(ranks, self.places)
        found *= kept
        return found


def rank_column(values: Floats) -> RankedColumn:
    """Sort a column once; neither missing nor infinite values take part.

    Parameters
    ----------
    values : array of shape (n,)
        NaN where missing.
    """
    present = np.isfinite(values)
    kept = values[present]
    order = np.argsort(kept)
    ordered = kept[order]
    is_new = np.empty(len(ordered), dtype=bool)
    is_new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    places = np.zeros(len(values), dtype=np.int32)
    sorted_places = np.empty(len(kept), dtype=np.int32)
    sorted_places[order] = np.cumsum(is_new) - 1
    places[present] = sorted_places
    starts = np.flatnonzero(is_new)
    sizes = np.diff(np.append(starts, len(ordered)))
    return RankedColumn(present, places, starts + (sizes + 1) / 2)


def rank_correlation(x: RankedColumn, y: RankedColumn) -> tuple[float | None, int]:
    """Spearman's rho over the rows where both are present, and their number; None where one does not vary."""
    both = x.present & y.present
    n = int(np.count_nonzero(both))
    if n < 3:
        return None, n
    a, b = x.within(both), y.within(both)
    spread = float(a @ a) * float(b @ b)
    return (max(-1.0, min(1.0, float(a @ b) / spread**0.5)) if spread > 0 else None), n
