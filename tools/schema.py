"""A dataset's columns as the schema rules take them."""

from __future__ import annotations

from adapters.records import Column, Dataset
from tools import ml
from tools.columns import find_column
from tools.errors import ToolError


def detect_in(dataset: Dataset, target: str | None) -> ml.Schema:
    """Target, task and features of a dataset; ToolError if nothing, or not this, can be predicted."""
    facts = [facts_of(column) for column in dataset.columns]
    named = None if target is None else find_column(dataset, target).name
    try:
        return ml.detect(facts, dataset.rows, named)
    except ValueError as error:
        raise ToolError(str(error)) from error


def facts_of(column: Column) -> ml.ColumnFacts:
    """A column as the rules take it."""
    return ml.ColumnFacts(column.name, column.type, column.missing, column.distinct)
