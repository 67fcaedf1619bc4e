"""Values so large or small that their squares are no numbers: brought near 1 by a power of two, which loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.stats.floats import Floats
from tools.stats.powers_of_two import SAFE

Long = NDArray[np.floating[Any]]


def exponent_of(*arrays: Floats) -> int:
    """The power of two to divide by before anything is squared; 0 where squares are safe as they are.

    Parameters
    ----------
    arrays : arrays of any shape
        What has one unit; NaN is passed over.
    """
    finite = [array[np.isfinite(array)] for array in arrays]
    return exponent_of_largest(max((largest(array) for array in finite if array.size), default=0.0))


def largest(values: Long) -> float:
    """The largest absolute value of a filled array without missing values."""
    return float(max(values.max(), -values.min()))


def exponent_of_largest(value: float) -> int:
    """The power of two for values up to this one."""
    exponent = int(np.frexp(value)[1])
    return exponent if abs(exponent) > SAFE else 0


def divide_columns(x: Long, exponents: Sequence[int]) -> Long:
    """Each column of an array of shape (n, k) over 2 to its power."""
    found: Long = np.ldexp(x, -np.array(exponents, dtype=np.int32))
    return found


def are_finite(values: Floats) -> bool:
    """Whether no value is infinite or missing."""
    return bool(np.isfinite(values).all())


def as_floats(value: float) -> Floats:
    """A number as an array of one."""
    return np.array([value])


def divided(values: Floats, exponent: int) -> Floats:
    """The values over 2 to that power; they themselves where it is 0."""
    found: Floats = np.ldexp(values, -exponent) if exponent else values
    return found
