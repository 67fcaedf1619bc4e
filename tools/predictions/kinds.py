"""The types of a table's columns beside what the features were in training: looked at before anything is predicted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from adapters.data.base import quote_identifier
from adapters.records import Column, Dataset
from tools import ml
from tools.errors import ToolError
from tools.ml.wrong_kinds import LONGEST, WrongKind, WrongKindsError
from tools.number_range import check_range
from tools.predictions.result import WrongType

if TYPE_CHECKING:
    from adapters.data.base import DuckTable
    from tools.ml.metadata import Metadata, SeenFeature

NUMERIC = ("integer", "number")
READ = {"number": "TRY_CAST({0} AS DOUBLE)", "date": "TRY_CAST({0} AS TIMESTAMP)"}
"""A value as what it was in training; null where it cannot be read so."""
IS_TRUTH = "CASE WHEN TRY_CAST({0} AS DOUBLE) IN (0, 1) THEN 1 END"


def check_kinds(table: DuckTable, metadata: Metadata) -> None:
    """Every column whose values cannot be taken as in training, with how many, at once.

    Raises
    ------
    WrongKindsError
        If there is one.
    ValueError
        If a number is larger than a model takes.
    """
    columns = {column.name: column for column in table.dataset.columns}
    features = [one for one in metadata.features if one.name in columns and _is_wrong(one, columns[one.name].type)]
    wrong = [found for one in features if (found := _look(table, one, columns[one.name])) is not None]
    if wrong:
        raise WrongKindsError(wrong)
    check_range(table, [one.name for one in metadata.features if one.kind == "number"])


def _is_wrong(feature: SeenFeature, column_type: str) -> bool:
    """Whether the type is another one than the feature's; numbers may be truth values, by 0 and 1."""
    fitting = {"number": (*NUMERIC, "boolean"), "boolean": ("boolean",), "date": ("date", "datetime")}
    return feature.kind in fitting and column_type not in fitting[feature.kind]


def _look(table: DuckTable, feature: SeenFeature, column: Column) -> WrongKind | None:
    name = quote_identifier(column.name)
    # A number is no date and a date no number: what a cast would make of them is not what training saw.
    is_castable = column.type == "text" or feature.kind == "boolean"
    read = "NULL" if not is_castable else READ.get(feature.kind, IS_TRUTH).format(name)
    ((n, unreadable, first, any_value),) = table.fetch(
        f"SELECT count({name}), count(*) FILTER (WHERE {name} IS NOT NULL AND {read} IS NULL), "  # noqa: S608 - quoted
        f"arg_min(CAST({name} AS VARCHAR), _row) FILTER (WHERE {name} IS NOT NULL AND {read} IS NULL), "
        f"arg_min(CAST({name} AS VARCHAR), _row) FILTER (WHERE {name} IS NOT NULL) FROM data"
    )
    is_all_truths = feature.kind == "boolean" and column.type in NUMERIC and not unreadable
    if not n or is_all_truths:
        return None
    example = str(first if unreadable else any_value)[:LONGEST]
    return WrongKind(feature.name, feature.kind, column.type, int(n), int(unreadable), example)


def misfit_error(error: ValueError) -> ToolError:
    """As what the call is refused: with the columns of another type as fields too."""
    if not isinstance(error, WrongKindsError):
        return ToolError(str(error))
    return ToolError(str(error), {"wrong_types": [one.as_json() for one in wrong_types(error.wrong)]})


def wrong_types(wrong: tuple[WrongKind, ...]) -> tuple[WrongType, ...]:
    """As fields of a result or a refusal."""
    return tuple(
        WrongType(
            feature=one.feature,
            expected=one.expected,
            found=one.found,
            n=one.n,
            unreadable=one.unreadable,
            example=one.example,
        )
        for one in wrong
    )


def taken_otherwise(metadata: Metadata, dataset: Dataset, odd: Mapping[str, ml.Odd]) -> tuple[WrongKind, ...]:
    """Columns of another type that are taken all the same: truth values as 1 and 0, anything as words.

    Of words `unreadable` are the rows whose value training never saw; a column in which it saw them all is not wrong.
    """
    columns = {column.name: column for column in dataset.columns}
    found = []
    for feature in metadata.features:
        column, one = columns.get(feature.name), odd.get(feature.name, ml.Odd())
        if column is None or not _is_taken_otherwise(feature, column.type, one):
            continue
        example = (one.shown[0] if one.shown else column.example or "")[:LONGEST]
        n = dataset.rows - column.missing
        found.append(WrongKind(feature.name, feature.kind, column.type, n, one.unseen, example))
    return tuple(found)


def _is_taken_otherwise(feature: SeenFeature, column_type: str, odd: ml.Odd) -> bool:
    if feature.kind == "number":
        return column_type == "boolean"
    if feature.kind != "category" or not odd.unseen or not feature.values:
        return False
    were_numbers = all(map(_is_number, feature.values))
    return were_numbers != (column_type in NUMERIC)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
