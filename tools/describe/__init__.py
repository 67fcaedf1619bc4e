"""describe: summaries of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from pydantic import Field

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from tools import stats
from tools.columns import NUMERIC, TIMES, find_column
from tools.context import ToolContext
from tools.describe.long_integers import is_long, may_be_long, summarize_long
from tools.describe.result import Counted, Description, NumberLine, TimeLine, WordLine
from tools.describe.sentences import SENTENCES
from tools.describe.told import told
from tools.errors import ToolError
from tools.groups import Groups, find_groups
from tools.number_scan import scan_numbers
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.side_by_side import ask_together
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    from tools.stats import CategorySummary, FurtherSummary, NumberSummary, TimeSummary

    Summary = NumberSummary | CategorySummary | TimeSummary

MAX_DISTINCT_FOR_MODE = 10_000
MAX_ROWS_FOR_MODE = 1_000_000
FEW_COLUMNS = 20
MAX_LINES = 100_000
"""Of more than a few columns by group: one line each, 45 MB of text."""
MAX_LINES_CLOSELY = 3
"""More about more lines than these is more than anybody reads."""


class Describe(Arguments):
    """Which columns of which dataset, and for which groups."""

    dataset: str = Field(description="Name of a loaded dataset.")
    columns: list[str] | None = Field(default=None, description="Columns to describe; all by default.", min_length=1)
    by: str | list[str] | None = Field(
        default=None, description="Column whose values make the groups, such as 'species'; or several columns."
    )
    where: str | None = Field(
        default=None, description="Only rows for which this SQL expression over the columns is true, e.g. year > 2007."
    )
    ddof: int = Field(default=1, ge=0, le=1, description="sd divides by n - ddof: 1 for a sample, 0 for a population.")
    detail: bool | None = Field(
        default=None,
        description="More of each column of numbers: sum, variance, se and 95 % interval of the mean, range, iqr, mad, "
        "cv, geometric and harmonic mean, all modes, Pearson's skewness; by default where few columns are named.",
    )


@tool(
    effect="read",
    gives="n, missing, mean, sd, quartiles, mode, skewness, kurtosis; on a close look interval of the mean, "
    "other means, all modes; counts; `by` one column or several, `where` filter",
    example={"dataset": "penguins", "columns": ["body_mass_g"], "by": "species"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.describe.script"),
)
def describe(arguments: Describe, context: ToolContext) -> ToolOutput[Description]:
    """Describe columns: n, missing, mean, sd, min, quartiles, max, mode, skewness and kurtosis for numbers; the most
    frequent values with counts for text and booleans; first, middle and last for dates.

    Use `by` for one line a group and `where` for a part of the rows; of several columns each combination that occurs is
    a group, its values in `group_values`, null where missing. Quartiles are interpolated linearly (R's type 7).
    `skewness` and `kurtosis` (excess) are the sample-adjusted G1 and G2, `…_biased` the population's. `mode` is the
    smallest of the most frequent values, null where each occurs once or (in more than a million rows) where there are
    more than 10,000 different ones. With `detail`: variance and cv by the same ddof, `ci_low` and `ci_high` of the mean
    by Student's t, `mad` the median distance from the median (not scaled), `pearson_mode_skewness` (mean - mode) / sd,
    `pearson_median_skewness` 3 (mean - median) / sd, `modes` the first ten of `n_modes`.
    Whole numbers beyond 2^53 keep every digit, and have none of the detail.
    A null means: not defined for these values. It only reads.
    """
    dataset = context.data.get(arguments.dataset)
    names = arguments.columns
    columns = list(dataset.columns) if names is None else [find_column(dataset, name) for name in names]
    by = find_groups(dataset, arguments.by)
    columns = [column for column in columns if by is None or column not in by.columns]
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean=True) as table:
        n_rows = table.count()
        group = None if by is None else by.column_in(table)
        if group is not None and len(columns) > FEW_COLUMNS:
            _check_lines(table, group, len(columns))
        opened = _Opened(table, group, arguments.ddof, n_rows)
        numbers = _numbers(opened, [column for column in columns if column.type in NUMERIC])
        others = _others(opened, [column for column in columns if column.type not in NUMERIC])
        found = numbers | others
        closely = arguments.detail
        if closely is None:
            closely = names is not None and sum(map(len, found.values())) <= MAX_LINES_CLOSELY
        further = {
            name: _further(opened, name, numbers[name]) for name in numbers if closely and not is_long(numbers[name])
        }
    lines = tuple(
        _line(column, by, summary, further.get(column.name, ())[place : place + 1])
        for column in columns
        for place, summary in enumerate(found[column.name])
    )
    several = tuple(by.names) if by is not None and len(by.columns) > 1 else None
    return ToolOutput(Description(rows=n_rows, **if_any(by=several), columns=lines))


def _check_lines(table: DuckTable, group: str, n_columns: int) -> None:
    n_groups = table.count(f"DISTINCT {quote_identifier(group)}")
    if n_groups * n_columns > MAX_LINES:
        raise ToolError(
            f"{n_columns:,} columns in {n_groups:,} groups would be {n_groups * n_columns:,} lines; at most "
            f"{MAX_LINES:,} are computed: name some in columns, or make fewer groups"
        )


@dataclass(frozen=True)
class _Opened:
    """The open table and how it is to be described."""

    table: DuckTable
    by: str | None
    ddof: int
    n_rows: int

    @property
    def group(self) -> str | None:
        """The groups' column as a quoted SQL identifier."""
        return None if self.by is None else quote_identifier(self.by)

    def has_mode(self, column: Column) -> bool:
        """Whether the most frequent value is worth the search: of many different values in many rows it is chance."""
        return column.distinct <= MAX_DISTINCT_FOR_MODE or self.n_rows <= MAX_ROWS_FOR_MODE


def _numbers(opened: _Opened, columns: Sequence[Column]) -> dict[str, list[NumberSummary]]:
    """Summaries of the columns of numbers, all in one scan, and their modes where they are worth the search."""
    found = scan_numbers(opened.table, [column.name for column in columns], opened.n_rows, opened.by, opened.ddof)
    modes = _modes(opened, [column.name for column in columns if opened.has_mode(column)])
    for name, of_groups in modes.items():
        found[name] = [replace(line, mode=of_groups.get(line.group)) for line in found[name]]
    for column in columns:
        # Only where float64 shows an end beyond what it holds exactly.
        if column.type == "integer" and may_be_long(found[column.name]):
            long = summarize_long(opened.table, column.name, opened.group, opened.ddof, opened.has_mode(column))
            found[column.name] = found[column.name] if long is None else long
    return found


def _modes(opened: _Opened, names: Sequence[str]) -> dict[str, Mapping[object, float]]:
    """Of each column the mode of each group that has one."""
    fetch = opened.table.fetch
    if opened.by is not None:
        return {name: stats.find_modes(fetch, quote_identifier(name), opened.group) for name in names}
    found = ask_together(names, opened.n_rows, "DOUBLE", lambda values, places: stats.find_modes(fetch, values, places))
    return {name: {None: mode} for name, mode in found.items()}


def _others(opened: _Opened, columns: Sequence[Column]) -> dict[str, Sequence[CategorySummary | TimeSummary]]:
    """Summaries of the columns of times and of words."""
    fetch = opened.table.fetch
    words = [column.name for column in columns if column.type not in TIMES]
    found: dict[str, Sequence[CategorySummary | TimeSummary]] = {
        column.name: stats.summarize_times(fetch, quote_identifier(column.name), opened.group)
        for column in columns
        if column.type in TIMES
    }
    if opened.by is not None or not opened.n_rows:
        return found | {name: stats.summarize_categories(fetch, quote_identifier(name), opened.group) for name in words}

    def ask(values: str, places: str | None) -> dict[object, CategorySummary]:
        return {line.group: line for line in stats.summarize_categories(fetch, values, places)}

    together = ask_together(words, opened.n_rows, "VARCHAR", ask)
    return found | {name: [replace(line, group=None)] for name, line in together.items()}


def _further(opened: _Opened, name: str, summaries: Sequence[NumberSummary]) -> list[FurtherSummary]:
    return stats.summarize_further(opened.table.fetch, quote_identifier(name), opened.group, summaries, opened.ddof)


def _line(
    column: Column, by: Groups | None, summary: Summary, further: Sequence[FurtherSummary]
) -> NumberLine | WordLine | TimeLine:
    """A summary as a line, with what a close look has found of it, if anything."""
    values = {"column": column.name, **asdict(summary)}
    group = values.pop("group")
    values |= {} if by is None else by.shown(group)
    if isinstance(summary, stats.CategorySummary):
        values["top"] = tuple(Counted(value=value[:64], count=count) for value, count in summary.top)
        return WordLine(**values)
    if isinstance(summary, stats.TimeSummary):
        return TimeLine(**values)
    return NumberLine(**values, **(asdict(further[0]) if further else {}))
