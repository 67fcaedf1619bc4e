"""A number times a power of two: what the scaling of columns needs where NumPy is not loaded."""

from __future__ import annotations

import math

SAFE = 200
"""Fourth powers of values between 2^-200 and 2^200, and sums of as many as there are, are numbers of float64."""


def times(value: float | None, exponent: int) -> float | None:
    """The value times 2 to that power; None where that is beyond what float64 holds."""
    if value is None or not exponent or not math.isfinite(value):
        return value
    try:
        found = math.ldexp(value, exponent)
    except OverflowError:
        return None
    return found if found or not value else None
