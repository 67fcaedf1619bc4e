"""Pearson's correlation of many columns from one pass over their batches, each pair over its own complete rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tools.stats.correlation import Correlation, pearson_of, r_of_sums
from tools.stats.floats import Floats
from tools.stats.scaling import divided, exponent_of

FAR = 4.0


class _Gram:
    """Counts, sums and products of k columns' deviations from `centers`, kept for every pair's complete rows.

    Of column i they are of its values over 2^`exponents[i]`, so that no square is too large or too small to hold.
    All have shape (k, k): `n[i, j]` counts rows with both, `sums[i, j]` and `squares[i, j]` are of column i over rows
    where j is there too, `products[i, j]` is of both.
    """

    def __init__(self, centers: Floats, exponents: NDArray[np.int64]) -> None:
        k = len(centers)
        self.centers = centers
        self.exponents = exponents
        self.n = np.zeros((k, k))
        self.sums = np.zeros((k, k))
        self.squares = np.zeros((k, k))
        self.products = np.zeros((k, k))
        self.lows = np.full(k, np.inf)
        self.highs = np.full(k, -np.inf)

    def add(self, batch: Sequence[Floats]) -> None:
        """Take one batch: arrays of equal length, NaN where missing."""
        values = np.stack(batch)
        self.lows = np.fmin(self.lows, np.fmin.reduce(values, axis=1))
        self.highs = np.fmax(self.highs, np.fmax.reduce(values, axis=1))
        is_missing = np.isnan(values)
        if self.exponents.any():
            values = np.ldexp(values, -self.exponents[:, None])
        values -= self.centers[:, None]
        np.copyto(values, 0.0, where=is_missing)
        self.n += values.shape[1]
        self.n -= is_missing.sum(axis=1)[:, None]
        self.products += values @ values.T
        self.sums += values.sum(axis=1)[:, None]
        self.squares += np.einsum("ij,ij->i", values, values)[:, None]
        # What is missing in j is taken off: far less work than products with the masks where little is missing.
        for j, rows in enumerate(map(np.flatnonzero, is_missing)):
            if len(rows):
                lost = values[:, rows]
                self.sums[:, j] -= lost.sum(axis=1)
                self.squares[:, j] -= np.einsum("ij,ij->i", lost, lost)
                self.n[:, j] -= len(rows) - is_missing[:, rows].sum(axis=1)

    @property
    def fitting(self) -> NDArray[np.int64]:
        """The exponents that all values need."""
        return np.array([exponent_of(np.array(ends)) for ends in zip(self.lows, self.highs, strict=True)])

    def is_far(self) -> bool:
        """A center lies so far from a mean that digits of a variance are lost."""
        with np.errstate(all="ignore"):
            d2 = (self.sums / self.n) ** 2
            variance = np.maximum(self.squares / self.n - d2, 0.0)
        varies = (self.highs > self.lows)[:, None] & (self.n > 2)
        return bool((varies & (d2 > FAR * variance)).any())

    def pair(self, i: int, j: int) -> Correlation:
        """The correlation of columns i and j."""
        n = int(self.n[i, j])
        if n < 3:
            return Correlation(None, None, n, None, None)
        sx, sy = self.sums[i, j], self.sums[j, i]
        sxx, syy = self.squares[i, j] - sx * sx / n, self.squares[j, i] - sy * sy / n
        sxy = self.products[i, j] - sx * sy / n
        floor = 1e-14 * n  # below, it is the rounding of a constant
        is_finite = np.isfinite(sxx + syy + sxy)
        if not (is_finite and sxx > floor * self.squares[i, j] / n and syy > floor * self.squares[j, i] / n):
            return Correlation(None, None, n, None, None)
        return pearson_of(r_of_sums(float(sxx), float(syy), float(sxy)), n)


def correlate_columns(
    n_columns: int,
    pairs: Sequence[tuple[int, int]],
    sample: Sequence[Sequence[Floats]],
    stream: Iterable[Sequence[Floats]],
    again: Iterable[Sequence[Floats]],
) -> list[Correlation]:
    """Pearson's r of each pair of columns (by number), each over the rows where both are present.

    The products are of deviations from the sample's means, so that no digit is lost to a large mean: at least 12
    correct digits of r.

    Parameters
    ----------
    sample, stream, again : batches of some rows, of all rows, and of all rows once more
        Each batch a sequence of arrays of equal length, one a column, NaN where missing. `again` is read only where
        the sample's means turn out to be far from the true ones.

    References
    ----------
    Chan, Golub, LeVeque (1983). Algorithms for computing the sample variance. The American Statistician 37(3).
    """
    drawn = [np.concatenate([[], *(batch[place] for batch in sample)]) for place in range(n_columns)]
    exponents = np.array([exponent_of(values) for values in drawn])
    centers = [_mean(divided(values, int(power))) for values, power in zip(drawn, exponents, strict=True)]
    gram = _Gram(np.array(centers), exponents)
    # A threaded BLAS is many times slower on products of this shape; what overflows has no r.
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        for batch in stream:
            gram.add(batch)
        if gram.is_far() or (gram.fitting != exponents).any():
            own = gram.centers + np.diag(gram.sums) / np.maximum(np.diag(gram.n), 1.0)
            moved = np.ldexp(np.nan_to_num(own, posinf=0.0, neginf=0.0), exponents - gram.fitting)
            gram = _Gram(moved, gram.fitting)
            for batch in again:
                gram.add(batch)
        return [gram.pair(i, j) for i, j in pairs]


def _mean(values: Floats) -> float:
    present = values[~np.isnan(values)]
    return float(present.mean()) if len(present) else 0.0
