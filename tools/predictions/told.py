"""What is told of a result of predict without Claude."""

from __future__ import annotations

from dataclasses import asdict

from adapters.count_words import counted
from tools.ml.prediction_summary import ClassesPredicted
from tools.predictions.result import Predicted, Threshold
from tools.results import MadeCall
from tools.telling import as_table, number, warned


def _told_of_one(result: Predicted) -> str:
    """What is predicted of a single row."""
    row = result.preview[0]
    said, low, high = (row.get(name) for name in ("prediction", "prediction_low", "prediction_high"))
    shown = number(said) if isinstance(said, float) else said
    if isinstance(low, float) and isinstance(high, float):
        shown = f"{shown}; 90 of 100 such lie between {number(low)} and {number(high)}"
    elif isinstance(row.get("probability"), float):
        shown = f"{shown}, with a probability of {number(float(str(row['probability'])))} by its own account"
    return f"{result.target} by {result.model}: {shown}."


def _told_of_few(result: Predicted) -> str:
    """Whether single values are such as training saw, where nobody can tell how the rows are spread."""
    odd = [one.feature for one in result.odd if one.unseen or one.outside_range]
    rows = (
        "One row is too few to tell whether it comes"
        if result.n == 1
        else (f"{result.n} rows are too few to tell whether they come")
    )
    seen = f"values that training did not see: {', '.join(odd)}" if odd else "no value is outside what training saw"
    return f"{rows} as the training rows did; {seen}."


def cut_told(cut: Threshold) -> str:
    """What a threshold does, as the end of a sentence."""
    kept = ", as is kept with the model" if cut.kept else ""
    return f"{cut.event} from a probability of {number(cut.threshold)} on{kept}"


def told(call: MadeCall[Predicted]) -> str:
    """The predictions in short, the first of them, and where all are."""
    result, summary, scored = call.result, call.result.summary, call.result.scored
    if isinstance(summary, ClassesPredicted):
        told = ", ".join(f"{label} {count}" for label, count in summary.counts.items())
    else:
        told = ", ".join(f"{name} {number(value)}" for name, value in asdict(summary).items())
    table = as_table(list(result.preview[0]), [list(row.values()) for row in result.preview]) if result.preview else ""
    head = f"{counted(result.n, 'prediction')} of {result.target} by {result.model}: {told}."
    if result.n == 1 and result.preview:
        head = _told_of_one(result)
    if result.threshold is not None:
        head += f" It says {cut_told(result.threshold)}."
    rows = [[name, value, scored.on_test_rows.get(name)] for name, value in scored.metrics.items()] if scored else []
    known = (
        [as_table([f"on {counted(scored.n, 'row')} with a true value", "here", "on its test rows"], rows)]
        if scored
        else []
    )
    has_bounds = result.n > 1 and any("prediction_low" in row for row in result.preview)
    bounds = " 90 of 100 true values lie between prediction_low and prediction_high if rows come as the test rows did."
    end = f"All of them, with every column of the table, are in {result.artifact}.{bounds if has_bounds else ''}"
    few = [_told_of_few(result)] if result.drift_unknown else []
    return "\n\n".join([head, table, *known, *few, *warned(result.warnings), end])
