"""The first rows of a file of predictions, as wide as a terminal shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adapters.csv_parts import as_written
from tools.predictions.parts import Rows
from tools.telling import as_table

if TYPE_CHECKING:
    from tools.ml.validation import Vector

N_ROWS = 5
MAX_WIDTH = 99
"""Of the table that they make, in characters."""
MAX_CELL = 24

Value = bool | int | float | str | None
Preview = tuple[dict[str, Value], ...]


def make_preview(own: Sequence[str], rows: Rows, added: Mapping[str, Vector]) -> Preview:
    """Five rows at most: the columns that were added, before them as many of the table's own as there is room for.

    Parameters
    ----------
    own : sequence of str
        Names of the table's own columns in the file.
    """
    columns = {
        name: [_cell(value) for value in as_written(column.slice(0, N_ROWS)).to_pylist()]
        for name, column in zip(own, rows.columns, strict=True)
    }
    new = {name: [_cell(value) for value in values[:N_ROWS].tolist()] for name, values in added.items()}
    shown = _fitting([], new)
    before = _fitting([*shown.items()], columns)
    names, cells = [*before, *shown], [*before.values(), *shown.values()]
    return tuple(dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True))


def _fitting(taken: Sequence[tuple[str, list[Value]]], columns: Mapping[str, list[Value]]) -> dict[str, list[Value]]:
    """As many of the columns, from the first on, as fit beside those that are taken; the first of all is there."""
    fitting: dict[str, list[Value]] = {}
    for name, values in columns.items():
        wanted = [*taken, *fitting.items(), (name, values)]
        if len(wanted) > 1 and _width(wanted) > MAX_WIDTH:
            break
        fitting[name] = values
    return fitting


def _width(columns: Sequence[tuple[str, list[Value]]]) -> int:
    rows = [list(row) for row in zip(*(values for _, values in columns), strict=True)]
    return max(len(line) for line in as_table([name for name, _ in columns], rows).splitlines())


def _cell(value: object) -> Value:
    if value is None or value != value:
        return None
    if isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 1]}…"
