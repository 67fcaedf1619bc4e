"""find_outliers: values far from the others, reported, removed or replaced."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from adapters.data.base import Table, quote_identifier, quote_string
from adapters.data.steps.models import Bound, DropRows, Fence, Filter, Step
from adapters.records import Column, Dataset, JsonValue
from prompts import render
from prompts.visible import one_line
from tools import stats
from tools.columns import find_column, find_numeric, free_name
from tools.context import ToolContext
from tools.errors import ToolError
from tools.number_scan import Summaries, scan_distances, scan_numbers
from tools.results import ToolOutput
from tools.spec import Arguments, tool

if TYPE_CHECKING:
    from tools.stats import Bounds

THRESHOLDS = {"iqr": 1.5, "zscore": 3.0, "mad": 3.5, "mahalanobis": 0.001, "isolation_forest": 0.05}
MAX_GROUPS = 1_000
MAX_ROWS_JOINTLY = 5_000_000


class FindOutliers(Arguments):
    """Which columns are looked at, by which rule, and what is done."""

    dataset: str = Field(description="Name of a loaded dataset; it stays as it is.")
    columns: list[str] = Field(description="Columns of numbers.", min_length=1)
    method: Literal["iqr", "zscore", "mad", "mahalanobis", "isolation_forest"] = Field(
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
class _Found:
    """What was looked for, as SQL and as words."""

    bounds: list[tuple[Column, Bounds]]
    rows: list[int] | None
    condition: str
    n: int
    missing: int


@tool(
    effect="write",
    gives="by quartiles, z or modified z, per group; several columns together; report, remove, winsorize "
    "into a new dataset",
    example={"dataset": "penguins", "columns": ["body_mass_g"], "method": "mad"},
)
def find_outliers(arguments: FindOutliers, context: ToolContext) -> ToolOutput:
    """Find values far from the others in columns of numbers; report them, or make a new dataset without them.

    `bounds` holds low and high for each column (and group) and the number of values outside; `count` is the number of
    rows with at least one, `rows` lists them in order with their row number, `total` is how many there are to list.
    Quartiles are interpolated linearly. Missing values are never outliers. remove and replace make a new dataset and
    say in `changed` how many rows and values changed; the bounds are those of the old one. An outlier is no error by
    itself: say so, and say what changes without them.
    """
    dataset = context.data.get(arguments.dataset)
    columns = list(dict.fromkeys(find_numeric(dataset, name) for name in arguments.columns))
    by = None if arguments.by is None else find_column(dataset, arguments.by)
    ids = None if arguments.ids is None else find_column(dataset, arguments.ids)
    _check(arguments, columns, by)
    threshold = arguments.threshold or THRESHOLDS[arguments.method]
    is_lean = arguments.method in ("iqr", "zscore", "mad")
    with context.data.open(dataset.name, arguments.where, context.watch, is_lean) as table:
        if arguments.method in ("mahalanobis", "isolation_forest"):
            found = _jointly(table, columns, arguments, threshold)
        else:
            found = _one_by_one(table, columns, by, arguments, threshold)
        listed = _listed(table, found, columns, by, ids, arguments.limit)
        count = _count(table, found.condition)
        outside = _outside(table, by, found.bounds)
    warnings = [f"{bounds.group or column.name!r}: {bounds.note}" for column, bounds in found.bounds if bounds.note]
    content: dict[str, JsonValue] = {
        "method": arguments.method,
        "threshold": threshold,
        "n": found.n,
        "missing": found.missing,
        "bounds": list(outside),
        "count": count,
        "rows": list(listed),
        "total": count,
        "truncated": len(listed) < count,
    }
    if arguments.action != "report":
        content |= _changed(arguments, dataset, columns, by, found, context)
    content["warnings"] = [*warnings, *_caveats(arguments, found, count)]
    content["interpretation"] = _sentence(arguments, columns, by, found, count, threshold)
    content["picture"] = {"tool": "plot", "kind": "box", "x": columns[0].name}
    return ToolOutput(content)


def _check(arguments: FindOutliers, columns: Sequence[Column], by: Column | None) -> None:
    jointly = arguments.method in ("mahalanobis", "isolation_forest")
    if by in columns:
        raise ToolError("by is one of the columns; give another column")
    if not jointly:
        return
    if len(columns) < 2:
        raise ToolError(f"{arguments.method} looks at several columns together; give two or more, or another method")
    if by is not None or arguments.side != "both":
        raise ToolError(f"{arguments.method} takes no by and no side; use where for one group")
    if arguments.action == "replace":
        raise ToolError(f"{arguments.method} finds rows, not values: remove them, or use iqr, zscore or mad")
    if (arguments.threshold or 0.0) >= 0.5:
        raise ToolError(f"threshold: of {arguments.method} it is a share below 0.5, got {arguments.threshold}")


def _one_by_one(
    table: Table, columns: Sequence[Column], by: Column | None, arguments: FindOutliers, threshold: float
) -> _Found:
    n_rows = _count(table, "true")
    bounds = [
        (column, found.one_sided(arguments.side))
        for column, found in _bounds(table, columns, by, arguments, threshold, n_rows)
        if by is None or found.group is not None  # rows without a group belong to none
    ]
    if len(bounds) > MAX_GROUPS * len(columns):
        raise ToolError(f"{arguments.by!r} makes more than {MAX_GROUPS} groups: filter or bin first")
    conditions = [_outside_condition(column, by, found) for column, found in bounds]
    names = [quote_identifier(column.name) for column in columns]
    missing = _count(table, " OR ".join(f"{name} IS NULL" for name in names))
    return _Found(bounds, None, " OR ".join(conditions) or "false", n_rows - missing, missing)


def _bounds(
    table: Table, columns: Sequence[Column], by: Column | None, arguments: FindOutliers, threshold: float, n_rows: int
) -> Iterator[tuple[Column, Bounds]]:
    """The bounds of each column and group; fences and z-scores of all columns from one scan."""
    group, method = None if by is None else by.name, arguments.method
    summaries = scan_numbers(table, [column.name for column in columns], n_rows, group, arguments.ddof)
    if method == "mad":
        yield from _bounds_by_mad(table, columns, summaries, group, threshold, n_rows)
        return
    assert method in ("iqr", "zscore")  # noqa: S101 - the caller has the others
    for column in columns:
        for line in summaries[column.name]:
            yield column, stats.bounds_of(line, method, threshold)


def _bounds_by_mad(
    table: Table, columns: Sequence[Column], summaries: Summaries, group: str | None, threshold: float, n_rows: int
) -> Iterator[tuple[Column, Bounds]]:
    """From a second scan, of the distances from the medians; of many groups inside the database."""
    distances = scan_distances(table, summaries, n_rows, group)
    for column in columns:
        if distances is None:
            quoted = None if group is None else quote_identifier(group)
            found = stats.bounds_by_mad(table.fetch, quote_identifier(column.name), quoted, threshold)
        else:
            both = zip(summaries[column.name], distances[column.name], strict=True)
            found = [stats.bounds_by_spread(line, away, threshold) for line, away in both]
        for bounds in found:
            yield column, bounds


def _jointly(table: Table, columns: Sequence[Column], arguments: FindOutliers, threshold: float) -> _Found:
    method = arguments.method
    assert method in ("mahalanobis", "isolation_forest")  # noqa: S101 - the caller has the others
    n_rows = _count(table, "true")
    if n_rows > MAX_ROWS_JOINTLY:
        raise ToolError(f"{n_rows:,} rows; {method} takes at most {MAX_ROWS_JOINTLY:,}: filter first")
    frame = table.frame(["_row", *(column.name for column in columns)])
    complete = frame.dropna()
    arrays = [complete[column.name].to_numpy(dtype="float64") for column in columns]
    try:
        odd = stats.odd_rows(arrays, method, threshold)
    except ValueError as error:
        raise ToolError(f"{method}: {error}") from error
    numbers = complete["_row"].tolist()
    rows = [int(numbers[place]) for place in odd]
    condition = f"_row IN ({', '.join(map(str, rows))})" if rows else "false"
    return _Found([], rows, condition, len(complete), len(frame) - len(complete))


def _outside_condition(column: Column, by: Column | None, found: Bounds) -> str:
    """SQL that is true of the values outside; of a missing one it is not."""
    name = quote_identifier(column.name)
    sides = [f"{name} < CAST({found.low!r} AS DOUBLE)"] if found.low is not None else []
    sides += [f"{name} > CAST({found.high!r} AS DOUBLE)"] if found.high is not None else []
    condition = f"({' OR '.join(sides) or 'false'})"
    if by is None:
        return condition
    return f"(CAST({quote_identifier(by.name)} AS VARCHAR) = {quote_string(found.group or '')} AND {condition})"


def _count(table: Table, condition: str) -> int:
    return int(str(table.fetch(f"SELECT count(*) FROM data WHERE {condition}")[0][0]))


def _outside(table: Table, by: Column | None, bounds: Sequence[tuple[Column, Bounds]]) -> list[JsonValue]:
    """The bounds with the number of values outside, all counted in one scan."""
    if not bounds:
        return []
    conditions = [_outside_condition(column, by, found) for column, found in bounds]
    wanted = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in conditions)
    [counts] = table.fetch(f"SELECT {wanted} FROM data")
    lines: list[JsonValue] = []
    for (column, found), count in zip(bounds, counts, strict=True):
        group = {} if by is None else {"group": found.group}
        lines.append({"column": column.name, **group, "low": found.low, "high": found.high, "count": int(str(count))})
    return lines


def _listed(
    table: Table, found: _Found, columns: Sequence[Column], by: Column | None, ids: Column | None, limit: int
) -> list[JsonValue]:
    shown = list(dict.fromkeys([column for column in (ids, by) if column is not None] + list(columns)))
    numbers = {column.name for column in columns}
    names = [quote_identifier(column.name) for column in shown]
    texts = [
        name if column.name in numbers else f"CAST({name} AS VARCHAR)"
        for name, column in zip(names, shown, strict=True)
    ]
    rows = table.fetch(
        f"SELECT _row, {', '.join(texts)} FROM data WHERE {found.condition} ORDER BY _row LIMIT {int(limit)}"
    )
    keys = [column.name if column.name != "row" else "column row" for column in shown]
    return [{"row": int(str(row)), **dict(zip(keys, map(_shown, values), strict=True))} for row, *values in rows]


def _shown(value: object) -> JsonValue:
    if value is None or isinstance(value, int | float):
        return None if isinstance(value, float) and math.isnan(value) else value
    return str(value)[:64]


def _changed(
    arguments: FindOutliers,
    dataset: Dataset,
    columns: Sequence[Column],
    by: Column | None,
    found: _Found,
    context: ToolContext,
) -> dict[str, JsonValue]:
    """Make the new dataset, by steps of transform that hold the bounds as numbers."""
    steps: list[Step] = []
    if found.rows:
        steps.append(DropRows(op="drop_rows", rows=found.rows))  # before the filter, which numbers the rows anew
    if arguments.where is not None:
        steps.append(Filter(op="filter", where=arguments.where))
    for column in columns if found.rows is None else []:
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
    return {"dataset": made.dataset.name, "rows_kept": made.dataset.rows, "changed": list(made.changed)}


def _bound(arguments: FindOutliers, found: Bounds) -> Bound:
    value = {"mean": found.mean, "median": found.median}.get(arguments.replace_with)
    return Bound(group=found.group, low=found.low, high=found.high, value=value)


def _caveats(arguments: FindOutliers, found: _Found, count: int) -> list[JsonValue]:
    caveats: list[JsonValue] = []
    if found.missing:
        caveats.append(f"{found.missing} rows with a missing value; a missing value is no outlier")
    share = count / max(1, found.n)
    if share > 0.1:
        caveats.append(f"{share:.0%} of the rows are outlying: the values are skewed rather than wrong")
    if arguments.method == "zscore" and found.n <= 10:
        caveats.append(f"with {found.n} values no z-score exceeds {(found.n - 1) / math.sqrt(max(1, found.n)):.2f}")
    return caveats


def _sentence(
    arguments: FindOutliers, columns: Sequence[Column], by: Column | None, found: _Found, count: int, threshold: float
) -> str:
    return render(
        "find_outliers",
        columns=[one_line(column.name) for column in columns],
        by=None if by is None else one_line(by.name),
        method=arguments.method,
        threshold=f"{threshold:g}",
        count=count,
        n=found.n,
        side=arguments.side,
    )
