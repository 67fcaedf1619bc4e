"""What a first start makes of no database at all."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from adapters.store.database import open_sqlite


@functools.cache
def first_database() -> bytes:
    """The SQLite file after every step of the migrations, without a row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "first.db"
        open_sqlite(path).close()
        return path.read_bytes()


def used_database(path: Path) -> Path:
    """`path`, where that file is now; the steps take most of the time of a short test."""
    path.touch(0o600)
    path.write_bytes(first_database())
    return path
