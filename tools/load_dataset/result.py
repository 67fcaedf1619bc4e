"""What load_dataset gives: the dataset as its single scan saw it."""

from __future__ import annotations

from tools.results import Fields, Result


class LoadedColumn(Fields):
    """One column: its type, what is missing, how many values differ, and the first value as text.

    `description` is what the file says of the column, where it does.
    """

    name: str
    type: str
    missing: int
    distinct: int
    example: str | None
    description: str | None = None


class Loaded(Result):
    """The dataset's name, rows and columns, and what was changed or is doubtful."""

    dataset: str
    rows: int
    columns: tuple[LoadedColumn, ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
