"""What is told of a result of explain_model without Claude."""

from __future__ import annotations

from tools.explain_model.result import Explained
from tools.results import MadeCall
from tools.telling import as_table, number, said_cut, warned


def told(call: MadeCall[Explained]) -> str:
    """The numbers of the picture, and how they came."""
    found = call.result
    of = {"partial_dependence": found.feature, "prediction": _row_of(call)}.get(found.kind)
    head = f"{found.kind.replace('_', ' ')}{f' of {of}' if of else ''}, {found.model}, n = {found.n}: {found.method}."
    return "\n\n".join([head, *_numbers(found), *said_cut(found), *warned(found.warnings)])


def _row_of(call: MadeCall[Explained]) -> str:
    """Which row it is of: rows of a table count from 0."""
    row = call.arguments.get("row")
    return "one row" if row is None else f"row {row} (the first is row 0)"


def _numbers(found: Explained) -> list[str]:
    if found.kind == "partial_dependence":
        return [as_table([str(found.feature), "mean prediction"], [[one.value, one.mean] for one in found.points])]
    if found.kind == "residuals":
        rank = "" if found.rank_correlation is None else f", Spearman's r {number(found.rank_correlation)} of size"
        return [f"mean {number(found.mean_residual or 0.0)}, sd {number(found.sd_residual or 0.0)}{rank}"]
    if found.kind == "calibration":
        rows = [[one.n, one.said, one.share, f"{number(one.ci_low)} to {number(one.ci_high)}"] for one in found.bins]
        table = as_table(["rows", f"said of {found.event}", "share", "95 % interval"], rows)
        return [f"calibration error {found.calibration_error:.3f}, Brier score {found.brier:.3f}", table]
    if found.kind == "prediction":
        rows = [[one.feature, one.value, one.adds, one.se] for one in found.contributions]
        of = f" of {found.event}" if found.event else ""
        said = f"{number(found.said or 0.0)} here, {number(found.average or 0.0)} on average ({found.scale}{of})"
        return [said, as_table(["feature", "value", "adds", "± (se)"], rows)]
    if found.kind == "learning_curve":
        rows = [[one.n, one.trained, one.score, one.sd] for one in found.learning]
        table = as_table(["rows fitted to", f"{found.measure} on them", "on other rows", "± (sd of folds)"], rows)
        ends = f"{number(found.gain_low or 0.0)} to {number(found.gain_high or 0.0)}"
        return [f"The last step has brought {number(found.gain or 0.0)} (95 % interval {ends}).", table]
    rows = [
        [one.threshold, one.true_positives, one.false_positives, one.false_negatives, one.precision, one.recall]
        for one in found.on_test_rows
    ]
    youden = " (Youden's index: the share of events that is found less the share of others taken for one)"
    aim = youden if found.aim == "youden" else ""
    reached = f"{found.aim}{aim} {number(found.reached or 0.0)} there, {number(found.reached_at_half or 0.0)} at 0.5"
    head = ["on the test rows from", "found", "false alarms", "missed", "precision", "recall"]
    how = f"Say `keep {found.threshold:.4g} as the threshold of {found.model}` to have `predict` hold to it."
    kept = ["It is kept with the model: `predict` holds to it." if found.kept else how]
    return [f"{found.event} from a probability of {found.threshold:.4g} on: {reached}", as_table(head, rows), *kept]
