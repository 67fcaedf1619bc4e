"""The difference of two shares of the same rows: how often each of two raters, tests or models is right."""

from __future__ import annotations

import math

from scipy import stats
from scipy.optimize import brentq

ROOM = 1e-12


def paired_share_interval(gained: int, lost: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Tango's score interval of (gained - lost) / n.

    Parameters
    ----------
    gained, lost : int
        Rows where only the first, and only the second, of the two is right.
    n : int
        All rows, those where both are right or both wrong among them.
    confidence : float
        In (0, 1).

    Raises
    ------
    ValueError
        If there is no row.

    References
    ----------
    Tango (1998). Statistics in Medicine 17, 891-908. Fagerland, Lydersen, Laake (2014). Statistics in Medicine 33(16),
    2850-2875, who recommend it.
    """
    if n < 1:
        raise ValueError("there is no row to compare on")
    z, found = float(stats.norm.ppf((1 + confidence) / 2)), (gained - lost) / n

    def beyond(difference: float) -> float:
        """How far the score statistic for this difference is from the normal's bound; 0 at an end."""
        return abs(_score(gained, lost, n, difference)) - z

    low = -1.0 if found <= -1 + ROOM else float(brentq(beyond, -1 + ROOM, found, xtol=1e-14))
    high = 1.0 if found >= 1 - ROOM else float(brentq(beyond, found, 1 - ROOM, xtol=1e-14))
    return low, high


def _score(gained: int, lost: int, n: int, difference: float) -> float:
    """Tango's statistic, whose variance is estimated under the difference."""
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    share_lost = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * share_lost + difference * (1 - difference))
    distance = gained - lost - n * difference
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)
