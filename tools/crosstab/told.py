"""What is told of a result of crosstab without Claude."""

from __future__ import annotations

from tools.crosstab.result import Counted
from tools.telling import Outcome, as_table, warned


def told(outcome: Outcome[Counted]) -> str:
    """The sentence, and the table of counts."""
    result = outcome.result
    table = as_table(["", *result.columns], [[line.row, *line.counts] for line in result.table])
    return "\n\n".join([result.interpretation, table, *warned(result.warnings)])
