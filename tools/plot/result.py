"""What plot gives beside its picture."""

from __future__ import annotations

from typing import Literal

from tools.plots.fit import Fit
from tools.results import Result

Kind = Literal[
    "histogram",
    "density",
    "box",
    "violin",
    "qq",
    "scatter",
    "residuals",
    "line",
    "bar",
    "heatmap",
    "pair",
    "roc",
    "precision_recall",
    "confusion",
    "importance",
]


class Plotted(Result):
    """How many rows or values the picture holds, what was left out, binned or sampled, and the lines of a scatter."""

    kind: Kind
    n: int
    notes: tuple[str, ...]
    note_codes: tuple[str, ...] = ()
    artifact: str
    lines: tuple[Fit, ...] = ()
