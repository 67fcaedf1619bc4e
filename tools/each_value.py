"""One test for each value of a column, p corrected for their number."""

from __future__ import annotations

from collections.abc import Callable

from adapters.data.base import Table
from adapters.records import Column, JsonValue
from tools import stats
from tools.errors import ToolError

MAX_VALUES = 50
MAX_LABEL = 64


def each_value(table: Table, by: Column, run: Callable[[Table], dict[str, JsonValue]]) -> dict[str, JsonValue]:
    """What `run` finds in the rows of each value of `by`, as `results`; where it cannot, the reason as `error`.

    Results with a p get `p_adjusted`, by Holm's steps over them.

    Raises
    ------
    ToolError
        If nothing was found for any value.
    """
    results: list[dict[str, JsonValue]] = []
    for label in table.each_group(by.name, MAX_VALUES):
        shown: dict[str, JsonValue] = {"group": None if label is None else label[:MAX_LABEL]}
        try:
            results.append(shown | run(table))
        except ToolError as error:
            results.append(shown | {"error": str(error)})
    if all("error" in result for result in results):
        raise ToolError(f"nothing for any value of {by.name!r}: {results[0]['error'] if results else 'no rows'}")
    tested = [result for result in results if "p" in result]
    for result, p in zip(tested, stats.correct([float(str(result["p"])) for result in tested]), strict=True):
        result["p_adjusted"] = p
    return {"by": by.name, "results": list(results), **({"correction": "holm"} if tested else {})}
