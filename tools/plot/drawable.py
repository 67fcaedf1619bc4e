"""Which values a picture has room for: an axis needs room beyond the outermost ones."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from tools.columns import NUMERIC
from tools.errors import ToolError

MOST, LEAST = 1e305, 1e-305
"""Beyond these a step of an axis is no number of float64."""
FIRST_YEAR, LAST_YEAR = 1, 9999
"""Of Matplotlib's dates."""
ROOM = 0.25
"""Of the span of the values, what an axis may reach beyond them at each end."""


def check_drawable(table: DuckTable, columns: Sequence[Column]) -> None:
    """Raise ToolError if a column goes beyond what an axis can show; it names the column and what to do."""
    for column in columns:
        name = quote_identifier(column.name)
        if column.type in NUMERIC:
            ends = f"SELECT min(CAST({name} AS DOUBLE)), max(CAST({name} AS DOUBLE)) FROM data"  # noqa: S608 - quoted
            low, high = table.fetch(ends)[0]
            size = 0.0 if low is None else max(-low, high)
            if size > MOST or 0 < size < LEAST:
                why = f"values beyond {MOST:.0e}" if size > MOST else f"no value beyond {LEAST:.0e}"
                raise ToolError(
                    f"{column.name!r} has {why}, and no axis has steps for that: "
                    f"{'divide' if size > MOST else 'multiply'} the column by a power of ten first (derive)"
                )
            continue
        first, last = table.fetch(f"SELECT year(min({name})), year(max({name})) FROM data")[0]  # noqa: S608 - quoted
        if first is None:
            continue
        room = ROOM * (last - first)
        if first - room < FIRST_YEAR or last + room > LAST_YEAR:
            raise ToolError(
                f"{column.name!r} has dates from year {first} to {last}, and an axis of dates with room at both ends "
                f"reaches from {FIRST_YEAR} to {LAST_YEAR}: leave the outermost out (where)"
            )
