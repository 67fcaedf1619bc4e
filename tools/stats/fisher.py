"""Fisher's exact test of a table of any shape: every table with the same margins counted, or many drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tools.stats.exact import Alternative
from tools.stats.floats import LEVEL, Floats

MOST_KEPT = 100_000
"""Of more different beginnings of tables than these the p is drawn."""
MOST_STEPS = 1_000_000
"""Nor are more than so many steps taken: about a second."""
N_DRAWN = 9_999
LEAST_EXPECTED = 5.0
MOST_ROWS = 2_000
"""Of tables of more rows none is drawn: chi-square serves."""
NEARLY = 1e-7
"""Tables whose chance is larger by this share count as equal, as in R."""


@dataclass(frozen=True)
class FisherP:
    """p, how it was got, and where it was drawn the 95 % interval of what all tables would give."""

    p: float
    method: str
    ci_low: float | None = None
    ci_high: float | None = None


def needs_fisher(counts: Floats) -> bool:
    """The rule for every question of shares and tables: Fisher's test where an expected count is below 5."""
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / counts.sum()
    return bool(expected.min() < LEAST_EXPECTED) and counts.sum() <= MOST_ROWS


def fisher_p(counts: Floats, alternative: Alternative = "two-sided", seed: int = 0) -> FisherP:
    """The share of all tables with these margins that are no likelier than the one at hand.

    Of two by two it may have a direction: "less", that the share of the first column is smaller in the first row.
    Larger tables are counted where there are few enough, else 9,999 are drawn (Patefield), the observed one counted in.

    Parameters
    ----------
    counts : array of shape (n_rows, n_columns)
        Whole numbers; a row or a column of zeros changes nothing.
    """
    kept = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0].astype(np.int64)
    if min(kept.shape) < 2:
        return FisherP(1.0, "exact")
    if kept.shape == (2, 2):
        return FisherP(float(stats.fisher_exact(kept, alternative=alternative).pvalue), "exact")
    counted = count_tables(kept)
    if counted is not None:
        return FisherP(counted, "exact")
    # By their totals, so that the draws do not hang on the order of rows and columns.
    kept = kept[np.argsort(kept.sum(axis=1))][:, np.argsort(kept.sum(axis=0))]
    drawn = stats.MonteCarloMethod(n_resamples=N_DRAWN, rng=np.random.default_rng(seed))
    # SciPy gives an array of one where the draws decide.
    p = float(np.asarray(stats.fisher_exact(kept, method=drawn).pvalue).item())
    n_as_far = round(p * (N_DRAWN + 1)) - 1
    interval = stats.binomtest(n_as_far, N_DRAWN).proportion_ci(LEVEL)
    return FisherP(p, f"drawn: {N_DRAWN:,}", float(interval.low), float(interval.high))


def count_tables(counts: NDArray[np.int64]) -> float | None:
    """The p by every table; None where there are too many beginnings of tables to keep.

    Tables are filled column by column. Beginnings that leave the same for the rows (in any order), and are as likely,
    go on as one: what a table's chance depends on is the product of its cells' factorials alone.
    """
    table = counts if len(counts) <= counts.shape[1] else counts.T
    rows = tuple(sorted(int(total) for total in table.sum(axis=1)))
    columns = sorted((int(total) for total in table.sum(axis=0)), reverse=True)
    begun: dict[tuple[int, ...], dict[float, float]] = {rows: {0.0: 1.0}}
    n_steps = 0
    for total in columns[:-1]:
        longer: dict[tuple[int, ...], dict[float, float]] = {}
        n_kept = 0
        for left, chances in begun.items():
            for column in _fillings(left, total):
                step = sum(math.lgamma(cell + 1) for cell in column)
                rest = tuple(sorted(row - cell for row, cell in zip(left, column, strict=True)))
                merged = longer.setdefault(rest, {})
                n_before = len(merged)
                n_steps += len(chances)
                for chance, n in chances.items():
                    key = round(chance + step, 11)
                    merged[key] = merged.get(key, 0.0) + n
                n_kept += len(merged) - n_before
                if n_kept > MOST_KEPT or n_steps > MOST_STEPS:
                    return None
        begun = longer
    logs, weights = _ended(begun)
    seen = sum(math.lgamma(int(cell) + 1) for cell in table.ravel())
    shares = weights * np.exp(logs.min() - logs)
    # No likelier: the product of factorials is at least as large.
    return min(1.0, float(shares[logs >= seen - NEARLY].sum() / shares.sum()))


def _ended(begun: dict[tuple[int, ...], dict[float, float]]) -> tuple[Floats, Floats]:
    """The tables whose last column is what the rows have left: the log of their factorials, and how many there are."""
    logs, weights = [], []
    for left, chances in begun.items():
        last = sum(math.lgamma(cell + 1) for cell in left)
        logs += [chance + last for chance in chances]
        weights += list(chances.values())
    return np.array(logs), np.array(weights)


def _fillings(left: tuple[int, ...], total: int) -> Iterator[tuple[int, ...]]:
    """Every column of that total whose cells are within what the rows have left."""
    if len(left) == 1:
        yield (total,)
        return
    rest = sum(left[1:])
    for cell in range(max(0, total - rest), min(left[0], total) + 1):
        for others in _fillings(left[1:], total - cell):
            yield (cell, *others)
