"""What is told of a result of describe without Claude."""

from __future__ import annotations

from adapters.count_words import counted
from tools.describe.result import Description, NumberLine, TimeLine, WordLine
from tools.results import MadeCall
from tools.telling import as_table, said_cut

TABLES = {
    NumberLine: ["n", "missing", "mean", "sd", "min", "q1", "median", "q3", "max"],
    WordLine: ["n", "missing", "distinct"],
    TimeLine: ["n", "missing", "distinct", "min", "median", "max"],
}
DETAILS = (
    *("sum", "variance", "se", "ci_low", "ci_high", "range", "iqr", "mad", "cv", "skewness", "kurtosis"),
    *("mode", "n_modes", "geometric_mean", "harmonic_mean"),
)


def told(call: MadeCall[Description]) -> str:
    """A table for each kind of column, and one of details where they were asked for."""
    result, by = call.result, call.arguments.get("by")
    lines = result.columns
    # One column alone is named once, above its table: on a narrow screen the numbers need the room.
    names_once = sorted({line.column for line in lines})
    what = names_once[0] if len(names_once) == 1 else "columns"
    over = f"{what} over {counted(result.rows, 'row')} of {call.arguments['dataset']}"
    groups = " and ".join(map(str, by)) if isinstance(by, list) else by
    parts = [f"{over}, by {groups}:" if by else f"{over}:"]
    first = [*([] if len(names_once) == 1 else ["column"]), *(["group"] if by else [])]
    for kind, names in TABLES.items():
        head = [*first, *names]
        chosen = [line for line in lines if isinstance(line, kind)]
        rows = [[*(getattr(line, name) for name in head), *_top(line)] for line in chosen]
        if rows:
            parts.append(as_table([*head, "most frequent"] if kind is WordLine else head, rows))
    there = [name for name in DETAILS if any(name in line.model_fields_set for line in lines)]
    if call.arguments.get("detail") and there:
        names = [*first, *there]
        parts.append(as_table(names, [[getattr(line, name, None) for name in names] for line in lines]))
    return "\n\n".join([*parts, *said_cut(result)])


def _top(line: NumberLine | WordLine | TimeLine) -> list[str]:
    """The last cell of a line of words."""
    if not isinstance(line, WordLine):
        return []
    return [", ".join(f"{entry.value} ({entry.count})" for entry in line.top[:3])]
