"""What the planner knows of the table that a sentence is about, and of the values in it that were looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agent.offline.naming import words_of

FEW_VALUES = 2


@dataclass(frozen=True)
class ColumnKind:
    """The type of a column as load_dataset gives it, how many distinct values it has, and in how many rows."""

    type: str
    distinct: int
    rows: int

    @property
    def repeats(self) -> bool:
        """Whether its values make groups of two rows and more: text, or whole numbers that come again and again."""
        return self.type not in ("number", "integer") or (self.type == "integer" and 2 * self.distinct <= self.rows)


@dataclass(frozen=True)
class KnownTable:
    """A dataset's name and columns, all datasets' names, and the names that models were given.

    `values` maps the words that were looked up to the (column, value) pairs that they can mean; None before a look.
    """

    dataset: str | None = None
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    datasets: Sequence[str] = ()
    models: Sequence[str] = ()
    values: Mapping[str, Sequence[tuple[str, str]]] | None = None

    @cached_property
    def words(self) -> dict[str, list[str]]:
        """Each column's name as words."""
        return {column: words_of(column) for column in self.kinds}

    def is_number(self, column: str) -> bool:
        """Whether it holds numbers."""
        return self.kinds[column].type in ("integer", "number")

    def is_date(self, column: str) -> bool:
        """Whether it holds days or moments."""
        return self.kinds[column].type in ("date", "datetime")

    def is_category(self, column: str) -> bool:
        """Whether its values make groups by their kind: text, yes and no, or numbers that are two codes."""
        kind = self.kinds[column]
        return kind.type in ("text", "boolean") or (kind.type == "integer" and kind.distinct <= FEW_VALUES)
