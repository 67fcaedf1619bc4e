"""What is told of a result of crosstab without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, as_table, listed, warned


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    rows = [[line["row"], *line["counts"]] for line in listed(result, "table")]
    table = as_table(["", *listed(result, "columns")], rows)
    return "\n\n".join([result["interpretation"], table, *warned(listed(result, "warnings"))])
