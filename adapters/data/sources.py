"""Where files may be read from: a path inside the allowed roots, an address, or what a front end was sent."""

from __future__ import annotations

import re
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.data import remote
from adapters.data.base import DataError, RemoteRules, Watch
from adapters.data.remote.saving import file_name, save
from adapters.data.roots import hidden_part, is_root, real_path

TABLES = (".csv", ".tsv", ".parquet", ".json", ".jsonl", ".gz", ".zip")
"""Endings of files that are named when the wanted one is not there."""


UPLOAD = re.compile(r"upload:([0-9a-f]{16})/([^/]+)")


class Sources:
    """One owner's ways to a file."""

    def __init__(self, folder: Path, roots: Sequence[Path], private: Path, rules: RemoteRules) -> None:
        self._folder = folder
        self._roots = roots
        self._private = private
        self._rules = rules

    @contextmanager
    def open(self, source: str, watch: Watch) -> Iterator[Path]:
        """The file that the source names; one that was fetched is gone at the end.

        Raises
        ------
        DataError
            If there is no such file, it may not be read, or it cannot be fetched.
        Cancelled
            The user stopped it.
        """
        if is_remote(source):
            folder = self._folder / f"{secrets.token_hex(8)}.fetched"
            folder.mkdir(parents=True, mode=0o700)
            try:
                yield remote.fetch(source, folder, self._rules, watch)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        elif source.startswith("upload:"):
            yield self._find_upload(source)
        else:
            yield resolve_source(source, self._roots, self._private)

    def receive(self, name: str, chunks: Iterable[bytes], watch: Watch) -> str:
        """Keep a file that a front end was sent; gives its source, `upload:…`; raises as a download does."""
        upload_id = secrets.token_hex(8)
        folder = self._folder / "uploads" / upload_id
        folder.mkdir(parents=True, mode=0o700)
        path = folder / file_name(name)
        try:
            save(chunks, path, None, self._rules.max_bytes, watch)
        except BaseException:
            shutil.rmtree(folder)
            raise
        return f"upload:{upload_id}/{path.name}"

    def _find_upload(self, source: str) -> Path:
        found = UPLOAD.fullmatch(source)
        path = None if found is None else self._folder / "uploads" / found[1] / file_name(found[2])
        if path is None or not path.is_file():
            raise DataError(f"there is no upload {source[:80]!r}")
        return path


def is_remote(source: str) -> bool:
    """True for an address such as https://…, s3://… or runpod://…"""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def shown_source(source: str, path: Path) -> str:
    """Where a dataset came from, as it may be shown: the query of a signed address is a key, and is left out."""
    if is_remote(source):
        return re.split(r"[?#]", source, maxsplit=1)[0]
    return path.name if source.startswith("upload:") else str(path)


def resolve_source(source: str, roots: Sequence[Path], private: Path) -> Path:
    """The real path of a local file that may be read.

    Parameters
    ----------
    source : str
        A path as the user wrote it; `~` and relative paths are understood.
    roots : sequence of Path
        Folders that files may be read from; links are followed first, and the whole machine is none (`is_root`).
    private : Path
        The program's own folder: nothing in it is anybody's source, it holds every user's files.

    Raises
    ------
    DataError
        If there is no such file, it is no regular file, or it is outside the roots, hidden or private.
    """
    if "\0" in source:
        raise DataError("the path holds a zero byte")
    try:
        path = real_path(Path(source).expanduser())
        open_roots = [root for root in roots if is_root(root)]
        if not any(_is_open(path, real_path(root)) for root in open_roots) or path.is_relative_to(real_path(private)):
            allowed = ", ".join(str(root) for root in open_roots)
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
    return path.is_relative_to(root) and hidden_part(path.relative_to(root)) is None


def _near(path: Path) -> str:
    try:
        items = [item for item in path.parent.iterdir() if item.suffix in TABLES]
        names = sorted(item.name for item in items if not item.name.startswith("."))
    except OSError:
        return ""
    return f"; that folder holds {', '.join(names[:10])}" if names else ""
