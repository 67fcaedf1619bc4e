"""What each feature is, a number or a category: one default for regress and for training, and what the person says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adapters.records import Column, Dataset
from tools import ml
from tools.columns import NUMERIC, find_column
from tools.errors import ToolError
from tools.schema import facts_of
from tools.warned import Warned, Warns

if TYPE_CHECKING:
    from tools.ml import FeatureKind

CATEGORIES = "Features whose numbers are codes, such as 1, 2, 3 for regions: each value stands for itself."
NUMBERS = "Features read as numbers, as whole numbers and fractions are anyway; true is then 1 and false 0."


class KindWarns(Warns):
    """What is to be said of how a feature is read."""

    MAY_BE_CODES = (
        "{name!r} has {n} different whole numbers and is read as a number; if they are codes, name it in categories"
    )


def choose_kinds(
    features: Sequence[Column], categories: Sequence[str] | None, numbers: Sequence[str] | None, dataset: Dataset
) -> Mapping[str, FeatureKind]:
    """The kind of each feature by its name: what `categories` and `numbers` say, else what its type usually is.

    Raises
    ------
    ToolError
        If they name no feature, one of them both, or `numbers` a column that holds none.
    """
    said = {"categories": _named(categories, dataset), "numbers": _named(numbers, dataset)}
    names = {column.name for column in features}
    for argument, columns in said.items():
        for column in columns:
            if column.name not in names:
                raise ToolError(f"{argument}: {column.name!r} is no feature: name it among the features too")
    coded, read = ({column.name for column in columns} for columns in said.values())
    if both := sorted(coded & read):
        raise ToolError(f"{both[0]!r} stands in categories and in numbers: it can be one of them")
    for column in said["numbers"]:
        if column.type not in (*NUMERIC, "boolean"):
            raise ToolError(f"numbers: {column.name!r} holds {column.type}; derive a number from it by transform")
    kinds: dict[str, FeatureKind] = {column.name: ml.usual_kind(column.type) for column in features}
    return kinds | dict.fromkeys(coded, "category") | dict.fromkeys(read, "number")


def warn_of_codes(kinds: Mapping[str, FeatureKind], said: Sequence[str], dataset: Dataset) -> list[Warned]:
    """A warning for each feature that is read as a number and may well be codes.

    `said` are the columns of which the person has said that they are numbers, by name or by asking for a power of them.
    """
    sure = {column.name for column in _named(said, dataset)}
    return [
        KindWarns.MAY_BE_CODES(name=column.name, n=column.distinct)
        for column in dataset.columns
        if kinds.get(column.name) == "number"
        and column.name not in sure
        and ml.may_be_codes(facts_of(column), dataset.rows)
    ]


def _named(names: Sequence[str] | None, dataset: Dataset) -> list[Column]:
    return [find_column(dataset, name) for name in names or ()]
