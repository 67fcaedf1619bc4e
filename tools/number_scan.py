"""Summaries of many columns of numbers in one scan of a table, whole or by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.data.base import Table, quote_identifier
from tools import stats

if TYPE_CHECKING:
    from tools.stats import NumberSummary

MAX_GROUPS = 200
"""Of more groups than these each column is summarized by itself, inside the database."""


def scan_numbers(
    table: Table, names: Sequence[str], n_rows: int, by: str | None = None, ddof: int = 1
) -> dict[str, list[NumberSummary]]:
    """Summaries (without modes) of each column: one, or one for each value of `by`, as text, missing last."""
    if not names:
        return {}
    most = stats.sample_rows(n_rows)
    if by is None:
        sample = list(table.stream(names, most))
        found = stats.scan_columns(len(names), sample, table.stream(names), table.stream(names), ddof)
        return {name: [summary] for name, summary in zip(names, found, strict=True)}
    group = quote_identifier(by)
    rows = table.fetch(
        f"SELECT DISTINCT CAST({group} AS VARCHAR) AS g FROM data ORDER BY g NULLS LAST LIMIT {MAX_GROUPS + 1}"
    )
    if len(rows) > MAX_GROUPS:
        return {
            name: stats.summarize_numbers(table.fetch, quote_identifier(name), group, ddof, with_mode=False)
            for name in names
        }
    labels = [None if label is None else str(label) for (label,) in rows]
    known = [label for label in labels if label is not None]
    listed, places = [by, *names], {by: known}
    sample = list(table.stream(listed, most, places))
    stream, again = table.stream(listed, labels=places), table.stream(listed, labels=places)
    grouped = stats.scan_groups(len(names), labels, sample, stream, again, ddof)
    return dict(zip(names, grouped, strict=True))
