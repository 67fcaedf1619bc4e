"""An expression that Claude or a person wrote looks at the rows of a stored table: in a child process, never here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.data.base import Watch
from adapters.data.child import ChildLimits, ask_child

BYTES_A_SECOND = 20_000_000
"""A second more than the limits say for each 20 MB of the stored table."""


@dataclass(frozen=True)
class StoredRows:
    """A DuckDB file with a table `data`, and the columns that an expression may name."""

    path: Path
    columns: Sequence[str]


def keep_rows_where(stored: StoredRows, where: str, part: Path, watch: Watch, limits: ChildLimits) -> None:
    """Write `_row` and the columns of the rows for which `where` is true as the table `data` of the new file `part`.

    Raises
    ------
    DataError
        If `where` is refused, does not fit the columns' types, or takes more than the limits.
    Cancelled
        The user stopped it; the child is gone.
    """
    _ask(stored, {"what": "where: ", "where": where, "derive": None}, part, watch, limits)


def keep_derived(stored: StoredRows, expression: str, part: Path, watch: Watch, limits: ChildLimits) -> None:
    """Write the values of an expression as the column `found` of `data` in the new file `part`; raises likewise."""
    _ask(stored, {"what": "expression: ", "where": None, "derive": expression}, part, watch, limits)


def _ask(stored: StoredRows, asked: dict[str, str | None], part: Path, watch: Watch, limits: ChildLimits) -> None:
    request = {"path": str(stored.path), "columns": list(stored.columns), "part": str(part), **asked}
    # The rows are read, and many are written: that takes its time where there are many.
    seconds = limits.seconds + stored.path.stat().st_size // BYTES_A_SECOND
    ask_child("expression_worker", request, part.parent, replace(limits, seconds=seconds), watch)
