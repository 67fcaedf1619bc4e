"""Many p-values read together: corrected so that chance finds no more than it should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from scipy import stats

Correction = Literal["holm", "bonferroni", "benjamini_hochberg"]


def correct(p_values: Sequence[float], method: Correction = "holm") -> list[float]:
    """Corrected p-values, in the order given.

    Holm and Bonferroni bound the chance of any false finding, Benjamini and Hochberg the share of false ones among the
    findings.

    References
    ----------
    Holm (1979). Scandinavian Journal of Statistics 6(2), 65-70. Benjamini, Hochberg (1995). Journal of the Royal
    Statistical Society B 57(1), 289-300.
    """
    p = np.asarray(p_values, dtype=np.float64)
    m = len(p)
    if method == "bonferroni":
        return [float(value) for value in np.minimum(1.0, m * p)]
    if method == "benjamini_hochberg":
        return [float(value) for value in stats.false_discovery_control(p)]
    order = np.argsort(p)
    corrected = np.empty(m)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(np.arange(m, 0, -1) * p[order]))
    return [float(value) for value in corrected]


def correction_words(method: Correction, n: int) -> str:
    """How p-values were corrected, and over how many: `Holm over 3`."""
    name = {"holm": "Holm", "bonferroni": "Bonferroni", "benjamini_hochberg": "Benjamini-Hochberg"}[method]
    return f"{name} over {n}"
