"""The columns by which a job's rows are parted and weighed, found in the dataset."""

from __future__ import annotations

from adapters.records import Dataset
from tools.columns import NUMERIC, find_column, find_numeric
from tools.errors import ToolError

ROW = "_row"
DATES = ("date", "datetime")
ORDERED = (*NUMERIC, *DATES)


def parted_by(dataset: Dataset, groups: str | None, time: str | None) -> tuple[str | None, str | None]:
    """The names of the columns of groups and of times, as the dataset writes them.

    Raises
    ------
    ToolError
        If there is none of that name, if the rows have no order by it, or all are of one group or time.
    """
    found = None if groups is None else find_column(dataset, groups)
    if found is not None and found.distinct < 2:
        raise ToolError(f"groups: {found.name!r} has {found.distinct} different values: all rows are of one group")
    if found is not None and found.distinct == dataset.rows - found.missing:
        raise ToolError(f"groups: every value of {found.name!r} is different: there are no groups; leave it out")
    return None if found is None else found.name, _time(dataset, time)


def weighed_by(dataset: Dataset, weights: str | None) -> str | None:
    """The name of the column of weights, as the dataset writes it; ToolError where rows lack one."""
    if weights is None:
        return None
    column = find_numeric(dataset, weights)
    if column.missing:
        raise ToolError(f"weights: {column.missing} rows have no value of {column.name!r}: drop or fill them first")
    return column.name


def _time(dataset: Dataset, time: str | None) -> str | None:
    if time in (None, ROW):
        return time
    try:
        column = find_column(dataset, time)
    except ToolError as error:
        raise ToolError(f"time: {error}; {_what_can(dataset)}") from error
    if column.type not in ORDERED:
        raise ToolError(
            f"time: {column.name!r} holds {column.type} such as {str(column.example)[:40]!r}: that has no earlier and "
            f"no later; {_what_can(dataset)}"
        )
    if column.distinct < 2:
        raise ToolError(f"time: {column.name!r} has {column.distinct} different values: all rows are of one time")
    return column.name


def _what_can(dataset: Dataset) -> str:
    """By what the rows of this table can be put in an order of time: nothing is advised that it does not have."""
    if dates := [column.name for column in dataset.columns if column.type in DATES]:
        return f"dates in {dataset.name!r}: {', '.join(map(repr, dates))}"
    return (
        f"no column of {dataset.name!r} holds dates; a number that grows with time, such as a year, does, and {ROW} "
        "where the table itself is in order"
    )
