"""What a cluster did of a training, in words."""

from __future__ import annotations

from adapters.count_words import counted
from tools.ml.metadata import ClusterUse, SpreadPart

PARTS: dict[SpreadPart, str] = {
    "folds": "its folds",
    "penalty": "the folds that its penalty was chosen by",
    "trees": "its trees",
}


def cluster_told(use: ClusterUse | None) -> str:
    """A sentence behind others; nothing where no cluster had a part in it."""
    if use is None:
        return ""
    parts = " and ".join(PARTS[part] for part in use.parts)
    return f" The cluster {use.address} ({counted(use.n_workers, 'worker')}) did {parts}."
