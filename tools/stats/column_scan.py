"""Moments and exact quartiles of many number columns in one scan, batch by batch, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tools.stats.decimals import decimal_unit, distances, is_written_in
from tools.stats.effects import Floats
from tools.stats.summary import NumberSummary, summary_of

QUARTERS = (0.25, 0.5, 0.75)
SAMPLE_ROWS = 1 << 16
SAMPLED_SHARE = 400
"""Of a large table one row in so many is sampled."""
DEVIATIONS = 6.0
"""How far a quartile's bracket reaches, in standard deviations of its rank in the sample."""
FAR = 4.0


def sample_rows(n_rows: int) -> int:
    """How many rows to draw before the scan: their quartiles bracket the true ones."""
    return max(SAMPLE_ROWS, n_rows // SAMPLED_SHARE)


@dataclass
class _Scan:
    """What is gathered of one column: sums of powers of deviations from `center`, and the values near its quartiles.

    The quartiles are found by selection (Floyd, Rivest 1975): values below a bracket are counted, those inside
    are kept. `unit` is that of decimals far from 0, by the sample; `is_odd` that a value was not written in it.
    """

    center: float
    unit: float | None
    brackets: list[tuple[float, float]]
    n: int = 0
    is_odd: bool = False
    missing: int = 0
    low: float = math.inf
    high: float = -math.inf
    powers: list[list[float]] = field(default_factory=lambda: [[], [], [], []])
    below: list[int] = field(default_factory=lambda: [0] * len(QUARTERS))
    inside: list[list[Floats]] = field(default_factory=lambda: [[] for _ in QUARTERS])

    def add(self, values: Floats) -> None:
        """Take one batch, NaN where missing."""
        is_missing = np.isnan(values)
        n_missing = int(np.count_nonzero(is_missing))
        self.missing += n_missing
        self.n += len(values) - n_missing
        if n_missing == len(values):
            return
        self.low = min(self.low, float(np.fmin.reduce(values)))
        self.high = max(self.high, float(np.fmax.reduce(values)))
        if self.unit is not None and not is_written_in(values, self.unit):
            self.is_odd = True
        z = distances(values, self.center, self.unit)
        if n_missing:
            np.copyto(z, 0.0, where=is_missing)
        with np.errstate(over="ignore", invalid="ignore"):  # of huge values the powers are left out in the end
            squares = z * z
            parts = (z.sum(), squares.sum(), z @ squares, squares @ squares)
        for sums, part in zip(self.powers, parts, strict=True):
            sums.append(float(part))
        for place, (low, high) in enumerate(self.brackets):
            # Not-a-number compares as false with both ends: it is neither below nor inside.
            is_below = values < low
            self.below[place] += int(np.count_nonzero(is_below))
            self.inside[place].append(values[is_below != (values <= high)])

    def sums(self) -> tuple[float, float, float, float]:
        """Sums of z, z², z³ and z⁴ over all batches."""
        s1, s2, s3, s4 = (math.fsum(parts) if np.isfinite(parts).all() else math.nan for parts in self.powers)
        return s1, s2, s3, s4

    def is_bad(self) -> bool:
        """The sample was no likeness: its unit, its center or a bracket does not fit all values."""
        return self.is_odd or self.is_far() or self.quartiles() is None

    def is_far(self) -> bool:
        """The center lies so far from the mean that its square would eat digits of the variance."""
        if not self.n:
            return False
        s1, s2, _, _ = self.sums()
        d = s1 / self.n
        return d * d > FAR * max(s2 / self.n - d * d, 0.0) and self.high > self.low

    def quartiles(self) -> list[float] | None:
        """By linear interpolation (R's type 7); None where a bracket has missed."""
        found = []
        for share, below, kept in zip(QUARTERS, self.below, self.inside, strict=True):
            values = np.concatenate(kept)
            h = (self.n - 1) * share
            k = int(h) - below
            upper = min(k + 1, len(values) - 1) if int(h) == self.n - 1 else k + 1
            if k < 0 or upper >= len(values):
                return None
            values.partition([k, upper])
            found.append(float(values[k] + (values[upper] - values[k]) * (h - int(h))))
        return found


def scan_columns(
    n_columns: int,
    sample: Sequence[Sequence[Floats]],
    stream: Iterable[Sequence[Floats]],
    again: Iterable[Sequence[Floats]],
    ddof: int = 1,
) -> list[NumberSummary]:
    """Summaries of number columns (without modes), exact, from one pass over their batches; rarely from two.

    The deviations are from the sample's mean, the sums pairwise inside a batch and exact over batches: at least 13
    correct digits of mean and sd, whatever the mean's size.

    Parameters
    ----------
    sample : batches of some rows drawn by chance
    stream : batches of all rows, each a sequence of arrays of equal length, one a column, NaN where missing
    again : the same batches once more
        Read only where the sample was no likeness: values sorted in time, a few of them far out.

    References
    ----------
    Chan, Golub, LeVeque (1983). Algorithms for computing the sample variance. The American Statistician 37(3).
    Floyd, Rivest (1975). Expected time bounds for selection. Communications of the ACM 18(3).
    """
    scans = [_start(np.concatenate([[], *(batch[place] for batch in sample)])) for place in range(n_columns)]
    _feed(dict(enumerate(scans)), stream)
    bad = [
        place
        for place, scan in enumerate(scans)
        if scan.n and (scan.is_odd or scan.is_far() or scan.quartiles() is None)
    ]
    if bad:
        everything = [(-math.inf, math.inf)] * len(QUARTERS)
        for place in bad:
            old = scans[place]
            brackets = old.brackets if old.quartiles() is not None else everything
            scans[place] = _Scan(old.center + old.sums()[0] / old.n, None, brackets)
        _feed({place: scans[place] for place in bad}, again)
    return [_finish(scan, ddof) for scan in scans]


def _start(sample: Floats) -> _Scan:
    present = np.sort(sample[sample == sample])
    n = len(present)
    if not n:
        return _Scan(0.0, None, [(-math.inf, math.inf)] * len(QUARTERS))
    brackets = []
    for share in QUARTERS:
        reach = DEVIATIONS * math.sqrt(share * (1 - share) / n)
        low, high = math.floor((share - reach) * n) - 1, math.ceil((share + reach) * n) + 1
        brackets.append(
            (float(present[low]) if low >= 0 else -math.inf, float(present[high]) if high < n else math.inf)
        )
    unit = decimal_unit(present)
    return _Scan(float(present.mean()) if unit is None else float(present[n // 2]), unit, brackets)


def _feed(scans: dict[int, _Scan], stream: Iterable[Sequence[Floats]]) -> None:
    for batch in stream:
        for place, scan in scans.items():
            scan.add(batch[place])


def _finish(scan: _Scan, ddof: int) -> NumberSummary:
    if not scan.n:
        return summary_of(None, scan.missing, 0, ddof)
    quartiles = scan.quartiles()
    assert quartiles is not None  # noqa: S101 - the second pass keeps all values
    values = (scan.center, scan.low, scan.high, *quartiles, *scan.sums())
    return summary_of(None, scan.n + scan.missing, scan.n, ddof, values)
