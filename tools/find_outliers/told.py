"""What is told of a result of find_outliers without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, as_table, listed, warned


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    is_grouped = any("group" in line for line in listed(result, "bounds"))
    bounds = [
        [*([line.get("group")] if is_grouped else []), line["column"], line["low"], line["high"], line["count"]]
        for line in listed(result, "bounds")
    ]
    head = [*(["group"] if is_grouped else []), "column", "low", "high", "outside"]
    made = (
        [f"Made **{result['dataset']}**; {outcome.arguments['dataset']} stays as it is."] if "dataset" in result else []
    )
    table = [as_table(head, bounds)] if bounds else []
    return "\n\n".join([result["interpretation"], *made, *table, *warned(listed(result, "warnings"))])
