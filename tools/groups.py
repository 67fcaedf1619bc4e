"""Groups by the values of one column, or by each combination of several columns' values that occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.data.base import DuckTable, label_parts
from adapters.records import Column, Dataset
from tools.columns import find_columns
from tools.errors import ToolError
from tools.missing_group import MISSING

MAX_LABEL = 64


@dataclass(frozen=True)
class Groups:
    """The columns whose values make the groups, at least one."""

    columns: Sequence[Column]

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [column.name for column in self.columns]

    @property
    def named(self) -> str | tuple[str, ...]:
        """The name, or the names of several."""
        return self.names[0] if len(self.columns) == 1 else tuple(self.names)

    def column_in(self, table: DuckTable) -> str:
        """The name of the column of `data` that holds the groups; one is made of several."""
        return self.names[0] if len(self.columns) == 1 else table.label(self.names)

    def shown(self, label: str | None) -> dict[str, Any]:
        """A group's label, null where missing; of several columns their `group_values` beside it."""
        if len(self.columns) == 1:
            return {"group": None if label is None else label[:MAX_LABEL]}
        parts = [None if part is None else part[:MAX_LABEL] for part in label_parts(str(label))]
        return {"group": ", ".join(MISSING if part is None else part for part in parts), "group_values": tuple(parts)}

    def refuse(self, others: Sequence[Column], why: str) -> None:
        """ToolError, that names the column, where one of the groups' is among the others."""
        for column in self.columns:
            if column in others:
                raise ToolError(f"by: {column.name!r} {why}")


def find_groups(dataset: Dataset, by: str | list[str] | None) -> Groups | None:
    """The groups' columns as they are asked for: a name, names with commas between them, or a list; None for None."""
    return None if by is None else Groups(find_columns(dataset, by))
