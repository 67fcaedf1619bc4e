"""Bounds beyond which values are outliers, computed inside the database; and rows that are odd in several columns."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tools.stats.column_scan import Batch
from tools.stats.floats import Floats
from tools.stats.scaling import divided, exponent_of
from tools.stats.summary import Fetch, NumberSummary, values_of

MAD_SCALE = 0.6744897501960817
"""The standard normal's 75 % point: MAD / 0.6745 estimates sd."""
MEAN_AD_SCALE = 1.2533141373155003
"""sqrt(pi / 2): mean absolute deviation times this estimates sd."""


class Note(Enum):
    """What was done otherwise than asked, or why there are no bounds."""

    NO_VALUES = auto()
    CONSTANT = auto()
    MAD_IS_0 = auto()
    """The mean absolute deviation stands in for it."""


@dataclass(frozen=True)
class Bounds:
    """One column in one group: values below `low` or above `high` are outliers; None where they cannot be told.

    `mean` and `median` are of all the values; `note` says what was done otherwise than asked, or why nothing was.
    """

    group: str | None
    low: float | None
    high: float | None
    mean: float | None
    median: float | None
    note: Note | None = None

    def one_sided(self, side: Literal["both", "low", "high"]) -> Bounds:
        """The bounds with the other side's taken away."""
        return replace(self, low=None if side == "high" else self.low, high=None if side == "low" else self.high)

    def is_outside(self, value: object) -> bool:
        """Whether a number lies beyond one of the bounds; nothing else does."""
        if not isinstance(value, int | float):
            return False
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


def bounds_of(line: NumberSummary, method: Literal["iqr", "zscore"], threshold: float) -> Bounds:
    """Tukey's fences (threshold times the interquartile range beyond linear quartiles), or mean ± threshold sd.

    References
    ----------
    Tukey (1977). Exploratory Data Analysis.
    """
    center = (line.group, None, None, line.mean, line.median)
    if line.q1 is None or line.q3 is None or line.mean is None:
        return Bounds(*center, Note.NO_VALUES)
    if method == "iqr":
        reach = threshold * (line.q3 - line.q1)
        return Bounds(line.group, _finite(line.q1 - reach), _finite(line.q3 + reach), line.mean, line.median)
    if not line.sd:
        return Bounds(*center, Note.CONSTANT)
    reach = threshold * line.sd
    return Bounds(line.group, _finite(line.mean - reach), _finite(line.mean + reach), line.mean, line.median)


def bounds_by_mad(fetch: Fetch, column: str, by: str | None, threshold: float) -> list[Bounds]:
    """Median ± threshold MAD / 0.6745 by group: where the modified z-score reaches the threshold.

    Where more than half the values are the same, MAD is 0 and the mean absolute deviation from the median times 1.2533
    stands in for it.

    Parameters
    ----------
    fetch : callable
        Runs SQL over the view `data`.
    column, by : str
        Quoted SQL identifiers.

    References
    ----------
    Iglewicz, Hoaglin (1993). How to Detect and Handle Outliers.
    """
    rows = fetch(
        f"""
        WITH v AS ({values_of(column, by, "DOUBLE")}),
        c AS (SELECT g, median(x) AS middle, favg(x) AS center FROM v GROUP BY g)
        SELECT c.g, middle, center, median(abs(x - middle)), favg(abs(x - middle))
        FROM c LEFT JOIN v ON v.g IS NOT DISTINCT FROM c.g GROUP BY ALL ORDER BY c.g NULLS LAST
        """
    )
    return [_by_mad(label, threshold, *numbers) for label, *numbers in rows]


def bounds_by_spread(line: NumberSummary, distances: NumberSummary, threshold: float) -> Bounds:
    """The same bounds from the summaries of the values and of their distances from the median."""
    return _by_mad(line.group, threshold, line.median, line.mean, distances.median, distances.mean)


