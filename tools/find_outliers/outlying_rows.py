"""The rows that find_outliers lists: of few columns with all their values, of many with those that are outside."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from tools.find_outliers.outlying import COLUMNS_AT_ONCE, Pair
from tools.find_outliers.result import Cell

MAX_SHOWN = 20
"""Of more columns a row shows the values that are outside, and so many of them."""
MAX_LABEL = 64

Cells = dict[int, dict[str, object]]


@dataclass(frozen=True)
class Listed:
    """The rows as they are told, and how many values that were found are not among them."""

    rows: tuple[dict[str, Cell], ...]
    n_left_out: int = 0


@dataclass(frozen=True)
class Shown:
    """The columns that were looked at, those that name the rows and their groups, and the bounds; of rows, none."""

    columns: Sequence[Column]
    ids: Column | None
    by: Column | None
    bounds: Sequence[Pair]


def list_rows(table: DuckTable, rows: Sequence[int], shown: Shown) -> Listed:
    """The rows of these numbers, in order; of rows that are odd in many columns together the first columns."""
    if not rows:
        return Listed(())
    names = [column.name for column in shown.columns]
    labels = [column.name for column in (shown.ids, shown.by) if column is not None]
    texts = {name: f"CAST({quote_identifier(name)} AS VARCHAR)" for name in labels if name not in names}
    cells = _cells(table, rows, texts | {name: quote_identifier(name) for name in names})
    told = dict.fromkeys(rows, names)
    n_left_out = 0
    if len(names) > MAX_SHOWN:
        found = _outside(cells, shown) if shown.bounds else told
        n_left_out = sum(max(0, len(found[row]) - MAX_SHOWN) for row in rows)
        told = {row: found[row][:MAX_SHOWN] for row in rows}
    listed = (
        {"row": row, **{_key(name): _told(cells[row][name]) for name in dict.fromkeys([*labels, *told[row]])}}
        for row in rows
    )
    return Listed(tuple(listed), n_left_out)


def _cells(table: DuckTable, rows: Sequence[int], parts: Mapping[str, str]) -> Cells:
    """The values in these rows, a block of columns at a time; `parts` gives each name's SQL."""
    numbers = ", ".join(map(str, rows))
    found: Cells = {row: {} for row in rows}
    names = list(parts)
    for start in range(0, len(names), COLUMNS_AT_ONCE):
        block = names[start : start + COLUMNS_AT_ONCE]
        listed = ", ".join(parts[name] for name in block)
        for row, *values in table.fetch(f"SELECT _row, {listed} FROM data WHERE _row IN ({numbers})"):
            found[row] |= zip(block, values, strict=True)
    return found


def _outside(cells: Cells, shown: Shown) -> dict[int, list[str]]:
    """Of each row the columns in which it is outside of the bounds of its group."""
    of_groups: dict[str | None, list[Pair]] = defaultdict(list)
    for column, bounds in shown.bounds:
        of_groups[bounds.group if shown.by is not None else None].append((column, bounds))
    found = {}
    for row, values in cells.items():
        group = None if shown.by is None else str(values[shown.by.name])
        found[row] = [column.name for column, bounds in of_groups[group] if bounds.is_outside(values[column.name])]
    return found


def _key(name: str) -> str:
    return name if name != "row" else "column row"


def _told(value: object) -> Cell:
    if value is None or isinstance(value, int | float):
        return None if isinstance(value, float) and math.isnan(value) else value
    return str(value)[:MAX_LABEL]
