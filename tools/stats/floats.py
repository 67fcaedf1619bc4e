"""What every file here speaks of: arrays of float64, and the level of every interval."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95
"""Of every interval: two-sided, 95 %."""


def whole_rows(columns: Sequence[Floats]) -> list[Floats]:
    """The columns, each of shape (n,), in the rows where none of them is NaN."""
    is_whole = reduce(np.logical_and, (~np.isnan(column) for column in columns))
    return [column[is_whole] for column in columns]
