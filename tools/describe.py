"""describe: summaries of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from pydantic import Field

from adapters.data.base import Table, quote_identifier
from adapters.records import Column, JsonValue
from tools import stats
from tools.columns import NUMERIC, TIMES, find_column
from tools.context import ToolContext
from tools.results import ToolOutput
from tools.spec import Arguments, tool

MAX_DISTINCT_FOR_MODE = 100_000


class Describe(Arguments):
    """Which columns of which dataset, and for which groups."""

    dataset: str = Field(description="Name of a loaded dataset.")
    columns: list[str] | None = Field(default=None, description="Columns to describe; all by default.", min_length=1)
    by: str | None = Field(default=None, description="Column whose values make the groups, such as 'species'.")
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )
    ddof: int = Field(default=1, ge=0, le=1, description="sd divides by n - ddof: 1 for a sample, 0 for a population.")


@tool(effect="read")
def describe(arguments: Describe, context: ToolContext) -> ToolOutput:
    """Describe columns: n, missing, mean, sd, min, quartiles, max, mode, skewness and kurtosis for numbers; the most
    frequent values with counts for text and booleans; first, middle and last for dates.

    Use `by` for one line a group and `where` for a part of the rows. Quartiles are interpolated linearly (R's type 7).
    `skewness` and `kurtosis` (excess) are the sample-adjusted G1 and G2, `…_biased` the population's. `mode` is the
    smallest of the most frequent values. A null means: not defined for these values. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    names = arguments.columns
    columns = list(dataset.columns) if names is None else [find_column(dataset, name) for name in names]
    by = None if arguments.by is None else find_column(dataset, arguments.by)
    columns = [column for column in columns if column != by]
    with context.data.open(dataset.name, arguments.where, context.watch) as table:
        n_rows = table.fetch("SELECT count(*) FROM data")[0][0]
        summaries = [summary for column in columns for summary in _summaries(table, column, by, arguments.ddof)]
    assert isinstance(n_rows, int)  # noqa: S101 - count(*)
    return ToolOutput({"rows": n_rows, "columns": summaries})


def _summaries(table: Table, column: Column, by: Column | None, ddof: int) -> list[JsonValue]:
    name = quote_identifier(column.name)
    group = None if by is None else quote_identifier(by.name)
    found: Sequence[stats.NumberSummary | stats.CategorySummary | stats.TimeSummary]
    if column.type in NUMERIC:
        with_mode = column.distinct <= MAX_DISTINCT_FOR_MODE
        found = stats.summarize_numbers(table.fetch, name, group, ddof, with_mode)
    elif column.type in TIMES:
        found = stats.summarize_times(table.fetch, name, group)
    else:
        found = stats.summarize_categories(table.fetch, name, group)
    return [_line(column, by, asdict(summary)) for summary in found]


def _line(column: Column, by: Column | None, values: dict[str, JsonValue]) -> JsonValue:
    group = values.pop("group")
    if "top" in values:
        top = values["top"]
        assert isinstance(top, tuple)  # noqa: S101 - CategorySummary.top
        values["top"] = [{"value": value[:64], "count": count} for value, count in top]
    return {"column": column.name, **({} if by is None else {"group": group}), **values}
