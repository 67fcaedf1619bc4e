"""Where files may be read from: a path inside the allowed roots, and nothing hidden."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from adapters.data.base import DataError

TABLES = (".csv", ".tsv", ".parquet", ".json", ".jsonl", ".gz", ".zip")
"""Endings of files that are named when the wanted one is not there."""


def resolve_source(source: str, roots: Sequence[Path], private: Path) -> Path:
    """The real path of a local file that may be read.

    Parameters
    ----------
    source : str
        A path as the user wrote it; `~` and relative paths are understood.
    roots : sequence of Path
        Folders that files may be read from; links are followed first.
    private : Path
        The program's own folder: nothing in it is anybody's source, it holds every user's files.

    Raises
    ------
    DataError
        If there is no such file, it is no regular file, or it is outside the roots, hidden or private.
    """
    if "\0" in source:
        raise DataError("the path holds a zero byte")
    if "://" in source:
        raise DataError(f"{source!r} is an address; only local paths can be loaded so far")
    try:
        path = Path(source).expanduser().resolve()
        if not any(_is_open(path, root.resolve()) for root in roots) or path.is_relative_to(private.resolve()):
            allowed = ", ".join(str(root) for root in roots)
            raise DataError(f"{source!r} is outside the folders that may be read ({allowed}), or hidden in one")
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise DataError(f"there is no file {source!r}{_near(Path(source).expanduser())}") from error
    except (OSError, RuntimeError) as error:
        raise DataError(f"{source!r} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if stat.S_ISDIR(mode):
        raise DataError(f"{source!r} is a folder; name one file in it{_near(path / 'data.csv')}")
    if not stat.S_ISREG(mode):
        raise DataError(f"{source!r} is no regular file")
    return path


def _is_open(path: Path, root: Path) -> bool:
    """Inside the root, with no hidden part below it: keys and histories live in hidden files."""
    return path.is_relative_to(root) and not any(part.startswith(".") for part in path.relative_to(root).parts)


def _near(path: Path) -> str:
    try:
        names = sorted(item.name for item in path.parent.iterdir() if item.suffix in TABLES)
    except OSError:
        return ""
    return f"; that folder holds {', '.join(names[:10])}" if names else ""
