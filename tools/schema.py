"""A dataset's columns as the schema rules take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.data.base import Data, quote_identifier
from adapters.records import Column, Dataset
from tools import ml
from tools.columns import find_column
from tools.errors import ToolError

COLUMNS_AT_ONCE = 200

Levels = Mapping[str, Sequence[str]]
"""The different values of columns of few words, by the column's name."""


def detect_in(dataset: Dataset, target: str | None, levels: Levels | None = None) -> ml.Schema:
    """Target, task and features of a dataset; ToolError if nothing, or not this, can be predicted."""
    facts = [facts_of(column, (levels or {}).get(column.name, ())) for column in dataset.columns]
    named = None if target is None else find_column(dataset, target).name
    try:
        return ml.detect(facts, dataset.rows, named)
    except ValueError as error:
        raise ToolError(str(error)) from error


def levels_in(data: Data, dataset: Dataset) -> Levels:
    """The values of the columns of so few words that they may have an order, read from the table."""
    few = [one.name for one in dataset.columns if one.type == "text" and 2 < one.distinct <= ml.MAX_LEVELS]
    found: dict[str, Sequence[str]] = {}
    if not few:
        return found
    with data.open(dataset.name) as table:
        for start in range(0, len(few), COLUMNS_AT_ONCE):
            names = few[start : start + COLUMNS_AT_ONCE]
            lists = ", ".join(f"list(DISTINCT {quote_identifier(name)})" for name in names)
            row = table.fetch(f"SELECT {lists} FROM data")[0]  # noqa: S608 - names are quoted
            found |= dict(zip(names, row, strict=True))
    return found


def facts_of(column: Column, levels: Sequence[str] = ()) -> ml.ColumnFacts:
    """A column as the rules take it."""
    return ml.ColumnFacts(column.name, column.type, column.missing, column.distinct, tuple(levels))
