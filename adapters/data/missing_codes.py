"""Numbers that may stand for a missing value, such as 999 among ages: named at the load, and never changed unasked."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.many_columns import Answer, Question, ask_each, columns_of

CODES = (99, 999, 9999, 99999, 999999, -1, -9, -99, -999, -9999, -99999)
"""What surveys and instruments write where there is no value."""
FEWEST, FEWEST_OTHERS = 2, 5
"""So often must a code come, and so many different values must there be beside it."""


def name_missing_codes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """A sentence for each column of numbers of `data` in which a customary code stands far outside all other values.

    A code is far where it is as far beyond the others as they reach, or below 0 where none of them is.
    """
    listed = ", ".join(map(str, CODES))
    counts = ", ".join(f"count_if(x = {code})" for code in CODES)
    question = Question(
        lambda cells: (
            f"SELECT c, count(*), min(x) FILTER (x NOT IN ({listed})), max(x) FILTER (x NOT IN ({listed})), "
            f"approx_count_distinct(x) FILTER (x NOT IN ({listed})), {counts} FROM {cells} GROUP BY c"
        )
    )
    warnings = []
    for kind in ("BIGINT", "DOUBLE"):
        for name, answer in ask_each(connection, columns_of(connection, kind), question).items():
            found = list(_far(answer))
            if found:
                listing = ", ".join(f"{code} ({n} times)" for code, n in found)
                nulls = quote_identifier(name)
                for code, _ in found:
                    nulls = f"nullif({nulls}, {code})"
                warnings.append(
                    f"column {name[:64]!r}: {listing} far outside all other values may stand for missing; it is "
                    f"kept as a number, and where it is none, derive {nulls} before anything is computed"
                )
    return warnings


def _far(answer: Answer) -> Iterator[tuple[int, int]]:
    _, low, high, n_others, *counts = answer
    if low is None or n_others < FEWEST_OTHERS:
        return
    for code, n in zip(CODES, counts, strict=True):
        is_below = code < 0 <= low
        if n >= FEWEST and (is_below or code > high + (high - low) or code < low - (high - low)):
            yield code, n
