"""One test for each group, p corrected for their number."""

from __future__ import annotations

from collections.abc import Callable

from adapters.data.base import Table
from adapters.records import JsonValue
from tools import stats
from tools.errors import ToolError
from tools.groups import Groups

MAX_VALUES = 50


def each_value(table: Table, by: Groups, run: Callable[[Table], dict[str, JsonValue]]) -> dict[str, JsonValue]:
    """What `run` finds in the rows of each group of `by`, as `results`; where it cannot, the reason as `error`.

    Results with a p get `p_adjusted`, by Holm's steps over them, and beside it how (`p_adjusted_method`).

    Raises
    ------
    ToolError
        If nothing was found for any value.
    """
    results: list[dict[str, JsonValue]] = []
    for label in table.each_group(by.column_in(table), MAX_VALUES):
        shown = by.shown(label)
        try:
            results.append(shown | run(table))
        except ToolError as error:
            results.append(shown | {"error": str(error)})
    if all("error" in result for result in results):
        why = results[0]["error"] if results else "no rows"
        raise ToolError(f"nothing for any value of {', '.join(map(repr, by.names))}: {why}")
    tested = [result for result in results if "p" in result]
    for result, p in zip(tested, stats.correct([float(str(result["p"])) for result in tested]), strict=True):
        result |= {"p_adjusted": p, "p_adjusted_method": stats.correction_words("holm", len(tested))}
    return {"by": by.said, "results": list(results), **({"correction": "holm"} if tested else {})}
