"""What every file here speaks of: arrays of float64, and the level of every interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEVEL = 0.95
"""Of every interval: two-sided, 95 %."""
