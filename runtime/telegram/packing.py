"""Files of a person as Telegram takes them: as they are, packed where too large, then in numbered parts."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MAX_DOCUMENT_BYTES = 50_000_000
PACKED = (".gz", ".zip", ".parquet", ".png", ".xlsx")
"""Packing these again makes them no smaller."""
BLOCK = 1 << 20


@dataclass(frozen=True)
class Slice:
    """What is sent as one document: `length` bytes of a file from `offset` on, with their SHA-256."""

    path: Path
    name: str
    offset: int
    length: int
    digest: str


def pack(path: Path, most: int = MAX_DOCUMENT_BYTES) -> tuple[list[Slice], str]:
    """The file in documents of at most `most` bytes, and a sentence where it is not one as it is.

    A packed file stands beside the other one; packed again it is the same, byte for byte.
    """
    if path.stat().st_size <= most:
        return [_slice(path, path.name, 0, path.stat().st_size)], ""
    packed = path
    if path.suffix not in PACKED:
        packed = path.with_name(f"{path.name}.gz")
        part = packed.with_name(f"{packed.name}.part")
        with path.open("rb") as source, gzip.GzipFile(part, "wb", compresslevel=6, mtime=0) as target:
            shutil.copyfileobj(source, target, BLOCK)
        part.replace(packed)
    size = packed.stat().st_size
    if size <= most:
        return [_slice(packed, packed.name, 0, size)], f"{path.name} was too large and is packed: gunzip {packed.name}"
    starts = range(0, size, most)
    names = [f"{packed.name}.{number:03}" for number in range(1, len(starts) + 1)]
    slices = [_slice(packed, name, start, min(most, size - start)) for name, start in zip(names, starts, strict=True)]
    then = "" if packed == path else f", then gunzip {packed.name}"
    windows = f"copy /b {'+'.join(names)} {packed.name}"
    return slices, (
        f"{path.name} was too large and comes in {len(names)} parts. With all of them in one folder: "
        f"cat {packed.name}.0* > {packed.name}{then} (on Windows: {windows})"
    )


def read(path: Path, offset: int, length: int) -> bytes:
    """These bytes of the file."""
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _slice(path: Path, name: str, offset: int, length: int) -> Slice:
    found = hashlib.sha256()
    for block in _blocks(path, offset, length):
        found.update(block)
    return Slice(path, name, offset, length, found.hexdigest())


def _blocks(path: Path, offset: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(offset)
        while length > 0 and (block := file.read(min(BLOCK, length))):
            length -= len(block)
            yield block
