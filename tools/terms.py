"""The terms of a regression: columns, powers and products from lists of names, never a formula string."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import mul
from typing import TYPE_CHECKING

from pydantic import Field

from adapters.records import Column, Dataset, JsonValue
from prompts.visible import one_line
from tools import stats
from tools.columns import NUMERIC, find_column, natural_order
from tools.errors import ToolError
from tools.spec import Arguments

if TYPE_CHECKING:
    import pandas as pd

    from tools.stats import Long

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
    coded: frozenset[str] = frozenset()
    """Names of features with numbers that stand for categories."""

    def is_category(self, column: Column) -> bool:
        """Whether the column's values each make a term."""
        return column.type in ("text", "boolean") or column.name in self.coded


@dataclass(frozen=True)
class Terms:
    """Names and values of all terms (shape (n, k)), and the value that each category is compared with."""

    names: list[str]
    values: Long
    reference: dict[str, JsonValue]


def check_named(grammar: Grammar, dataset: Dataset) -> None:
    """ToolError where a power or product names a column that is no feature, or a power one without numbers."""
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


def make_terms(grammar: Grammar, frame: pd.DataFrame) -> Terms:
    """Each number a term, each value of a category but the first one; then powers, then products."""
    parts: dict[str, list[tuple[str, Long]]] = {}
    reference: dict[str, JsonValue] = {}
    for column in grammar.features:
        if column.type in NUMERIC and not grammar.is_category(column):
            parts[column.name] = [(column.name, frame[column.name].to_numpy(dtype="float64"))]
            continue
        if not grammar.is_category(column):
            raise ToolError(
                f"{column.name!r} holds {column.type}: name it in categories, or derive a number from it by transform"
            )
        words = frame[column.name].astype(str)
        levels = sorted(words.unique(), key=natural_order)
        if len(levels) > MAX_LEVELS:
            raise ToolError(f"{column.name!r} has {len(levels)} values; a category may have {MAX_LEVELS}")
        reference[column.name] = levels[0][:64]
        parts[column.name] = [
            (f"{column.name}[{one_line(level, 32)}]", (words == level).to_numpy(dtype="float64"))
            for level in levels[1:]
        ]
    chosen = [term for column in grammar.features for term in parts[column.name]]
    by_name = {name.casefold(): terms for name, terms in parts.items()}  # as find_column forgives case
    for power in grammar.powers:
        name, values = by_name[power.column.casefold()][0]
        chosen.append((f"{name}^{power.power}", stats.power_of(values, power.power)))
    for interaction in grammar.interactions:
        for combination in product(*(by_name[name.casefold()] for name in interaction.columns)):
            label = ":".join(name for name, _ in combination)
            chosen.append((label, reduce(mul, (values for _, values in combination))))
    if not chosen or len(chosen) > MAX_TERMS:
        raise ToolError(f"the features make {len(chosen)} terms; there may be 1 to {MAX_TERMS}")
    return Terms([name for name, _ in chosen], stats.as_columns([values for _, values in chosen]), reference)
