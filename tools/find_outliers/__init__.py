"""find_outliers: values far from the others, reported, removed or replaced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field

from adapters.data.base import DuckTable, quote_identifier
from adapters.data.steps.models import Bound, DropRows, Fence, Filter, Step
from adapters.records import Column, Dataset
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import find_column, find_numeric, free_name
from tools.context import ToolContext
from tools.errors import ToolError
from tools.find_outliers.outlying import Outside, Pair, count_missing, find_outside
from tools.find_outliers.outlying_rows import MAX_SHOWN, Listed, Shown, list_rows
from tools.find_outliers.result import BoundsLine, Method, OfOne, OfSeveral, Outliers
from tools.find_outliers.sentences import SENTENCES
from tools.find_outliers.told import told
from tools.find_outliers.warns import warned_of_bounds, warned_of_rows, warned_of_width
from tools.number_scan import Summaries, scan_distances, scan_numbers
from tools.pictured import pictured
from tools.results import ToolOutput, if_any
from tools.scripting import later
from tools.spec import Arguments, tool
from tools.warned import said

if TYPE_CHECKING:
    from tools.stats import Bounds

THRESHOLDS = {"iqr": 1.5, "zscore": 3.0, "mad": 3.5, "mahalanobis": 0.001, "isolation_forest": 0.05}
MAX_GROUPS = 1_000
MAX_BOUNDS = 100_000
"""Columns times groups."""
MAX_BOUNDS_LISTED = 1_000
MAX_COLUMNS_JOINTLY = 200
"""Distances in more dimensions need more rows than anybody has, and time that grows with the cube."""
MAX_COLUMNS_CHANGED = 200
"""Each takes a step of the recipe, which writes the table anew."""
MAX_ROWS_JOINTLY = 5_000_000


class FindOutliers(Arguments):
    """Which columns are looked at, by which rule, and what is done."""

    dataset: str = Field(description="Name of a loaded dataset; it stays as it is.")
    columns: list[str] = Field(description="Columns of numbers.", min_length=1)
    method: Method = Field(
        default="iqr",
        description="iqr: beyond threshold (1.5) interquartile ranges from the quartiles. zscore: beyond threshold (3) "
        "sd from the mean. mad: modified z-score beyond threshold (3.5). Of several columns together: mahalanobis "
        "(threshold is the tail probability, 0.001), isolation_forest (threshold is the share of rows, 0.05).",
    )
    threshold: float | None = Field(default=None, description="See method; its usual value by default.", gt=0)
    ddof: Literal[0, 1] = Field(default=1, description="zscore: sd divides by n - ddof; 1 sample, 0 population.")
    side: Literal["both", "low", "high"] = Field(default="both", description="Which side counts as outlying.")
    by: str | None = Field(default=None, description="Column whose values make the groups, each with its own bounds.")
    where: str | None = Field(
        default=None,
        description="Only rows for which this SQL expression over the columns is true; a new dataset has only those.",
    )
    action: Literal["report", "remove", "replace"] = Field(
        default="report", description="remove: a new dataset without the rows; replace: a new one with other values."
    )
    replace_with: Literal["bound", "mean", "median", "missing"] = Field(
        default="bound",
        description="replace: the nearest bound (winsorize), mean or median of all values (of the group), or nothing.",
    )
    ids: str | None = Field(default=None, description="Column that names the rows in the report.")
    save_as: str | None = Field(
        default=None, description="Name of the new dataset; the old one's with _2, _3, … by default.", min_length=1
    )
    limit: int = Field(default=50, ge=1, le=1_000, description="At most so many rows are listed.")


@dataclass(frozen=True)
class _Asked:
    """The arguments with their columns found."""

    arguments: FindOutliers
    columns: Sequence[Column]
    by: Column | None
    threshold: float


@dataclass(frozen=True)
class _Found:
    """What was looked for and what was found; `rows` are all rows that are odd in several columns together."""

    bounds: list[Pair]
    outside: Outside
    n: int
    missing: int
    rows: list[int] | None = None


@tool(
    effect="write",
    gives="by quartiles, z or modified z, per group; several columns together; report, remove, winsorize "
    "into a new dataset",
    example={"dataset": "penguins", "columns": ["body_mass_g"], "method": "mad"},
    sentences=SENTENCES,
    told=told,
    script=later("tools.find_outliers.script"),
)
def find_outliers(arguments: FindOutliers, context: ToolContext) -> ToolOutput[Outliers]:
    """Find values far from the others in columns of numbers; report them, or make a new dataset without them.

    `bounds` holds low and high for each column (and group) and the number of values outside; `count` is the number of
    rows with at least one, `rows` lists them in order with their row number, `total` is how many there are to list.
    Of more than 20 columns a row lists those in which it is outside; `bounds_left_out` and `values_left_out` count what
    is not listed.
    Quartiles are interpolated linearly. Missing values are never outliers. remove and replace make a new dataset and
    say in `changed` how many rows and values changed; the bounds are those of the old one. An outlier is no error by
    itself: say so, and say what changes without them.
    """
    dataset = context.data.get(arguments.dataset)
    columns = list(dict.fromkeys(find_numeric(dataset, name) for name in arguments.columns))
    by = None if arguments.by is None else find_column(dataset, arguments.by)
    ids = None if arguments.ids is None else find_column(dataset, arguments.ids)
    asked = _Asked(arguments, columns, by, arguments.threshold or THRESHOLDS[arguments.method])
    _check(asked)
    method, is_lean = arguments.method, arguments.method not in get_args(OfSeveral)
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean) as table:
        if method == "mahalanobis" or method == "isolation_forest":
            found = _jointly(table, asked, method)
        else:
            found = _one_by_one(table, asked, method)
        listed = list_rows(table, found.outside.first, Shown(columns, ids, by, found.bounds))
    made = {} if arguments.action == "report" else _changed(asked, dataset, found, context)
    return ToolOutput(_outliers(asked, found, listed, made))


def _outliers(asked: _Asked, found: _Found, listed: Listed, made: dict[str, Any]) -> Outliers:
    arguments, columns = asked.arguments, asked.columns
    count, lines = found.outside.n_rows, _bounds_lines(asked.by, found)
    n_left_out = max(0, len(lines) - MAX_BOUNDS_LISTED)
    warnings = [
        *warned_of_bounds(found.bounds),
        *warned_of_rows(arguments.method, len(columns), found.n, found.missing, count),
        *warned_of_width(n_left_out, listed.n_left_out),
    ]
    return Outliers(
        method=arguments.method,
        threshold=asked.threshold,
        n=found.n,
        missing=found.missing,
        bounds=tuple(lines[:MAX_BOUNDS_LISTED]),
        count=count,
        rows=listed.rows,
        total=count,
        truncated=len(listed.rows) < count,
        **if_any(bounds_left_out=n_left_out or None, values_left_out=listed.n_left_out or None),
        **made,
        **said(warnings),
        interpretation=_sentence(asked, found),
        picture=pictured("box", columns[0].name),
    )


def _check(asked: _Asked) -> None:
    arguments, columns, by = asked.arguments, asked.columns, asked.by
    jointly = arguments.method in get_args(OfSeveral)
    if by in columns:
        raise ToolError("by is one of the columns; give another column")
    if not jointly and arguments.action != "report" and len(columns) > MAX_COLUMNS_CHANGED:
        raise ToolError(
            f"{arguments.action}: {len(columns):,} columns are named; at most {MAX_COLUMNS_CHANGED} are changed at once"
        )
    if not jointly:
        return
    if len(columns) > MAX_COLUMNS_JOINTLY:
        raise ToolError(
            f"{arguments.method}: {len(columns):,} columns are named; "
            f"at most {MAX_COLUMNS_JOINTLY} are looked at together"
        )
    if len(columns) < 2:
        raise ToolError(f"{arguments.method} looks at several columns together; give two or more, or another method")
    if by is not None or arguments.side != "both":
        raise ToolError(f"{arguments.method} takes no by and no side; use where for one group")
    if arguments.action == "replace":
        raise ToolError(f"{arguments.method} finds rows, not values: remove them, or use iqr, zscore or mad")
    if (arguments.threshold or 0.0) >= 0.5:
        raise ToolError(f"threshold: of {arguments.method} it is a share below 0.5, got {arguments.threshold}")


def _one_by_one(table: DuckTable, asked: _Asked, method: OfOne) -> _Found:
    n_rows, by = table.count(), asked.by
    if by is not None:
        _check_groups(table, asked.columns, by)
    bounds = [
        (column, found.one_sided(asked.arguments.side))
        for column, found in _bounds(table, asked, method, n_rows)
        if by is None or found.group is not None  # rows without a group belong to none
    ]
    missing = count_missing(table, asked.columns)
    return _Found(bounds, find_outside(table, bounds, by, asked.arguments.limit), n_rows - missing, missing)


def _check_groups(table: DuckTable, columns: Sequence[Column], by: Column) -> None:
    n_groups = table.count(f"DISTINCT {quote_identifier(by.name)}")
    if n_groups > MAX_GROUPS:
        raise ToolError(f"{by.name[:64]!r} makes more than {MAX_GROUPS} groups: filter or bin first")
    if n_groups * len(columns) > MAX_BOUNDS:
        raise ToolError(
            f"{len(columns):,} columns in {n_groups} groups of {by.name[:64]!r} would have {n_groups * len(columns):,} "
            f"pairs of bounds; at most {MAX_BOUNDS:,} are taken: name fewer columns"
        )


def _bounds(table: DuckTable, asked: _Asked, method: OfOne, n_rows: int) -> Iterator[tuple[Column, Bounds]]:
    """The bounds of each column and group; fences and z-scores of all columns from one scan."""
    group = None if asked.by is None else asked.by.name
    summaries = scan_numbers(table, [column.name for column in asked.columns], n_rows, group, asked.arguments.ddof)
    if method == "mad":
        yield from _bounds_by_mad(table, asked, summaries, n_rows)
        return
    for column in asked.columns:
        for line in summaries[column.name]:
            yield column, stats.bounds_of(line, method, asked.threshold)


def _bounds_by_mad(
    table: DuckTable, asked: _Asked, summaries: Summaries, n_rows: int
) -> Iterator[tuple[Column, Bounds]]:
    """From a second scan, of the distances from the medians; of many groups inside the database."""
    group = None if asked.by is None else asked.by.name
    distances = scan_distances(table, summaries, n_rows, group)
    for column in asked.columns:
        if distances is None:
            quoted = None if group is None else quote_identifier(group)
            found = stats.bounds_by_mad(table.fetch, quote_identifier(column.name), quoted, asked.threshold)
        else:
            both = zip(summaries[column.name], distances[column.name], strict=True)
            found = [stats.bounds_by_spread(line, away, asked.threshold) for line, away in both]
        for bounds in found:
            yield column, bounds


def _jointly(table: DuckTable, asked: _Asked, method: OfSeveral) -> _Found:
    n_rows, columns = table.count(), asked.columns
    if n_rows > MAX_ROWS_JOINTLY:
        raise ToolError(f"{n_rows:,} rows; {method} takes at most {MAX_ROWS_JOINTLY:,}: filter first")
    frame = table.frame(["_row", *(column.name for column in columns)])
    complete = frame.dropna()
    arrays = [complete[column.name].to_numpy(dtype="float64") for column in columns]
    try:
        odd = stats.odd_rows(arrays, method, asked.threshold)
    except ValueError as error:
        raise ToolError(f"{method}: {error}") from error
    numbers = complete["_row"].tolist()
    rows = [int(numbers[place]) for place in odd]
    outside = Outside((), len(rows), rows[: asked.arguments.limit])
    return _Found([], outside, len(complete), len(frame) - len(complete), rows)


def _bounds_lines(by: Column | None, found: _Found) -> list[BoundsLine]:
    """The bounds with the number of values outside; of more than are listed those with most outside are first."""
    pairs = list(zip(found.bounds, found.outside.counts, strict=True))
    if len(pairs) > MAX_BOUNDS_LISTED:
        pairs.sort(key=lambda pair: -pair[1])
    return [
        BoundsLine(
            column=column.name,
            **({} if by is None else {"group": bounds.group}),
            low=bounds.low,
            high=bounds.high,
            count=count,
        )
        for (column, bounds), count in pairs
    ]


def _changed(asked: _Asked, dataset: Dataset, found: _Found, context: ToolContext) -> dict[str, Any]:
    """Make the new dataset, by steps of transform that hold the bounds as numbers."""
    arguments, by = asked.arguments, asked.by
    steps: list[Step] = []
    if found.rows:
        steps.append(DropRows(op="drop_rows", rows=found.rows))  # before the filter, which numbers the rows anew
    if arguments.where is not None:
        steps.append(Filter(op="filter", where=arguments.where))
    for column in asked.columns if found.rows is None else []:
        bounds = [_bound(arguments, bounds) for other, bounds in found.bounds if other == column]
        put = {"bound": "bound", "missing": "missing"}.get(arguments.replace_with, "value")
        if arguments.action == "remove":
            put = "drop"
        if bounds:
            steps.append(
                Fence.model_validate(
                    {
                        "op": "fence",
                        "column": column.name,
                        "bounds": bounds,
                        "by": None if by is None else by.name,
                        "put": put,
                    }
                )
            )
    if not steps:
        raise ToolError("there is nothing to change: no row is outlying")
    save_as = arguments.save_as or free_name(dataset.name, [other.name for other in context.data.all()])
    made = context.data.transform(dataset.name, steps, save_as, context.watch)
    return if_any(dataset=made.dataset.name, rows_kept=made.dataset.rows, changed=made.changed)


def _bound(arguments: FindOutliers, found: Bounds) -> Bound:
    value = {"mean": found.mean, "median": found.median}.get(arguments.replace_with)
    return Bound(group=found.group, low=found.low, high=found.high, value=value)


def _sentence(asked: _Asked, found: _Found) -> str:
    columns, by = asked.columns, asked.by
    return render(
        "find_outliers",
        columns=[one_line(column.name) for column in columns[:MAX_SHOWN]],
        n_more=max(0, len(columns) - MAX_SHOWN),
        by=None if by is None else one_line(by.name),
        method=asked.arguments.method,
        threshold=f"{asked.threshold:g}",
        count=found.outside.n_rows,
        n=found.n,
        side=asked.arguments.side,
    )
