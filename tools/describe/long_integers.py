"""Whole numbers that float64 does not hold: described by their distance from the least, which it does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from adapters.data.base import DuckTable, quote_identifier
from tools import stats
from tools.stats import NumberSummary

EXACT = 2**53
"""Up to here float64 holds every whole number."""


def summarize_long(
    table: DuckTable, name: str, by: str | None, ddof: int, with_mode: bool
) -> list[NumberSummary] | None:
    """The summaries of a column of whole numbers beyond 2^53, with every digit; None where float64 holds them all.

    Spread and shape do not change when the least value is taken off each; the places get it back, as whole numbers
    where they are whole.

    Parameters
    ----------
    by : str or None
        The groups' column as a quoted SQL identifier.
    """
    column = quote_identifier(name)
    ((least, most),) = table.fetch(f"SELECT min({column}), max({column}) FROM data")
    if least is None or max(abs(least), abs(most)) <= EXACT:
        return None
    # Wider than BIGINT: the distance between the ends may not fit it.
    away = f"(CAST({column} AS HUGEINT) - CAST('{least}' AS HUGEINT))"
    found = stats.summarize_numbers(table.fetch, away, by, ddof, with_mode)
    return [_back(line, least) for line in found]


def may_be_long(lines: Sequence[NumberSummary]) -> bool:
    """Whether an end of whole numbers, rounded to float64, is no longer below 2^53."""
    return any(end is not None and abs(end) >= EXACT for line in lines for end in (line.min, line.max))


def is_long(lines: Sequence[NumberSummary]) -> bool:
    """Whether the summaries are of whole numbers beyond 2^53: those of `summarize_long`."""
    return any(isinstance(value, int) and abs(value) > EXACT for line in lines for value in (line.min, line.max))


def _back(line: NumberSummary, least: int) -> NumberSummary:
    def exact(value: float | None) -> float | None:
        return None if value is None else _exact(Fraction(value) + least)

    return replace(
        line,
        mean=exact(line.mean),
        min=exact(line.min),
        q1=exact(line.q1),
        median=exact(line.median),
        q3=exact(line.q3),
        max=exact(line.max),
        mode=exact(line.mode),
    )


def _exact(value: Fraction) -> float:
    return int(value) if value.denominator == 1 else float(value)
