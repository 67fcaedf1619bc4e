"""A p that is smaller than can be told is a bound: the power of ten above it, never 0."""

from __future__ import annotations

import math

LEAST = 1e-300
"""Smaller ones are near the end of what a float64 holds."""


def bound_above(p: float) -> float:
    """The least power of ten that is not below p; at least 1e-300, at most 1."""
    if p <= LEAST:
        return LEAST
    place = math.floor(math.log10(p))
    return min(1.0, next(bound for bound in (float(f"1e{place + step}") for step in range(3)) if bound >= p))
