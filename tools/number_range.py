"""The numbers that a model takes: trees hold them in 32 bits, after they were divided by what may be a small spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.data.base import quote_identifier

if TYPE_CHECKING:
    from adapters.data.base import DuckTable

MOST, LEAST = 1e30, 1e-100
AT_ONCE = 500
"""Columns that are looked at by one statement."""


def check_range(table: DuckTable, columns: Sequence[str]) -> None:
    """Look at every row of these columns.

    Raises
    ------
    ValueError
        If one of those that hold numbers holds a larger one than a model takes, or none but minute ones; names the
        column and the number.
    """
    types = {column.name: column.type for column in table.dataset.columns}
    names = [name for name in columns if types.get(name) in ("number", "integer")]
    for start in range(0, len(names), AT_ONCE):
        part = names[start : start + AT_ONCE]
        asked = ", ".join(f"max(abs(CAST({quote_identifier(name)} AS DOUBLE)))" for name in part)
        (found,) = table.fetch(f"SELECT {asked} FROM data")  # noqa: S608 - quoted
        for name, largest in zip(part, found, strict=True):
            if isinstance(largest, float):
                check_number(name, largest)
                _check_spread(name, largest)


def check_number(name: str, value: float) -> None:
    """ValueError where the number is too large."""
    if abs(value) > MOST:
        raise ValueError(
            f"{name!r} holds {value:.3g}: a model takes numbers up to {MOST:.0e}; leave such rows or the column out"
        )


def _check_spread(name: str, largest: float) -> None:
    """ValueError where all numbers are so small that their squares are none."""
    if 0 < largest < LEAST:
        told = f"a model takes numbers down to {LEAST:.0e}; multiply the column first"
        raise ValueError(f"{name!r} holds nothing larger than {largest:.3g}: {told}")
