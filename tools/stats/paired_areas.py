"""The difference of the areas under two ROC curves of the same rows."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from tools.stats.floats import Floats


def paired_area_difference(is_event: NDArray[np.bool_], first: Floats, second: Floats) -> tuple[float, float]:
    """The first area minus the second, and its standard error.

    Parameters
    ----------
    is_event : array of shape (n,)
        At least two events and two others.
    first, second : array of shape (n,)
        Scores of the same rows, larger where the event is likelier.

    References
    ----------
    DeLong, DeLong, Clarke-Pearson (1988). Biometrics 44(3), 837-845; by ranks: Sun, Xu (2014). IEEE Signal Processing
    Letters 21(11), 1389-1393.
    """
    parts = [_placements(is_event, scores) for scores in (first, second)]
    of_events, of_others = (parts[0][side] - parts[1][side] for side in (0, 1))
    variance = np.var(of_events, ddof=1) / len(of_events) + np.var(of_others, ddof=1) / len(of_others)
    return float(np.mean(of_events)), math.sqrt(float(variance))


def _placements(is_event: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    """Of each event the share of others below it, of each other the share of events above it; ties count half."""
    events, others = scores[is_event], scores[~is_event]
    ranks = stats.rankdata(np.concatenate([events, others]))
    n_events, n_others = len(events), len(others)
    below = (ranks[:n_events] - stats.rankdata(events)) / n_others
    above = 1 - (ranks[n_events:] - stats.rankdata(others)) / n_events
    return below, above
