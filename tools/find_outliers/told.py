"""What is told of a result of find_outliers without Claude."""

from __future__ import annotations

from tools.find_outliers.result import Outliers
from tools.results import MadeCall
from tools.telling import as_table, warned


def told(call: MadeCall[Outliers]) -> str:
    """The sentence, what was made, and the bounds."""
    found = call.result
    is_grouped = any(line.group is not None for line in found.bounds)
    rows = [
        [*([line.group] if is_grouped else []), line.column, line.low, line.high, line.count] for line in found.bounds
    ]
    head = [*(["group"] if is_grouped else []), "column", "low", "high", "outside"]
    made = []
    if found.dataset is not None:
        made = [f"Made **{found.dataset}**; {call.arguments['dataset']} stays as it is."]
    return "\n\n".join(
        [found.interpretation, *made, *([as_table(head, rows)] if rows else []), *warned(found.warnings)]
    )
