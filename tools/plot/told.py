"""What is told of a result of plot without Claude."""

from __future__ import annotations

from tools.plot.result import Plotted
from tools.results import MadeCall

OF_MODEL = {
    "roc": "The ROC curve",
    "precision_recall": "Precision and recall",
    "confusion": "The confusion matrix",
    "importance": "The importance of the columns",
}


def told(call: MadeCall[Plotted]) -> str:
    """What is drawn, of how many rows, and what was left out."""
    drawn, arguments = call.result, call.arguments
    names = [str(arguments[name]) for name in ("y", "x", "color") if name in arguments]
    if "model" in arguments:
        return "; ".join([f"{OF_MODEL[drawn.kind]} of {arguments['model']}: n = {drawn.n}", *drawn.notes]) + "."
    what = " and ".join(names) or "the correlations"
    return "; ".join([f"A {drawn.kind} of {what}: n = {drawn.n}", *drawn.notes]) + "."
