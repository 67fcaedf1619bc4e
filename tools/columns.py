"""Which columns a call means: names checked against the dataset, kinds told apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from adapters.names import name_choices
from adapters.records import Column, Dataset
from tools.errors import ToolError

NUMERIC = ("integer", "number")
TIMES = ("date", "datetime", "time")
TRUTH = {
    **dict.fromkeys(("yes", "y", "t", "1"), "true"),
    **dict.fromkeys(("no", "n", "f", "0"), "false"),
}
"""How people write what a loaded column of yes and no holds."""


def find_column(dataset: Dataset, name: str) -> Column:
    """The column of that name; case is forgiven when only one fits.

    Raises
    ------
    ToolError
        With the nearest names, or all of them.
    """
    by_name = {column.name: column for column in dataset.columns}
    if name in by_name:
        return by_name[name]
    folded = [column for column in dataset.columns if column.name.casefold() == name.casefold()]
    if len(folded) == 1:
        return folded[0]
    raise ToolError(f"no column {name[:64]!r} in {dataset.name!r}; {name_choices(name, by_name)}")


def find_columns(dataset: Dataset, names: str | Sequence[str]) -> list[Column]:
    """The columns of those names, each once; of words with commas, which are no column's name, one for each part."""
    if not isinstance(names, str):
        return list(dict.fromkeys(find_column(dataset, name) for name in names))
    try:
        return [find_column(dataset, names)]
    except ToolError:
        parts = [part.strip() for part in names.split(",")]
        if len(parts) == 1:
            raise
        return find_columns(dataset, parts)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name with _2, _3, … behind it, whichever comes first and is not taken."""
    return next(f"{name}_{n}" for n in range(2, len(taken) + 3) if f"{name}_{n}" not in taken)


def in_order(names: Iterable[str]) -> list[str]:
    """Values by size where all are numbers, else by letters: what R and pandas take for the first level is first."""
    listed = sorted(names)
    try:
        return sorted(listed, key=float)
    except ValueError:
        return listed


def find_numeric(dataset: Dataset, name: str) -> Column:
    """The column of that name, which must hold numbers; ToolError with those that do."""
    column = find_column(dataset, name)
    if column.type not in NUMERIC:
        choices = ", ".join(repr(other.name) for other in numeric_columns(dataset)) or "none"
        raise ToolError(f"column {column.name!r} holds {column.type}, not numbers; columns with numbers: {choices}")
    return column


def numeric_columns(dataset: Dataset) -> Sequence[Column]:
    """The columns that hold numbers."""
    return [column for column in dataset.columns if column.type in NUMERIC]


def find_value(name: str, found: Sequence[str], argument: str, column: str) -> str:
    """The value of that name among those of a column; case is forgiven, and yes, 1 or t for true.

    Raises
    ------
    ToolError
        With the values that there are.
    """
    if name in found:
        return name
    near = [value for value in found if value.casefold() in (name.casefold(), TRUTH.get(name.casefold()))]
    if len(near) != 1:
        shown = ", ".join(repr(value[:64]) for value in found[:20])
        raise ToolError(f"{argument}: {column!r} has no {name[:64]!r}; it has {shown}")
    return near[0]
