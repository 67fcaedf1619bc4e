"""A fit with a cluster's help: joined before, left after, and done once more where a worker took data along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

from adapters.compute.cluster import ClusterLost, join
from adapters.count_words import counted
from tools import ml

Fit = Callable[[], ml.Metadata]
TRIES = 3
"""Each goes on from the folds and settings that its checkpoint holds."""


def fit_on_cluster(address: str, fit: Fit, report: ml.Report) -> ml.Metadata:
    """What `fit` finds with the cluster at that address; without one where there is none.

    Raises
    ------
    ClusterError
        If the cluster cannot be used; never is anything done without it in silence.
    """
    if not address:
        return fit()
    for _ in range(TRIES - 1):
        try:
            return _fit_joined(address, fit, report)
        except ClusterLost as error:
            report(f"once more: {error}", 0.02)
    return _fit_joined(address, fit, report)


def _fit_joined(address: str, fit: Fit, report: ml.Report) -> ml.Metadata:
    with join(address) as joined, ml.joined_to(*astuple(joined)):
        report(f"with the cluster {address}, {counted(joined.n_workers, 'worker')}", 0.02)
        return fit()
