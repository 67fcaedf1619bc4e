"""Values far from 0 with decimals: their distances as they were written, which float64 alone has rounded away."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tools.stats.floats import Floats, pieces

FAR = 100.0
"""From so many times their range away from 0 on, values are looked at."""
ROUNDING = 2 * 2.0**-52
"""0.1 + 0.2 and 0.3 are one value."""
MOST_DECIMALS = 9
"""So many are looked at: after the point, or, of values all below 1 or beyond 10^15, after their first digit."""
MOST_PLACES = 290
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
    if not are_far([values]) or not max(-values.min(), values.max()) < MOST_DIGITS:
        return None
    unit = _unit_of([values])
    return None if unit == 1 else unit


def equal_as_written(differences: Floats, *values: Floats) -> Floats:
    """Differences of values, or from a median of them, of which those are equal that are equal in decimals.

    39.1 - 18.7 and 20.5 - 0.1 are both 20.4 on paper, and two numbers in float64: ranks would tell them apart.

    Parameters
    ----------
    differences : array of shape (m,)
        A median may lie halfway between two values.
    values : arrays
        What they are differences of; where these are no decimals, nothing changes.
    """
    unit = _unit_of(values)
    if unit is None:
        return differences
    equal: Floats = differences * (2 * unit)
    np.rint(equal, out=equal)
    equal /= 2 * unit
    return equal


def _unit_of(arrays: Sequence[Floats]) -> float | None:
    """10 to the number of decimals that all values were written with; None where they are no decimals."""
    farthest = max((max(-float(values.min()), float(values.max())) for values in arrays if len(values)), default=0.0)
    first = _first_decimals(farthest)
    units = (float(f"1e{decimals}") for decimals in range(first, first + MOST_DECIMALS + 1))
    fitting = (unit for unit in units if farthest * unit < MOST_DIGITS)
    return next((unit for unit in fitting if all(is_written_in(values, unit) for values in arrays)), None)


def _first_decimals(farthest: float) -> int:
    """From how many decimals on to look: 3.2e-12 has 13, and 3.2e24 has -23."""
    if farthest == 0 or not math.isfinite(farthest):
        return 0
    digits = math.floor(math.log10(farthest)) + 1
    return min(MOST_PLACES, max(0, -digits)) if digits <= 15 else 15 - digits - MOST_DECIMALS


def is_written_in(values: Floats, unit: float) -> bool:
    """Whether each value times the unit is a whole number but for one rounding; missing ones pass."""
    # Powers of ten are themselves rounded below 1 and beyond 10^22.
    slack = 2.0**-52 if 1 <= unit <= 1e22 else 2.0**-51
    for piece in pieces(values):
        scaled = piece * unit
        if (np.abs(scaled - np.rint(scaled)) > np.abs(scaled) * slack).any():
            return False
    return True


def distances(values: Floats, origin: float, unit: float | None) -> Floats:
    """values - origin, exact in decimals of that unit, in which `origin` must be written too."""
    if unit is None:
        return values - origin
    found: Floats = (np.rint(values * unit) - np.rint(origin * unit)) / unit
    return found


def as_one(values: Floats) -> Floats:
    """The middle value in place of each, where all are the same but for their last two bits; else the values."""
    if len(values) < 2 or not np.ptp(values) <= ROUNDING * np.abs(values).max():
        return values
    return np.full(len(values), np.sort(values)[len(values) // 2])


def find_origin(values: Floats) -> float:
    """A value to measure the others from: the first one where all lie far from 0 for their range, else 0."""
    return float(values[0]) if are_far([values]) else 0.0


def are_far(groups: Sequence[Floats]) -> bool:
    """Whether all values of all groups lie far from 0 for their range; without a copy of any."""
    ends = [(float(group.min()), float(group.max())) for group in groups if len(group)]
    if not ends:
        return False
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return FAR * (high - low) < max(-low, high)
