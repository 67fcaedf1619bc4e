"""How far a prediction of a number may be off: split conformal prediction by the test rows' errors."""

from __future__ import annotations

import math

import numpy as np

from tools.ml.validation import Vector

COVERAGE = 0.9


def conformal_margin(y_true: Vector, y_predicted: Vector) -> float | None:
    """The margin that holds the truth in at least 90 of 100 new rows, on average, if they come as the test rows did.

    The ceil((n + 1) * 0.9)-th smallest of the n errors on the test rows, which the model has not seen; None where
    there are fewer than nine.

    References
    ----------
    Lei, G'Sell, Rinaldo, Tibshirani, Wasserman (2018). Journal of the American Statistical Association 113(523),
    1094-1111, theorem 2.2.
    """
    n = len(y_true)
    place = math.ceil((n + 1) * COVERAGE)
    if place > n:
        return None
    return float(np.sort(np.abs(y_true - y_predicted))[place - 1])
