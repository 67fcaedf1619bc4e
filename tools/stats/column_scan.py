"""Moments and exact quartiles of many number columns in one scan, batch by batch, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tools.stats.decimals import decimal_unit, distances, is_written_in
from tools.stats.floats import Floats
from tools.stats.powers_of_two import times
from tools.stats.scaling import divided, exponent_of
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
    Deviations are divided by 2^`exponent` before they are squared.
    """

    center: float
    unit: float | None
    brackets: list[tuple[float, float]]
    exponent: int = 0
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
        scaled = divided(values, self.exponent)
        z = distances(scaled, math.ldexp(self.center, -self.exponent), self.unit)
        if n_missing:
            np.copyto(z, 0.0, where=is_missing)
        with np.errstate(over="ignore", invalid="ignore"):  # far beyond the sample: then comes a second pass
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
        return self.is_odd or self.exponent != self.fitting or self.is_far() or self.quartiles() is None

    @property
    def fitting(self) -> int:
        """The exponent that all values need."""
        return exponent_of(np.array([self.low, self.high]))

    def anew(self) -> _Scan:
        """Where to begin a second pass: at the mean, with the brackets that fitted, or with all values kept."""
        everything = [(-math.inf, math.inf)] * len(QUARTERS)
        brackets = self.brackets if self.quartiles() is not None else everything
        moved = times(self.sums()[0] / self.n, self.exponent)
        is_known = moved is not None and math.isfinite(moved)
        center = self.center + (moved or 0.0) if is_known else self.low / 2 + self.high / 2
        return _Scan(center, None, brackets, self.fitting)

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
            found.append(_between(float(values[k]), float(values[upper]), h - int(h)))
        return found


def _between(low: float, high: float, share: float) -> float:
    """The point at that share of the way; the way itself may be longer than float64 can hold."""
    way = high - low
    return low + way * share if math.isfinite(way) else low * (1 - share) + high * share


Batch = Sequence[Floats]
"""Arrays of equal length, one a column, NaN where missing; by group preceded by the rows' groups, 0, 1, …, or NaN."""


def scan_columns(
    n_columns: int, sample: Sequence[Batch], stream: Iterable[Batch], again: Iterable[Batch], ddof: int = 1
) -> list[NumberSummary]:
    """Summaries of number columns (without modes), exact, from one pass over their batches; rarely from two.

    The deviations are from the sample's mean, the sums pairwise inside a batch and exact over batches: at least 13
    correct digits of mean and sd, whatever the mean's size.

    Parameters
    ----------
    sample : batches of some rows drawn by chance
    stream : batches of all rows
    again : the same batches once more
        Read only where the sample was no likeness: values sorted in time, a few of them far out.

    References
    ----------
    Chan, Golub, LeVeque (1983). Algorithms for computing the sample variance. The American Statistician 37(3).
    Floyd, Rivest (1975). Expected time bounds for selection. Communications of the ACM 18(3).
    """
    (found,) = _scan(n_columns, sample, stream, again, lambda batch: [(0, batch)])
    return [_finish(scan, None, ddof) for scan in found]


def scan_groups(
    n_columns: int,
    labels: Sequence[str | None],
    sample: Sequence[Batch],
    stream: Iterable[Batch],
    again: Iterable[Batch],
    ddof: int = 1,
) -> list[list[NumberSummary]]:
    """The same for each group, in one pass: of each column a summary for each label.

    The batches begin with the rows' groups. A label None is of the rows whose group is NaN; without it they are left
    out.
    """
    found = _scan(n_columns, sample, stream, again, lambda batch: _split(batch, labels), len(labels))
    return [
        [_finish(scans[place], label, ddof) for label, scans in zip(labels, found, strict=True)]
        for place in range(n_columns)
    ]


Split = Callable[[Batch], Iterable[tuple[int, Batch]]]


def _split(batch: Batch, labels: Sequence[str | None]) -> Iterable[tuple[int, Batch]]:
    """The batch's rows of each group, every column moved once."""
    codes = np.where(np.isnan(batch[0]), len(labels) - 1 if None in labels else len(labels), batch[0]).astype(np.int32)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(labels)))[: len(labels)]
    moved = [column[order] for column in batch[1:]]
    for group, end in enumerate(ends):
        start = ends[group - 1] if group else 0
        if end > start:
            yield group, [column[start:end] for column in moved]


def _scan(
    n_columns: int,
    sample: Sequence[Batch],
    stream: Iterable[Batch],
    again: Iterable[Batch],
    split: Split,
    n_groups: int = 1,
) -> list[list[_Scan]]:
    drawn: list[list[list[Floats]]] = [[[] for _ in range(n_columns)] for _ in range(n_groups)]
    for batch in sample:
        for group, columns in split(batch):
            for parts, column in zip(drawn[group], columns, strict=True):
                parts.append(column)
    scans = [[_start(np.concatenate([[], *parts])) for parts in columns] for columns in drawn]
    _feed([dict(enumerate(columns)) for columns in scans], stream, split)
    bad: list[dict[int, _Scan]] = [{} for _ in scans]
    for group, of_group in enumerate(scans):
        for place, old in enumerate(of_group):
            if old.n and old.is_bad():
                of_group[place] = bad[group][place] = old.anew()
    if any(bad):
        _feed(bad, again, split)
    return scans


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
    exponent = exponent_of(present)
    unit = None if exponent else decimal_unit(present)
    mean = math.ldexp(float(divided(present, exponent).mean()), exponent)
    return _Scan(mean if unit is None else float(present[n // 2]), unit, brackets, exponent)


def _feed(scans: Sequence[dict[int, _Scan]], stream: Iterable[Batch], split: Split) -> None:
    for batch in stream:
        for group, columns in split(batch):
            for place, scan in scans[group].items():
                scan.add(columns[place])


def _finish(scan: _Scan, group: str | None, ddof: int) -> NumberSummary:
    if not scan.n:
        return summary_of(group, scan.missing, 0, ddof)
    quartiles = scan.quartiles()
    assert quartiles is not None  # noqa: S101 - the second pass keeps all values
    values = (scan.center, scan.low, scan.high, *quartiles, *scan.sums())
    return summary_of(group, scan.n + scan.missing, scan.n, ddof, values, exponent=scan.exponent)
