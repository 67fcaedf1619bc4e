"""Where files may be read from: a path inside the allowed roots, an address, or what a front end was sent."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from adapters.data import remote
from adapters.data.base import Cancelled, DataError, RemoteRules, Watch
from adapters.data.disk_room import DiskRules, check_room
from adapters.data.remote.saving import file_name, save
from adapters.data.roots import hidden_part, is_root, real_path
from adapters.data.workplace import workplace
from adapters.opening import OpenError, is_plain_file, open_plain

TABLES = (".csv", ".tsv", ".parquet", ".json", ".jsonl", ".gz", ".zip")
"""Endings of files that are named when the wanted one is not there."""
COPY_BYTES = 1 << 22
MOST_NAMED = 10
UPLOAD = re.compile(r"upload:([0-9a-f]{16})/([^/]+)")


@dataclass(frozen=True)
class SourceFile:
    """A file to be read, and where it came from as that may be shown."""

    path: Path
    shown: str


class Sources:
    """One owner's ways to a file."""

    def __init__(self, folder: Path, roots: Sequence[Path], private: Path, rules: RemoteRules, disk: DiskRules) -> None:
        self._folder = folder
        # Settled once: a root that is turned into a link later opens nothing else.
        self._roots = settled(roots)
        self._private = private
        self._rules = rules
        self._disk = disk

    @contextmanager
    def open(self, source: str, watch: Watch) -> Iterator[SourceFile]:
        """The file that the source names: a copy that nobody else writes to, gone at the end, or an upload.

        Raises
        ------
        DataError
            If there is no such file, it may not be read, or it cannot be fetched.
        Cancelled
            The user stopped it.
        """
        if source.startswith("upload:"):
            path = self.upload(source)
            yield SourceFile(path, path.name)
            return
        with workplace(self._folder) as folder:
            if is_remote(source):
                check_room(self._folder, self._disk)
                # The query of a signed address is a key, and is not shown.
                shown = re.split(r"[?#]", source, maxsplit=1)[0]
                yield SourceFile(remote.fetch(source, folder, self._rules, watch), shown)
            elif not self._roots:
                outside = f"{source!r} is outside the folders that may be read"
                raise DataError(f"{outside}, and not among the files that were sent{self._sent()}")
            else:
                path, file = _open(source, self._roots, self._private)
                with file:
                    check_room(self._folder, self._disk, os.fstat(file.fileno()).st_size)
                    yield SourceFile(_copy(file, folder / path.name, watch), str(path))

    def receive(
        self, name: str, chunks: Iterable[bytes], watch: Watch, size_bytes: int = 0, key: str | None = None
    ) -> str:
        """Keep a file that a front end was sent; gives its source, `upload:…`; raises as a download does."""
        upload_id = secrets.token_hex(8) if key is None else hashlib.sha256(key.encode()).hexdigest()[:16]
        uploads, kept_as = self._folder / "uploads", file_name(name)
        source = f"upload:{upload_id}/{kept_as}"
        if is_plain_file(uploads / upload_id / kept_as):
            return source
        check_room(self._folder, self._disk, size_bytes)
        uploads.mkdir(parents=True, exist_ok=True, mode=0o700)
        with workplace(self._folder) as place:
            folder = place / upload_id
            folder.mkdir(mode=0o700)
            save(chunks, folder / kept_as, size_bytes or None, self._rules.max_bytes, watch)
            check_room(self._folder, self._disk)
            folder.replace(uploads / upload_id)
        return source

    def _sent(self) -> str:
        """The newest of the files that a front end was sent, by their sources."""
        found = sorted(self._folder.glob("uploads/*/*"), key=lambda path: path.parent.stat().st_mtime, reverse=True)
        sources = [f"upload:{path.parent.name}/{path.name}" for path in found[:MOST_NAMED]]
        return f": {', '.join(sources)}" if sources else "; none was sent yet"

    def upload(self, source: str) -> Path:
        """The file that was sent, by its source; DataError where there is none."""
        found = UPLOAD.fullmatch(source)
        path = None if found is None else self._folder / "uploads" / found[1] / file_name(found[2])
        if path is None or not is_plain_file(path):
            raise DataError(f"there is no upload {source[:80]!r}")
        return path


def is_remote(source: str) -> bool:
    """True for an address such as https://…, s3://… or runpod://…"""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", source) is not None


def settled(roots: Sequence[Path]) -> tuple[Path, ...]:
    """The folders that the roots lead to now, as far as they are any (`is_root`)."""
    return tuple(real_path(root) for root in roots if is_root(root))


def open_source(source: str, roots: Sequence[Path], private: Path) -> tuple[Path, BinaryIO]:
    """The real path of a local file that may be read, and the file, opened once; raises as `resolve_source` does."""
    return _open(source, settled(roots), private)


def _open(source: str, roots: Sequence[Path], private: Path) -> tuple[Path, BinaryIO]:
    path = _resolve(source, roots, private)
    try:
        file = open_plain(path)
    except FileNotFoundError as error:
        raise DataError(f"{source!r} went away while it was opened") from error
    except OpenError as error:
        raise DataError(f"{source!r} cannot be read: {error}") from error
    if _is_other_name(os.fstat(file.fileno()), private):
        file.close()
        raise DataError(f"{source!r} is another name of a file that is not yours to read here")
    return path, file


def _is_other_name(found: os.stat_result, private: Path) -> bool:
    """True for a hard link, a second name, of another user's file or of one in the private folder."""
    if found.st_nlink == 1:
        return False
    if found.st_uid != os.geteuid():
        return True
    inside = (path.lstat() for path in private.rglob("*"))
    return any((one.st_dev, one.st_ino) == (found.st_dev, found.st_ino) for one in inside)


def _copy(file: BinaryIO, path: Path, watch: Watch) -> Path:
    """What the descriptor gives as a file of our own: it stays as it is while it is read, checked and hashed."""
    try:
        with path.open("xb") as out:
            while chunk := file.read(COPY_BYTES):
                if watch.cancel.is_set():
                    raise Cancelled("stopped; nothing was loaded")
                out.write(chunk)
    except OSError as error:
        raise DataError(f"{path.name!r} cannot be read: {error.strerror}") from error
    return path


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
    return _resolve(source, settled(roots), private)


def _resolve(source: str, roots: Sequence[Path], private: Path) -> Path:
    if "\0" in source:
        raise DataError("the path holds a zero byte")
    try:
        path = real_path(Path(source).expanduser())
        if not any(_is_open(path, root) for root in roots) or path.is_relative_to(real_path(private)):
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
    return path.is_relative_to(root) and hidden_part(path.relative_to(root)) is None


def _near(path: Path) -> str:
    try:
        items = [item for item in path.parent.iterdir() if item.suffix in TABLES]
        names = sorted(item.name for item in items if not item.name.startswith("."))
    except OSError:
        return ""
    return f"; that folder holds {', '.join(names[:10])}" if names else ""
