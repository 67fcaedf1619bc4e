"""What is told of a result of predict without Claude."""

from __future__ import annotations

from dataclasses import asdict

from tools.ml.prediction_summary import ClassesPredicted
from tools.predict.result import Predicted
from tools.results import MadeCall
from tools.telling import as_table, number, warned


def told(call: MadeCall[Predicted]) -> str:
    """The predictions in short, the first of them, and where all are."""
    result, summary, scored = call.result, call.result.summary, call.result.scored
    if isinstance(summary, ClassesPredicted):
        told = ", ".join(f"{label} {count}" for label, count in summary.counts.items())
    else:
        told = ", ".join(f"{name} {number(value)}" for name, value in asdict(summary).items())
    table = as_table(list(result.preview[0]), [list(row.values()) for row in result.preview]) if result.preview else ""
    head = f"{result.n} predictions of {result.target} by {result.model}: {told}."
    rows = [[name, value, scored.on_test_rows.get(name)] for name, value in scored.metrics.items()] if scored else []
    known = [as_table([f"on {scored.n} rows with a true value", "here", "on its test rows"], rows)] if scored else []
    return "\n\n".join([head, table, *known, *warned(result.warnings), f"All of them are in {result.artifact}."])
