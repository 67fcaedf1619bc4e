"""Summaries of columns, computed inside the database: moments, quartiles, counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tools.stats.powers_of_two import SAFE, times

Row = tuple[Any, ...]
"""A row of a SELECT. Any: only its SQL says what each cell is (count int, DOUBLE float, VARCHAR str, NULL None)."""
Fetch = Callable[[str], list[Row]]
"""Runs one SELECT over the table `data`."""


@dataclass(frozen=True)
class NumberSummary:
    """One number column in one group; what n does not allow, or a constant column does not have, is None."""

    group: str | None
    n: int
    missing: int
    mean: float | None
    sd: float | None
    min: float | None
    q1: float | None
    median: float | None
    q3: float | None
    max: float | None
    mode: float | None
    skewness: float | None
    kurtosis: float | None
    skewness_biased: float | None
    kurtosis_biased: float | None


@dataclass(frozen=True)
class CategorySummary:
    """One column of words in one group; `top` holds (value, count), most frequent first, ties by value."""

    group: str | None
    n: int
    missing: int
    distinct: int
    top: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class TimeSummary:
    """One column of dates or times in one group, as ISO text."""

    group: str | None
    n: int
    missing: int
    distinct: int
    min: str | None
    median: str | None
    max: str | None


def summarize_numbers(
    fetch: Fetch, column: str, by: str | None = None, ddof: int = 1, with_mode: bool = True
) -> list[NumberSummary]:
    """Moments and quartiles of a number column, by group, in float64.

    The sums are of deviations from each group's compensated mean, so that no digit is lost to the mean's size.
    Quartiles are linear interpolations (R's type 7). `skewness` and `kurtosis` are the adjusted G1 and G2 (excess),
    `…_biased` the population's g1 and g2. The mode is the smallest of the most frequent values, and None when every
    value occurs once.

    Parameters
    ----------
    fetch : callable
        Runs SQL over the view `data`, which holds no infinite and no not-a-number values.
    column, by : str
        Quoted SQL identifiers.
    ddof : int
        The standard deviation divides by n - ddof; 1 for a sample, 0 for a population.

    References
    ----------
    Joanes, Gill (1998). Comparing measures of sample skewness and kurtosis. The Statistician 47(1), 183-189.
    Chan, Golub, LeVeque (1983). Algorithms for computing the sample variance. The American Statistician 37(3).
    """
    values = values_of(column, by, "DOUBLE")
    rows = fetch(
        f"""
        WITH v AS ({values}),
        c AS (SELECT g, count(*) AS n_rows, count(x) AS n, favg(x) AS center, min(x) AS low, max(x) AS high,
                     quantile_cont(x, [0.25, 0.5, 0.75]) AS q, greatest(-min(x), max(x)) AS largest FROM v GROUP BY g),
        s AS (SELECT *, CASE WHEN largest > 0 AND abs(log2(largest)) > {SAFE}
                             THEN greatest(-1000, least(1000, floor(log2(largest))))::INTEGER ELSE 0 END AS e FROM c),
        z AS (SELECT s.*, x * pow(2.0, -e) - center * pow(2.0, -e) AS d
              FROM s LEFT JOIN v ON v.g IS NOT DISTINCT FROM s.g)
        SELECT g, n_rows, n, e, center, low, high, q[1], q[2], q[3], fsum(d), fsum(d ** 2), fsum(d ** 3), fsum(d ** 4)
        FROM z GROUP BY ALL ORDER BY g NULLS LAST
        """
    )
    modes = find_modes(fetch, column, by) if with_mode else {}
    return [_number_summary(row, modes, ddof) for row in rows or _no_rows(by, 1)]


def values_of(column: str, by: str | None, sql_type: str) -> str:
    """A SELECT of each row's group g, as text, and value x; of quoted SQL identifiers."""
    group = "NULL" if by is None else by
    return f"SELECT CAST({group} AS VARCHAR) AS g, CAST({column} AS {sql_type}) AS x FROM data"


def _no_rows(by: str | None, n_more: int) -> list[Row]:
    """What a SELECT gives for an empty table: without groups one line that says so, with groups none."""
    return [(None, 0, 0, *(None,) * n_more)] if by is None else []


def find_modes(fetch: Fetch, column: str, by: str | None = None) -> dict[object, float]:
    """The smallest of the most frequent values of each group; none where each value occurs once."""
    values = values_of(column, by, "DOUBLE")
    rows = fetch(
        f"""
        SELECT g, x FROM (SELECT g, x, count(*) AS k FROM ({values}) WHERE x IS NOT NULL GROUP BY g, x)
        WHERE k > 1 QUALIFY row_number() OVER (PARTITION BY g ORDER BY k DESC, x) = 1
        """
    )
    return dict(rows)


def _number_summary(row: Row, modes: dict[object, float], ddof: int) -> NumberSummary:
    group, n_rows, n, exponent, *numbers = row
    return summary_of(group, n_rows, n, ddof, numbers, modes.get(group), exponent or 0)


def summary_of(
    group: str | None,
    n_rows: int,
    n: int,
    ddof: int,
    numbers: Sequence[float] = (),
    mode: float | None = None,
    exponent: int = 0,
) -> NumberSummary:
    """The summary of n values from center, min, max, q1, median, q3, and sums of powers 1 to 4 of (x - center).

    The powers are of deviations divided by 2^`exponent`.
    """
    if n == 0:
        return NumberSummary(group, 0, n_rows, *(None,) * 12)
    center, low, high, q1, median, q3, *sums = numbers
    m2, m3, m4 = _central_moments(n, *sums)
    shape = _shape(n, m2, m3, m4) if high > low else (None, None, None, None)
    return NumberSummary(
        group=group,
        n=n,
        missing=n_rows - n,
        mean=center + (times(sums[0] / n, exponent) or 0.0),
        sd=times(math.sqrt(m2 * n / (n - ddof)), exponent) if n > ddof and math.isfinite(m2) else None,
        min=low,
        q1=q1,
        median=median,
        q3=q3,
        max=high,
        mode=mode,
        skewness=shape[0],
        kurtosis=shape[1],
        skewness_biased=shape[2],
        kurtosis_biased=shape[3],
    )


def _central_moments(n: int, s1: float, s2: float, s3: float, s4: float) -> tuple[float, float, float]:
    """Moments about the mean, from sums of powers of deviations from a point near it."""
    d = s1 / n
    m2 = s2 / n - d * d
    m3 = s3 / n - 3 * d * s2 / n + 2 * d * d * d
    m4 = s4 / n - 4 * d * s3 / n + 6 * d * d * s2 / n - 3 * d * d * d * d
    return max(m2, 0.0), m3, m4


def _shape(n: int, m2: float, m3: float, m4: float) -> tuple[float | None, float | None, float | None, float | None]:
    """G1, G2, g1, g2."""
    if m2 * m2 == 0 or not math.isfinite(m2 * m2 + m3 + m4):  # constant, or so narrow or wide that powers fail
        return None, None, None, None
    g1 = m3 / m2**1.5
    g2 = m4 / m2**2 - 3
    adjusted_g1 = g1 * math.sqrt(n * (n - 1)) / (n - 2) if n > 2 else None
    adjusted_g2 = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6) if n > 3 else None
    return adjusted_g1, adjusted_g2, g1, g2


