"""What is told of a result of plot without Claude."""

from __future__ import annotations

from tools.plot.result import Plotted
from tools.results import MadeCall


def told(call: MadeCall[Plotted]) -> str:
    """What is drawn, of how many rows, and what was left out."""
    drawn, arguments = call.result, call.arguments
    names = [str(arguments[name]) for name in ("y", "x", "color") if name in arguments]
    what = " and ".join(names) or "the correlations"
    return "; ".join([f"A {drawn.kind} of {what}: n = {drawn.n}", *drawn.notes]) + "."
