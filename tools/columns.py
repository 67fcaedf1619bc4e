"""Which columns a call means: names checked against the dataset, kinds told apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from adapters.file_words import match_word, truth
from adapters.names import MAX_SHOWN, name_choices
from adapters.records import Column, Dataset
from prompts.visible import visible
from tools.errors import ToolError

NUMERIC = ("integer", "number")
TIMES = ("date", "datetime", "time")


def find_column(dataset: Dataset, name: str) -> Column:
    """The column of that name; case is forgiven when only one fits, and so is the form in which it is shown.

    Raises
    ------
    ToolError
        With the nearest names, or all of them.
    """
    exact = next((column for column in dataset.columns if column.name == name), None)
    if exact is not None:
        return exact
    folded = [column for column in dataset.columns if column.name.casefold() == name.casefold()]
    near = folded or [column for column in dataset.columns if visible(column.name) == name]
    if len(near) == 1:
        return near[0]
    raise ToolError(
        f"no column {name[:64]!r} in {dataset.name!r}; {name_choices(name, [c.name for c in dataset.columns])}"
    )


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


def not_numbers_yet(column: Column) -> str:
    """How a column that holds no numbers may come to hold some; its first value shows whether it can."""
    if column.type != "text" or column.example is None:
        return "give a column of numbers"
    if any(sign.isdigit() for sign in column.example):
        return (
            f"its values are such as {column.example[:40]!r}; where these are numbers with something beside them, "
            "transform makes numbers of it (cast, or derive to take the number alone)"
        )
    return f"its values are such as {column.example[:40]!r}"


def find_numeric(dataset: Dataset, name: str) -> Column:
    """The column of that name, which must hold numbers; ToolError with those that do."""
    column = find_column(dataset, name)
    if column.type not in NUMERIC:
        numbers = numeric_columns(dataset)
        choices = ", ".join(repr(other.name) for other in numbers[:MAX_SHOWN]) or "none"
        more = f" and {len(numbers) - MAX_SHOWN:,} more" if len(numbers) > MAX_SHOWN else ""
        raise ToolError(
            f"column {column.name!r} holds {column.type}, not numbers ({not_numbers_yet(column)}); "
            f"columns with numbers: {choices}{more}"
        )
    return column


def numeric_columns(dataset: Dataset) -> Sequence[Column]:
    """The columns that hold numbers."""
    return [column for column in dataset.columns if column.type in NUMERIC]


def find_value(name: str, found: Sequence[str], argument: str, column: str) -> str:
    """The value of that name among those of a column, as the column writes it; see `match_word` for what is forgiven.

    Raises
    ------
    ToolError
        With the values that there are.
    """
    value = match_word(name, found)
    if value is None:
        shown = ", ".join(repr(value[:64]) for value in found[:20])
        raise ToolError(f"{argument}: {column!r} has no {name[:64]!r}; it has {shown}")
    return value


def second_value(found: Sequence[str]) -> str:
    """Of two values the one that is asked about where nobody says: the word for yes, else the second."""
    said = [value for value in found if truth(value)]
    is_truth = len(said) == 1 and all(truth(value) is not None for value in found)
    return said[0] if is_truth else found[1]
