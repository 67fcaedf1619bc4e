"""What is told of a result of describe without Claude."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.telling import Outcome, as_table, listed, said_cut

DETAILS = (
    *("sum", "variance", "se", "ci_low", "ci_high", "range", "iqr", "mad", "cv", "skewness", "kurtosis"),
    *("mode", "n_modes", "geometric_mean", "harmonic_mean"),
)


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result, by = outcome.result, outcome.arguments.get("by")
    lines = listed(result, "columns")
    # One column alone is named once, above its table: on a narrow screen the numbers need the room.
    names_once = sorted({str(line["column"]) for line in lines})
    what = names_once[0] if len(names_once) == 1 else "columns"
    over = f"{what} over {result['rows']} rows of {outcome.arguments['dataset']}"
    groups = " and ".join(map(str, by)) if isinstance(by, list) else by
    parts = [f"{over}, by {groups}:" if by else f"{over}:"]
    first = [*([] if len(names_once) == 1 else ["column"]), *(["group"] if by else [])]
    kinds: tuple[tuple[str, list[str]], ...] = (
        ("mean", ["n", "missing", "mean", "sd", "min", "q1", "median", "q3", "max"]),
        ("top", ["n", "missing", "distinct"]),
        ("median", ["n", "missing", "distinct", "min", "median", "max"]),
    )
    told: list[int] = []
    for mark, names in kinds:
        chosen = [index for index, line in enumerate(lines) if mark in line and index not in told]
        told += chosen
        head = [*first, *names]
        rows = [[lines[index].get(name) for name in head] for index in chosen]
        if mark == "top":
            head = [*head, "most frequent"]
            rows = [[*row, _top(lines[index]["top"])] for row, index in zip(rows, chosen, strict=True)]
        if rows:
            parts.append(as_table(head, rows))
    if outcome.arguments.get("detail"):
        there = [name for name in DETAILS if any(name in line for line in lines)]
        parts += [as_table([*first, *there], [[line.get(name) for name in [*first, *there]] for line in lines])] * bool(
            there
        )
    return "\n\n".join([*parts, *said_cut(result)])


def _top(top: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{entry['value']} ({entry['count']})" for entry in top[:3])
