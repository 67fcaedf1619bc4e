"""One result after the other, for each value of `by`, in an exported script."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tools.each_value import EachValue, Failed, OfGroup
from tools.results import MadeCall
from tools.scripting import Script
from tools.scripts.as_words import as_words

R = TypeVar("R", bound=OfGroup)


def show_each(
    writer: Script, number: int, name: str, call: MadeCall[R | EachValue[R]], compute: Callable[[R], str]
) -> None:
    """Show what `compute` writes for the rows in `frame`: all, or those of one value of `by` after the other."""
    found = call.result
    writer.lines.append(f"frame = {writer.rows(call.arguments)}")
    if not isinstance(found, EachValue):
        writer.lines.append(f"show({number}, {name!r}, {compute(found)})")
        return
    writer.need(as_words)
    columns = [found.by] if isinstance(found.by, str) else list(found.by)
    groups = [result.group_values or (result.group,) for result in found.results]
    labels = [[group[at] for group in groups if group[at] is not None] for at in range(len(columns))]
    words = ", ".join(f"as_words(frame[{column!r}], {known!r})" for column, known in zip(columns, labels, strict=True))
    writer.lines.append(f"words, whole, results = [{words}], frame, []")
    for result, group in zip(found.results, groups, strict=True):
        chosen = [
            f"whole[{column!r}].isna()"
            if value is None
            else f"(words[{at}] == {value!r}).reindex(whole.index, fill_value=False)"
            for at, (column, value) in enumerate(zip(columns, group, strict=True))
        ]
        writer.lines.append(f"frame = whole.loc[{' & '.join(chosen)}]")
        computed = "{}" if isinstance(result, Failed) else compute(result)
        shown = {"group": result.group} | ({"group_values": list(group)} if result.group_values else {})
        writer.lines.append(f"results.append({{**{shown!r}, **{computed}}})")
    writer.lines.append(f"show({number}, {name!r}, {{'results': results}})")
