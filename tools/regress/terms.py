"""The terms of a regression: columns, powers and products from lists of names, never a formula string."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import mul
from typing import TYPE_CHECKING

from pydantic import Field

from adapters.records import Column, Dataset
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column
from tools.errors import ToolError
from tools.spec import Arguments

if TYPE_CHECKING:
    from tools.ml import FeatureKind
    from tools.stats import Floats, Long

MAX_LEVELS = 50
MAX_TERMS = 200


class Interaction(Arguments):
    """Columns whose product is a term of its own."""

    columns: list[str] = Field(description="Two or more of the features.", min_length=2, max_length=4)


class Power(Arguments):
    """A power of a column of numbers as a term of its own."""

    column: str = Field(description="One of the features, with numbers.")
    power: int = Field(description="2 for the square, and so on.", ge=2, le=10)


@dataclass(frozen=True)
class Grammar:
    """The features, and what is made of them."""

    features: Sequence[Column]
    interactions: Sequence[Interaction]
    powers: Sequence[Power]
    kinds: Mapping[str, FeatureKind]
    """Of each feature, by its name."""

    def is_category(self, column: Column) -> bool:
        """Whether the column's values each make a term."""
        return self.kinds.get(column.name) in ("category", "boolean")


Batch = Mapping[str, "Floats"]
"""Columns of some rows: numbers, or the places of categories among their levels; each of shape (n,)."""
Make = Callable[[Batch], "Long"]


@dataclass(frozen=True)
class Terms:
    """The names of all terms, how each is made of the columns, and the value that each category is compared with.

    `single` are the categories that have one value in these rows, and so make no term.
    """

    names: list[str]
    makers: list[Make]
    reference: dict[str, str]
    single: Sequence[str]

    def values(self, batch: Batch) -> Long:
        """The terms of these rows, shape (n, k)."""
        return stats.as_columns([make(batch) for make in self.makers])


def check_named(grammar: Grammar, dataset: Dataset) -> None:
    """ToolError where a feature can be no term, a power or product names no feature, or a power one without numbers."""
    for column in grammar.features:
        if grammar.kinds[column.name] == "date":
            raise ToolError(
                f"{column.name!r} holds {column.type}: name it in categories, or derive a number from it by transform"
            )
    names = {column.name for column in grammar.features}
    wanted = [name for interaction in grammar.interactions for name in interaction.columns]
    wanted += [power.column for power in grammar.powers]
    for name in wanted:
        column = find_column(dataset, name)
        if column.name not in names:
            raise ToolError(f"{name!r} stands in a product or power: name it among the features too")
    for power in grammar.powers:
        column = find_column(dataset, power.column)
        if column.type not in NUMERIC or grammar.is_category(column):
            raise ToolError(f"powers: {power.column!r} holds no numbers to raise")


def make_terms(grammar: Grammar, levels: Mapping[str, Sequence[str]]) -> Terms:
    """Each number a term, each of a category's levels but the first one; then powers, then products."""
    parts: dict[str, list[tuple[str, Make]]] = {}
    reference: dict[str, str] = {}
    for column in grammar.features:
        if grammar.is_category(column):
            first, *others = levels[column.name]
            reference[column.name] = first[:64]
            parts[column.name] = [
                (f"{column.name}[{one_line(level, 32)}]", _is_level(column.name, place))
                for place, level in enumerate(others, start=1)
            ]
        else:
            parts[column.name] = [(column.name, _number(column.name))]
    chosen = [term for column in grammar.features for term in parts[column.name]]
    by_name = {name.casefold(): terms for name, terms in parts.items()}  # as find_column forgives case
    for power in grammar.powers:
        name, make = by_name[power.column.casefold()][0]
        chosen.append((f"{name}^{power.power}", _power(make, power.power)))
    for interaction in grammar.interactions:
        for combination in product(*(by_name[name.casefold()] for name in interaction.columns)):
            label = ":".join(name for name, _ in combination)
            chosen.append((label, _product([make for _, make in combination])))
    single = [name for name, terms in parts.items() if not terms]
    if not chosen and single:
        raise ToolError(f"{single[0]!r} has a single value in the rows without missing values: it explains nothing")
    if not chosen or len(chosen) > MAX_TERMS:
        raise ToolError(f"the features make {len(chosen)} terms; there may be 1 to {MAX_TERMS}")
    return Terms([name for name, _ in chosen], [make for _, make in chosen], reference, single)


def _number(name: str) -> Make:
    return lambda batch: batch[name]


def _is_level(name: str, place: int) -> Make:
    return lambda batch: (batch[name] == place).astype("float64")


def _power(make: Make, power: int) -> Make:
    return lambda batch: stats.power_of(make(batch), power)


def _product(makers: Sequence[Make]) -> Make:
    return lambda batch: reduce(mul, (make(batch) for make in makers))
