"""Files that a test makes, and the datasets that they become."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from adapters.data.base import Watch
from adapters.records import Dataset

Load = Callable[[str, bytes], Dataset]
"""Writes a file of that name and content where it may be read, and loads it."""


def watch() -> Watch:
    """Nobody looks at the progress, and nobody stops."""
    return Watch(cancel=threading.Event(), progress=lambda sentence, fraction: None)


def stored_files(home: Path) -> list[str]:
    """The endings of all files that datasets have left in the program's folder."""
    return sorted(path.suffix for path in (home / "data").rglob("*") if path.is_file())
