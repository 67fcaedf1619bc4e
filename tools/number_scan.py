"""Summaries of many columns of numbers in one scan of a table, whole or by group.

There are two ways to one summary, and neither can do the other's work. The scan reads all columns at once and keeps
only the values near the quartiles: 5,000 columns of 200 rows took it 8 s, and the database, a statement a column, 90 s;
and with 400 MB the database finds no room for the exact quartiles of one column of 20 million rows. The database serves
groups that are many: 1,000 of them, in ten columns of a million rows, took it half of the scan's time, which holds an
object for each column in each group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from adapters.data.base import DuckTable, quote_identifier
from tools import stats

if TYPE_CHECKING:
    from tools.stats import Batch, Correlation, NumberSummary

MAX_GROUPS = 200
"""Of more groups than these each column is summarized by itself, inside the database."""

ROWS_AT_ONCE = 1 << 17
"""A batch has no more, a sample has of all but the longest tables fewer."""
VALUES_AT_ONCE = 1 << 24
"""Of float64 numbers, 128 MB, so that a scan of 5,000 columns needs no more memory than one of 128."""

Summaries = dict[str, list["NumberSummary"]]
"""Of each column one summary, or one for each group, as text, missing last; without modes."""


def scan_numbers(
    table: DuckTable, names: Sequence[str], n_rows: int, by: str | None = None, ddof: int = 1
) -> Summaries:
    """Summaries of each column, by the values of `by` where it is given."""
    if not names:
        return {}
    groups = None if by is None else _few_groups(table, by)
    if by is not None and groups is None:
        group = quote_identifier(by)
        return {
            name: stats.summarize_numbers(table.fetch, quote_identifier(name), group, ddof, with_mode=False)
            for name in names
        }
    found: Summaries = {}
    for block in _blocks(names, n_rows):
        found |= _Scan(table, block, by, groups).run(n_rows, ddof)
    return found


def scan_correlations(
    table: DuckTable, names: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> Sequence[Correlation]:
    """Pearson's r of each pair of columns, by their places among the names, over the rows where both are present."""
    sample = list(table.stream(names, most=stats.sample_rows(table.count())))
    return stats.correlate_columns(len(names), pairs, sample, table.stream(names), table.stream(names))


def scan_distances(table: DuckTable, middles: Summaries, n_rows: int, by: str | None = None) -> Summaries | None:
    """Summaries of each column's distances from its median (in the group): their median is MAD; None of many groups."""
    groups = None if by is None else _few_groups(table, by)
    if by is not None and groups is None:
        return None
    found: Summaries = {}
    for block in _blocks(list(middles), n_rows):
        centers = [[line.median for line in middles[name]] for name in block]
        away = partial(stats.away_from, centers=centers, is_grouped=by is not None)
        found |= _Scan(table, block, by, groups, away).run(n_rows, 1)
    return found


def _blocks(names: Sequence[str], n_rows: int) -> Iterator[Sequence[str]]:
    """So many columns at once that a batch of their rows, or the sample, is not too large."""
    size = max(1, VALUES_AT_ONCE // max(1, min(n_rows, ROWS_AT_ONCE)))
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _few_groups(table: DuckTable, by: str) -> list[str | None] | None:
    """The groups' names, missing last; None where they are many."""
    rows = table.fetch(
        f"SELECT DISTINCT CAST({quote_identifier(by)} AS VARCHAR) AS g FROM data "
        f"ORDER BY g NULLS LAST LIMIT {MAX_GROUPS + 1}"
    )
    return None if len(rows) > MAX_GROUPS else [label for (label,) in rows]


@dataclass(frozen=True)
class _Scan:
    """What is read, and what becomes of each batch on the way."""

    table: DuckTable
    names: Sequence[str]
    by: str | None
    groups: Sequence[str | None] | None
    change: Callable[[Iterator[Batch]], Iterator[Batch]] = iter

    def run(self, n_rows: int, ddof: int) -> Summaries:
        sample = list(self._stream(stats.sample_rows(n_rows)))
        stream, again = self._stream(), self._stream()
        if self.groups is None:
            found = [[one] for one in stats.scan_columns(len(self.names), sample, stream, again, ddof)]
        else:
            found = stats.scan_groups(len(self.names), self.groups, sample, stream, again, ddof)
        return dict(zip(self.names, found, strict=True))

    def _stream(self, most: int | None = None) -> Iterator[Batch]:
        if self.by is None:
            return self.change(self.table.stream(self.names, most))
        known: Mapping[str, Sequence[str]] = {self.by: [name for name in self.groups or () if name is not None]}
        return self.change(self.table.stream([self.by, *self.names], most, known))