def pearson_skewness(summary: NumberSummary) -> tuple[float | None, float | None]:
    """Pearson's first, (mean - mode) / sd, and second, 3 (mean - median) / sd; None where not defined."""
    mean, sd = summary.mean, summary.sd
    if mean is None or summary.median is None or not sd:
        return None, None
    return None if summary.mode is None else (mean - summary.mode) / sd, 3 * (mean - summary.median) / sd


def summarize_categories(fetch: Fetch, column: str, by: str | None = None, n_top: int = 10) -> list[CategorySummary]:
    """Counts of a column's values, by group; `column` and `by` are quoted SQL identifiers."""
    values = values_of(column, by, "VARCHAR")
    totals = fetch(f"SELECT g, count(*), count(x), count(DISTINCT x) FROM ({values}) GROUP BY g ORDER BY g NULLS LAST")
    counts = fetch(
        f"""
        SELECT g, x, count(*) AS k FROM ({values}) WHERE x IS NOT NULL GROUP BY g, x
        QUALIFY row_number() OVER (PARTITION BY g ORDER BY k DESC, x) <= {int(n_top)} ORDER BY g, k DESC, x
        """
    )
    top: dict[object, list[tuple[str, int]]] = {}
    for group, value, count in counts:
        top.setdefault(group, []).append((value, count))
    return [
        CategorySummary(
            group=group,
            n=n,
            missing=n_rows - n,
            distinct=distinct or 0,
            top=tuple(top.get(group, ())),
        )
        for group, n_rows, n, distinct in totals or _no_rows(by, 1)
    ]


def summarize_times(fetch: Fetch, column: str, by: str | None = None) -> list[TimeSummary]:
    """First, middle and last of a column of dates or times, by group; quoted SQL identifiers."""
    group = "NULL" if by is None else by
    rows = fetch(
        f"""
        SELECT CAST({group} AS VARCHAR), count(*), count({column}), count(DISTINCT {column}),
               CAST(min({column}) AS VARCHAR), CAST(quantile_disc({column}, 0.5) AS VARCHAR),
               CAST(max({column}) AS VARCHAR)
        FROM data GROUP BY 1 ORDER BY 1 NULLS LAST
        """
    )
    return [
        TimeSummary(
            group=group,
            n=n,
            missing=n_rows - n,
            distinct=distinct or 0,
            min=low,
            median=middle,
            max=high,
        )
        for group, n_rows, n, distinct, low, middle, high in rows or _no_rows(by, 4)
    ]
