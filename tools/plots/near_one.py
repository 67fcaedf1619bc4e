"""Columns so large or small that their squares are no numbers of float64, brought near 1 where the rows are."""

from __future__ import annotations

from collections.abc import Sequence

from tools.plots.values import Fetch
from tools.stats.scaling import exponent_of_largest


def near_one(fetch: Fetch, sqls: Sequence[str], condition: str = "true") -> list[tuple[str, int]]:
    """Each expression over 2 to a power, and that power; itself and 0 where its squares are safe."""
    sizes = ", ".join(f"greatest(CAST(max({sql}) AS DOUBLE), -CAST(min({sql}) AS DOUBLE))" for sql in sqls)
    found = fetch(f"SELECT {sizes} FROM data WHERE {condition}")[0]
    return [_over(sql, size) for sql, size in zip(sqls, found, strict=True)]


def _over(sql: str, size: float | None) -> tuple[str, int]:
    exponent = 0 if size is None else exponent_of_largest(size)
    if not exponent:
        return sql, 0
    # Two factors: one alone may be no number of float64. Powers of two lose no digit.
    half = exponent // 2
    return f"(({sql}) * {2.0**-half!r} * {2.0 ** (half - exponent)!r})", exponent
