"""What describe finds: one line for each column, or for each group of it."""

from __future__ import annotations

from tools.results import Fields, Result

Number = int | float
"""Whole numbers beyond 2^53 stay whole."""


class Line(Fields):
    """What every line has; `group_values` are of groups by several columns, null where a value is missing."""

    column: str
    group: str | None = None
    group_values: tuple[str | None, ...] = ()
    n: int
    missing: int


class NumberLine(Line):
    """A column of numbers; from `sum` on what a close look adds (`tools.stats.further`)."""

    mean: Number | None
    sd: Number | None
    min: Number | None
    q1: Number | None
    median: Number | None
    q3: Number | None
    max: Number | None
    mode: Number | None
    skewness: float | None
    kurtosis: float | None
    skewness_biased: float | None
    kurtosis_biased: float | None
    sum: float | None = None
    variance: float | None = None
    se: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    range: float | None = None
    iqr: float | None = None
    mad: float | None = None
    cv: float | None = None
    geometric_mean: float | None = None
    harmonic_mean: float | None = None
    modes: tuple[float, ...] = ()
    n_modes: int | None = None
    pearson_mode_skewness: float | None = None
    pearson_median_skewness: float | None = None


class Counted(Fields):
    """A value and how many rows hold it."""

    value: str
    count: int


class WordLine(Line):
    """A column of words or truths; `top` the most frequent values first, ties by value."""

    distinct: int
    top: tuple[Counted, ...]


class TimeLine(Line):
    """A column of dates or times, as ISO text."""

    distinct: int
    min: str | None
    median: str | None
    max: str | None


class Description(Result):
    """All lines; `by` names the columns where several make the groups."""

    rows: int
    by: tuple[str, ...] | None = None
    columns: tuple[NumberLine | WordLine | TimeLine, ...]
