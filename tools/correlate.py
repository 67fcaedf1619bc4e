"""correlate: how columns go together."""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.records import Column, Dataset, JsonValue
from tools import stats
from tools.columns import find_column, find_numeric, numeric_columns
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    import pandas as pd


class Correlate(Arguments):
    """Two columns, or a set of columns, or one against all others."""

    dataset: str = Field(description="Name of a loaded dataset.")
    x: str | None = Field(default=None, description="First column of a pair; with y.")
    y: str | None = Field(default=None, description="Second column of a pair; with x.")
    columns: list[str] | None = Field(
        default=None,
        description="Columns of which every pair is taken; all columns with numbers by default.",
        min_length=2,
    )
    target: str | None = Field(default=None, description="One column, taken with every other column of numbers.")
    method: Literal["pearson", "spearman"] = Field(
        default="pearson", description="pearson: linear; spearman: monotone, by ranks, robust against outliers."
    )
    by: str | None = Field(default=None, description="Column whose values make the groups.")
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )


@tool(effect="read")
def correlate(arguments: Correlate, context: ToolContext) -> ToolOutput:
    """Correlate columns of numbers: r with two-sided p-value, n and 95 % interval for each pair.

    Each pair uses the rows where both values are present (its own n). Give x and y, or columns, or target; nothing
    means every pair of number columns. r is null when a column is constant or n < 3. p-values are not corrected for
    the number of pairs: say so when many are read. Correlation is not causation. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    pairs = _pairs(arguments, dataset)
    by = None if arguments.by is None else find_column(dataset, arguments.by)
    names = list(dict.fromkeys([name for pair in pairs for name in pair] + ([] if by is None else [by.name])))
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        frame = table.frame(names)
    lines = [line for x, y in pairs for line in _lines(frame, x, y, by, arguments.method)]
    return ToolOutput({"method": arguments.method, "pairs": lines})


def _pairs(arguments: Correlate, dataset: Dataset) -> list[tuple[str, str]]:
    x, y, columns, target = arguments.x, arguments.y, arguments.columns, arguments.target
    if (x is None) != (y is None):
        raise ToolError("x and y go together: give both, or columns, or target")
    if sum(choice is not None for choice in (x, columns, target)) > 1:
        raise ToolError("give one of: x and y, columns, target")
    if x is not None and y is not None:
        return [(find_numeric(dataset, x).name, find_numeric(dataset, y).name)]
    if target is not None:
        name = find_numeric(dataset, target).name
        return [(name, other.name) for other in numeric_columns(dataset) if other.name != name]
    chosen = numeric_columns(dataset) if columns is None else [find_numeric(dataset, name) for name in columns]
    if len(chosen) < 2:
        raise ToolError(f"{dataset.name!r} has {len(chosen)} columns with numbers; a correlation needs two")
    return list(combinations(dict.fromkeys(column.name for column in chosen), 2))


def _lines(
    frame: pd.DataFrame, x: str, y: str, by: Column | None, method: Literal["pearson", "spearman"]
) -> list[JsonValue]:
    if by is None:
        return [{"x": x, "y": y, **_correlation(frame, x, y, method)}]
    lines: list[JsonValue] = []
    for name, part in frame.groupby(by.name, sort=True, dropna=False):
        group = None if is_missing(name) else str(name)
        lines.append({"x": x, "y": y, "group": group, **_correlation(part, x, y, method)})
    return lines


def is_missing(group: object) -> bool:
    """True for NaN and NaT: the only values that differ from themselves."""
    return group is None or group != group


def _correlation(frame: pd.DataFrame, x: str, y: str, method: Literal["pearson", "spearman"]) -> dict[str, JsonValue]:
    first, second = (frame[name].to_numpy(dtype="float64", na_value=float("nan")) for name in (x, y))
    return asdict(stats.correlate_pair(first, second, method))
