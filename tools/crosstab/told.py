"""What is told of a result of crosstab without Claude."""

from __future__ import annotations

from tools.telling import Outcome, as_table, listed, warned


def told(outcome: Outcome) -> str:
    """The sentences and tables."""
    result = outcome.result
    rows = [[line["row"], *line["counts"]] for line in listed(result, "table")]
    return "\n\n".join([result["interpretation"], as_table(["", *listed(result, "columns")], rows), *warned(result)])
