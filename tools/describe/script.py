"""describe in an exported script: pandas' moments, quartiles and counts of each column and group."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tools.describe.result import Description, NumberLine, TimeLine
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.described import describe_numbers
from tools.scripts.each_group import each_group


def script(writer: Script, number: int, call: MadeCall[Description]) -> None:
    """The lines that give the numbers again."""
    writer.need(describe_numbers, describe_words)
    ddof = call.arguments.get("ddof", 1)
    loop = each_group(call.arguments.get("by"), call.result.by)
    writer.lines += [f"frame = {writer.rows(call.arguments)}", "lines = []"]
    for line in {line.column: line for line in call.result.columns}.values():
        if isinstance(line, TimeLine):
            writer.lines.append(f"# {line.column!r} holds times: left out here")
            continue
        values = f"part[{line.column!r}]"
        is_number = isinstance(line, NumberLine)
        found = f"describe_numbers({values}, ddof={ddof})" if is_number else f"describe_words({values})"
        writer.lines += [*loop, f"    lines.append({{'column': {line.column!r}, **label, **{found}}})"]
    writer.lines.append(f"show({number}, 'describe', {{'rows': len(frame), 'columns': lines}})")


def describe_words(values: pd.Series) -> dict[str, Any]:
    """n, missing, distinct, and the ten most frequent values with their counts."""
    words = values.dropna().astype(str)
    counts = sorted(words.value_counts().items(), key=lambda item: (-item[1], item[0]))
    top = [{"value": str(value)[:64], "count": int(count)} for value, count in counts[:10]]
    return {"n": len(words), "missing": int(values.isna().sum()), "distinct": int(words.nunique()), "top": top}
