"""A p that is smaller than can be told is a bound: the power of ten above it, never 0."""

from __future__ import annotations

import math

LEAST = 1e-300
"""Smaller ones are near the end of what a float64 holds."""


def bound_above(p: float) -> float:
    """The least power of ten that p is below; at least 1e-300, at most 1."""
    if p <= LEAST:
        return LEAST
    found = float(f"1e{math.floor(math.log10(p))}")
    return min(1.0, found if found > p else float(f"1e{math.floor(math.log10(p)) + 1}"))
