"""Which rows lie outside of bounds, found a block of columns at a time: thousands in one statement fill the memory."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.data.base import DuckTable, quote_identifier, quote_string
from adapters.records import Column

if TYPE_CHECKING:
    from tools.stats import Bounds

COLUMNS_AT_ONCE = 100
BOUNDS_AT_ONCE = 1_000

Pair = tuple[Column, "Bounds"]


@dataclass(frozen=True)
class Outside:
    """How many values lie outside of each of the bounds, how many rows have one, and the first of these rows."""

    counts: Sequence[int]
    n_rows: int
    first: Sequence[int]


def count_missing(table: DuckTable, columns: Sequence[Column]) -> int:
    """How many rows miss a value in any of the columns."""
    names = [quote_identifier(column.name) for column in columns]
    blocks = [names[start : start + COLUMNS_AT_ONCE] for start in range(0, len(names), COLUMNS_AT_ONCE)]
    return rows_where(table, [" OR ".join(f"{name} IS NULL" for name in block) for block in blocks], 0)[0]


def find_outside(table: DuckTable, bounds: Sequence[Pair], by: Column | None, limit: int) -> Outside:
    """What lies outside of the bounds, of which one column has one pair, or in `by` one for each group."""
    counts: list[int] = []
    conditions: list[str] = []
    for block in _blocks(bounds):
        table.step(f"looking at {block[0][0].name[:64]}")
        each = [_condition(column, by, found) for column, found in block]
        wanted = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in each)
        counts += table.fetch(f"SELECT {wanted} FROM data")[0]
        conditions.append(" OR ".join(each))
    return Outside(counts, *rows_where(table, conditions or ["false"], limit))


def rows_where(table: DuckTable, conditions: Sequence[str], limit: int) -> tuple[int, list[int]]:
    """How many rows fulfil any of the conditions, and the numbers of the first of them.

    Of several conditions the numbers of all such rows are held; of one the database counts them.
    """
    if len(conditions) == 1:
        fulfil = f"FROM data WHERE {conditions[0]}"
        ((count,),) = table.fetch(f"SELECT count(*) {fulfil}")
        first = table.fetch(f"SELECT _row {fulfil} ORDER BY _row LIMIT {int(limit)}") if limit else []
        return count, [row for (row,) in first]
    rows: set[int] = set()
    for condition in conditions:
        rows.update(row for (row,) in table.fetch(f"SELECT _row FROM data WHERE {condition}"))
    return len(rows), heapq.nsmallest(limit, rows)


def _blocks(bounds: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    """Whole columns, so many that a statement about their bounds is not too long."""
    of_columns: dict[str, list[Pair]] = defaultdict(list)
    for column, found in bounds:
        of_columns[column.name].append((column, found))
    each = list(of_columns.values())
    size = max(1, min(COLUMNS_AT_ONCE, BOUNDS_AT_ONCE // max(map(len, each), default=1)))
    for start in range(0, len(each), size):
        yield [pair for pairs in each[start : start + size] for pair in pairs]


def _condition(column: Column, by: Column | None, found: Bounds) -> str:
    """SQL that is true of the values outside; of a missing one it is not."""
    name = quote_identifier(column.name)
    sides = [f"{name} < CAST({found.low!r} AS DOUBLE)"] if found.low is not None else []
    sides += [f"{name} > CAST({found.high!r} AS DOUBLE)"] if found.high is not None else []
    condition = f"({' OR '.join(sides) or 'false'})"
    if by is None:
        return condition
    return f"(CAST({quote_identifier(by.name)} AS VARCHAR) = {quote_string(found.group or '')} AND {condition})"
