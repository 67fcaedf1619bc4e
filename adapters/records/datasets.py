"""Loaded tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.records.json_values import Json
from adapters.records.warned import Warned


@dataclass(frozen=True)
class Column:
    """One column as the load's single scan saw it.

    `type` is integer, number, boolean, date, datetime, time or text; `example` is the first value that is not
    missing, as text of at most 64 characters; `description` is what the file says of the column below its name.
    """

    name: str
    type: str
    missing: int
    distinct: int
    example: str | None
    description: str | None = None


@dataclass(frozen=True)
class Dataset:
    """A loaded table: one native DuckDB file that holds one table `data`.

    `recipe` says how it was made from other datasets, so that it can be made again; None where it came from a file.
    """

    dataset_id: str
    owner_id: str
    name: str
    path: Path
    rows: int
    columns: tuple[Column, ...]
    source: str
    sha256: str
    size_bytes: int
    warned: tuple[Warned, ...]
    created_at: datetime
    recipe: Json | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is warned of, in words."""
        return tuple(one.words for one in self.warned)


@dataclass(frozen=True)
class Added:
    """What became of a new dataset.

    Attributes
    ----------
    dataset : Dataset
        The one that its name stands for now: an earlier one where that holds the same.
    earlier : Dataset or None
        What the name stood for until now, if that was something else.
    gone : tuple of Dataset
        Datasets that no name stands for any more, anywhere; their files are to be removed.
    """

    dataset: Dataset
    earlier: Dataset | None
    gone: tuple[Dataset, ...]