def away_from(batches: Iterable[Batch], centers: Sequence[Sequence[float | None]], is_grouped: bool) -> Iterator[Batch]:
    """The batches with each value's distance from its column's center in place of it.

    Parameters
    ----------
    centers : for each column one, or one for each group; None of columns and groups without values
    is_grouped : bool
        The batches begin with the rows' groups, 0, 1, …, or NaN: then the last group's center.
    """
    known = [np.array([math.nan if center is None else center for center in of_groups]) for of_groups in centers]
    for batch in batches:
        if not is_grouped:
            yield [np.abs(values - center) for values, center in zip(batch, known, strict=True)]
            continue
        groups, *columns = batch
        places = np.where(np.isnan(groups), len(known[0]) - 1, groups).astype(np.int32)
        yield [groups, *(np.abs(values - center[places]) for values, center in zip(columns, known, strict=True))]


def _by_mad(
    group: str | None,
    threshold: float,
    middle: float | None,
    center: float | None,
    deviation: float | None,
    mean_deviation: float | None,
) -> Bounds:
    if middle is None or deviation is None or mean_deviation is None:
        return Bounds(group, None, None, None, None, Note.NO_VALUES)
    if mean_deviation == 0:
        return Bounds(group, None, None, center, middle, Note.CONSTANT)
    sd = deviation / MAD_SCALE if deviation else mean_deviation * MEAN_AD_SCALE
    note = None if deviation else Note.MAD_IS_0
    reach = threshold * sd
    return Bounds(group, _finite(middle - reach), _finite(middle + reach), center, middle, note)


def _finite(bound: float) -> float | None:
    """None for a bound beyond all numbers: no value is outside."""
    return bound if math.isfinite(bound) else None


def odd_rows(
    columns: Sequence[Floats], method: Literal["mahalanobis", "isolation_forest"], threshold: float
) -> list[int]:
    """The places of the rows that are odd in all the columns together.

    Parameters
    ----------
    columns : sequence of arrays of shape (n_rows,)
        No missing values.
    threshold : float
        mahalanobis: rows whose squared distance exceeds chi-square's upper point of this probability. Mean and
        covariance are those of all rows. isolation_forest: the share of rows that are taken as odd.

    Raises
    ------
    ValueError
        If there are too few rows, or a column is a sum of others.

    References
    ----------
    Mahalanobis (1936). Proceedings of the National Institute of Sciences of India 2. Liu, Ting, Zhou (2008).
    Isolation Forest. IEEE ICDM.
    """
    X = np.column_stack([divided(column, exponent_of(column)) for column in columns])
    n, k = X.shape
    if n <= k + 1:
        raise ValueError(f"{n} complete rows are too few for {k} columns")
    X = X - X.mean(axis=0)
    spread = X.std(axis=0)
    if not spread.all():
        raise ValueError("a column does not vary: leave it out")
    X = X / spread
    is_odd = squared_distances(X) > stats.chi2.isf(threshold, k) if method == "mahalanobis" else _isolated(X, threshold)
    return [int(place) for place in np.flatnonzero(is_odd)]


def squared_distances(X: Floats) -> Floats:
    """Mahalanobis's squared distance of each row from the mean of all, shape (n_rows,); units make no difference."""
    _, exponents = np.frexp(np.abs(X).max(axis=0))
    scaled = np.ldexp(X, -exponents)
    centred = scaled - scaled.mean(axis=0)
    _, exponents = np.frexp(np.abs(centred).max(axis=0))
    centred = np.ldexp(centred, -exponents)
    _, triangle = np.linalg.qr(centred)
    if np.linalg.cond(triangle) > 1e10:
        raise ValueError("a column is a sum of others, as far as float64 can tell: leave one out")
    whitened = np.linalg.solve(triangle.T, centred.T)
    distances: Floats = (whitened**2).sum(axis=0) * (len(X) - 1)
    return distances


def _isolated(X: Floats, share: float) -> NDArray[np.bool_]:
    from sklearn.ensemble import IsolationForest

    forest = IsolationForest(n_estimators=200, contamination=share, random_state=0).fit(X)
    found: NDArray[np.bool_] = forest.predict(X) < 0
    return found
