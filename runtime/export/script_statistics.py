"""The lines of an exported script for each statistical tool: the same numbers from pandas, SciPy and statsmodels."""

from __future__ import annotations

from runtime.export import script_helpers
from runtime.export.record import DoneCall
from runtime.export.script_writer import Writer


def find_outliers(writer: Writer, number: int, call: DoneCall) -> None:
    """find_outliers: the bounds and the rows outside; a dataset that was made of it lies beside the script."""
    method = call.result["method"]
    if method in ("mahalanobis", "isolation_forest"):
        writer.lines.append("# (outliers of several columns together: left out here)")
        return
    writer.need(script_helpers.outlier_bounds)
    given = call.arguments
    threshold, ddof, by = call.result["threshold"], given.get("ddof", 1), given.get("by")
    side = given.get("side", "both")
    columns = list(dict.fromkeys(str(line["column"]) for line in call.result["bounds"]))
    writer.lines += [
        f"frame = {writer.frame(call)}",
        "outside, bounds = pd.Series(False, index=frame.index), []",
        f"for column in {columns!r}:",
    ]
    if by is None:
        writer.lines.append("    for label, part in [({}, frame)]:")
    else:
        writer.lines.append(f"    for name, part in frame.groupby({by!r}):")
        writer.lines.append("        label = {'group': str(name)}")
    inside = "        "
    writer.lines += [
        f"{inside}low, high = outlier_bounds(part[column], {method!r}, {threshold!r}, {ddof}, {side!r})",
        f"{inside}beyond = (part[column] < low) | (part[column] > high)",
        f"{inside}outside[part.index] |= beyond",
        f"{inside}shown = {{'low': None if math.isinf(low) else low, 'high': None if math.isinf(high) else high}}",
        f"{inside}bounds.append({{'column': column, **label, **shown, 'count': int(beyond.sum())}})",
        f"show({number}, 'find_outliers', {{'bounds': bounds, 'count': int(outside.sum())}})",
    ]
