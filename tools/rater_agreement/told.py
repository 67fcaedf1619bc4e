"""What is told of a result of rater_agreement without Claude."""

from __future__ import annotations

from tools.rater_agreement.result import Agreement
from tools.results import MadeCall
from tools.telling import as_table, warned


def told(call: MadeCall[Agreement]) -> str:
    """The sentence, and the table of both raters."""
    result = call.result
    rows = [[level, *line] for level, line in zip(result.levels, result.table, strict=False)]
    head = [f"{result.first} \\ {result.second}", *result.levels]
    return "\n\n".join([result.interpretation, as_table(head, rows), *warned(result.warnings)])
