"""One owner's datasets in a temporary home, and a way to load a file that a test makes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.data.base import LoadOptions
from adapters.data.duck import DuckData
from adapters.records import Dataset
from adapters.store.database import open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.files import Load, watch
from evals.world.home import DATABASE, used_home


@pytest.fixture
def data(tmp_path: Path) -> DuckData:
    files = tmp_path / "files"
    files.mkdir()
    rows = DatasetTable(open_sqlite(used_home(tmp_path / "home") / DATABASE))
    return DuckData(rows, "ann", tmp_path / "home", [files], lambda: datetime.now(UTC))


@pytest.fixture
def load(data: DuckData, tmp_path: Path) -> Load:
    def write_and_load(name: str, content: bytes) -> Dataset:
        path = tmp_path / "files" / name
        path.write_bytes(content)
        return data.load(str(path), None, LoadOptions(), watch())

    return write_and_load
