"""A packed file becomes the one file in it; what would swell without measure is refused while it does."""

from __future__ import annotations

import gzip
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from adapters.data.base import Cancelled, DataError, Watch

CHUNK_BYTES = 1 << 20
MAX_UNPACKED_BYTES = 50 * 2**30
FREE_BYTES = 100 * 2**20
MAX_RATIO = 200
"""Beyond 100 MiB a file may be at most 200 times its packed size: tables pack 3 to 50 fold, bombs 1000 fold."""
MAX_SHOWN = 10


@contextmanager
def unpacked(path: Path, beside: Path, watch: Watch) -> Iterator[Path]:
    """The file itself, or what is in it when it is a gzip file or a zip file of one file, for as long as needed.

    Parameters
    ----------
    beside : Path
        The folder for the unpacked copy; it is removed at the end.

    Raises
    ------
    DataError
        If a zip holds several files or a book of sheets, is locked or damaged, or unpacks to far more than its size.
    Cancelled
        The user stopped it.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    is_gzip, is_zip = magic[:2] == b"\x1f\x8b", magic == b"PK\x03\x04"
    if not (is_gzip or is_zip) or (is_zip and _is_office(path)):
        yield path
        return
    # In a folder of its own, so that it keeps the name that errors tell the user.
    folder = beside / f"{secrets.token_hex(8)}.part"
    folder.mkdir(mode=0o700)
    copy = folder / path.name
    try:
        _unpack(path, is_gzip, copy, watch)
        yield copy
    finally:
        shutil.rmtree(folder)


def _unpack(path: Path, is_gzip: bool, copy: Path, watch: Watch) -> None:
    try:
        if is_gzip:
            with gzip.open(path) as packed:
                _copy(packed, copy, path, watch)
        else:
            with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path.name)) as member:
                _copy(member, copy, path, watch)
    # zipfile raises RuntimeError for a locked file and NotImplementedError for a way of packing that it does not know.
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path.name!r} cannot be unpacked: {error}") from error


def swelling_limit(path: Path) -> int:
    """To how many bytes the packed file may unpack."""
    return min(MAX_UNPACKED_BYTES, max(FREE_BYTES, MAX_RATIO * path.stat().st_size))


def table_name(path: Path) -> str:
    """What the table in a file is called: sales for sales.csv, sales.csv.gz and sales.zip."""
    inner = path.with_suffix("") if path.suffix.lower() in (".gz", ".zip") else path
    return inner.stem


def _is_office(path: Path) -> bool:
    """A file of Microsoft Office or LibreOffice is one document, although it is packed as several."""
    try:
        with zipfile.ZipFile(path) as archive:
            return not {"[Content_Types].xml", "META-INF/manifest.xml"}.isdisjoint(archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False


def _only_member(archive: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    members = [member for member in archive.infolist() if not member.is_dir()]
    names = [member.filename for member in members]
    if len(members) != 1:
        shown = ", ".join(repr(member[:64]) for member in names[:MAX_SHOWN])
        raise DataError(f"{name!r} holds {len(members)} files ({shown}); unpack it and name one")
    return members[0]


def _copy(packed: IO[bytes] | gzip.GzipFile, copy: Path, path: Path, watch: Watch) -> None:
    limit = swelling_limit(path)
    n_bytes = 0
    with copy.open("wb") as out:
        while chunk := packed.read(CHUNK_BYTES):
            n_bytes += len(chunk)
            if n_bytes > limit:
                raise DataError(f"{path.name!r} unpacks to more than {limit / 2**20:.0f} MiB: it is not read")
            if watch.cancel.is_set():
                raise Cancelled("stopped; nothing was loaded")
            out.write(chunk)
