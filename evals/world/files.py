"""Files that a test makes, and the datasets that they become."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from adapters.data.base import Watch
from adapters.data.duck import DuckData
from adapters.records import Dataset
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.home import DATABASE, used_home

Load = Callable[[str, bytes], Dataset]
"""Writes a file of that name and content where it may be read, and loads it."""


def watch() -> Watch:
    """Nobody looks at the progress, and nobody stops."""
    return Watch(cancel=threading.Event(), progress=lambda sentence, fraction: None)


def data_in(folder: Path) -> DuckData:
    """Ann's datasets in `folder`/home, loaded from files in `folder`."""
    home = used_home(folder / "home")
    return DuckData(DatasetTable(open_sqlite(home / DATABASE)), "ann", home, [folder], lambda: datetime.now(UTC))


def stored_files(home: Path) -> list[str]:
    """The endings of all files that datasets have left in the program's folder."""
    return sorted(path.suffix for path in (home / "data").rglob("*") if path.is_file())
