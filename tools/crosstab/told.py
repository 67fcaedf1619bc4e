"""What is told of a result of crosstab without Claude."""

from __future__ import annotations

from tools.crosstab.result import Counted
from tools.results import MadeCall
from tools.telling import as_table, warned


def told(call: MadeCall[Counted]) -> str:
    """The sentence, and the table of counts."""
    result = call.result
    table = as_table(["", *result.columns], [[line.row, *line.counts] for line in result.table])
    return "\n\n".join([result.interpretation, table, *warned(result.warnings)])
