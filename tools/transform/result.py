"""What transform gives: the new dataset, and what each step did."""

from __future__ import annotations

from adapters.data.base import StepDone
from tools.results import Fields, Result


class MadeColumn(Fields):
    """One column of the new dataset."""

    name: str
    type: str
    missing: int


class Made(Result):
    """The new dataset's name, rows and columns; `changed` says for each step what it did."""

    dataset: str
    rows: int
    changed: tuple[StepDone, ...]
    columns: tuple[MadeColumn, ...]
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
