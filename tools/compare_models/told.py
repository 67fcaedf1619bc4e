"""What is told of a result of compare_models without Claude."""

from __future__ import annotations

from tools.compare_models.result import ComparedModels
from tools.results import MadeCall
from tools.telling import as_table, number, p_shown, said_cut, warned


def told(call: MadeCall[ComparedModels]) -> str:
    """The sentence, the scores, and the differences with their intervals."""
    result = call.result
    measures = list(dict.fromkeys(name for one in result.models for name in one.metrics))
    scores = [[one.model, *(one.metrics.get(name) for name in measures)] for one in result.models]
    lines = [
        [
            one.measure,
            f"{one.first} - {one.second}",
            one.difference,
            f"{number(one.ci_low)} to {number(one.ci_high)}",
            p_shown(one.p if one.p_adjusted is None else one.p_adjusted, one.p_is_bound or one.p_adjusted_is_bound),
        ]
        for one in result.differences
    ]
    interval = f"{result.confidence:.0%} interval"
    tables = [
        as_table(["model", *measures], scores),
        as_table(["", "difference", "", interval, "p" if result.adjustment is None else "p, corrected"], lines),
    ]
    return "\n\n".join([result.interpretation, *tables, *said_cut(result), *warned(result.warnings)])
