"""What is told of a result of rater_agreement without Claude."""

from __future__ import annotations

from tools.telling import Outcome, as_table, listed, warned


def told(outcome: Outcome) -> str:
    """The sentence, and the table of both raters."""
    result = outcome.result
    levels = listed(result, "levels")
    rows = [[level, *line] for level, line in zip(levels, listed(result, "table"), strict=False)]
    head = [f"{result['first']} \\ {result['second']}", *levels]
    return "\n\n".join([result["interpretation"], as_table(head, rows), *warned(result)])
