"""Values far from 0 with decimals: their distances as they were written, which float64 alone has rounded away."""

from __future__ import annotations

import numpy as np

from tools.stats.floats import Floats

FAR = 100.0
"""From so many times their range away from 0 on, values are looked at."""
MOST_DECIMALS = 9
MOST_DIGITS = 1e15
"""A decimal number of up to 15 digits is told from its neighbours in float64, and comes back from it."""


def decimal_unit(values: Floats) -> float | None:
    """10 to the number of decimals that all values were written with; None where their distances are exact without it.

    1000000000000.4 is held as 1000000000000.4000244…: its distance from 1000000000000.2 has lost all but three
    digits. As whole numbers of tenths both are exact. A value passes for one with d decimals where it lies within one
    rounding of it, so that nothing changes by more than the file's own rounding.

    Parameters
    ----------
    values : array of shape (n,)
        Without missing values.
    """
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    farthest = max(abs(low), abs(high))
    if not FAR * (high - low) < farthest < MOST_DIGITS:
        return None
    for decimals in range(MOST_DECIMALS + 1):
        unit = 10.0**decimals
        if farthest * unit >= MOST_DIGITS:
            return None
        if is_written_in(values, unit):
            return unit if decimals else None
    return None


def is_written_in(values: Floats, unit: float) -> bool:
    """Whether each value times the unit is a whole number but for one rounding; missing ones pass."""
    scaled = values * unit
    return not bool((np.abs(scaled - np.rint(scaled)) > np.abs(scaled) * 2.0**-52).any())


def distances(values: Floats, origin: float, unit: float | None) -> Floats:
    """values - origin, exact in decimals of that unit, in which `origin` must be written too."""
    if unit is None:
        return values - origin
    found: Floats = (np.rint(values * unit) - np.rint(origin * unit)) / unit
    return found


def find_origin(values: Floats) -> float:
    """A value to measure the others from: the first one where all lie far from 0 for their range, else 0."""
    if not len(values) or not FAR * float(np.ptp(values)) < float(np.abs(values).max()):
        return 0.0
    return float(values[0])
