"""Text in another encoding than UTF-8 becomes UTF-8 before it is read."""

from __future__ import annotations

import codecs
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.data.base import DataError
from adapters.data.stopping import chunks_of, heeding

BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
JAPANESE_WORD = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uff66-\uff9d\u3000-\u303f]{2,}")
MIN_SHARE_IN_WORDS = 0.5
MIN_CHARACTERS_IN_WORDS = 4


@dataclass(frozen=True)
class Encoding:
    """The encoding's name, and the first line with a character outside ASCII when the name was inferred."""

    name: str
    first_line: int | None = None


def detect_encoding(path: Path, cancel: threading.Event) -> Encoding:
    """The encoding of a text file, decided over all of it.

    A byte order mark decides; then UTF-8 if all bytes are valid UTF-8; then Shift-JIS if what it gives outside ASCII
    is Japanese; then Windows-1252, or Latin-1 where that has no character.

    Raises
    ------
    DataError
        If a zero byte shows that it is no text; names its line and column.
    Cancelled
        If `cancel` is set while it is looked through.
    """
    with path.open("rb") as file:
        head = file.read(4)
    for bom, name in BOMS.items():
        if head.startswith(bom):
            return Encoding(name)
    first_line = _first_line_outside_ascii(path, cancel)
    if first_line is None or _is_valid(path, "utf-8", cancel):
        return Encoding("utf-8")
    if _is_valid(path, "shift_jis", cancel) and _is_japanese(path, cancel):
        return Encoding("shift_jis", first_line)
    return Encoding("cp1252" if _is_valid(path, "cp1252", cancel) else "latin-1", first_line)


@contextmanager
def as_utf8(path: Path, encoding: Encoding, beside: Path, cancel: threading.Event) -> Iterator[Path]:
    """The file itself when it is UTF-8, else a copy of it in UTF-8 in the folder `beside`, removed at the end.

    Raises
    ------
    DataError
        If the bytes are not valid in the encoding that the mark at their beginning names.
    Cancelled
        If `cancel` is set while it is copied.
    """
    if encoding.name in ("utf-8", "utf-8-sig"):
        yield path
        return
    copy = beside / f"{path.name[:40]}.utf8.part"
    try:
        with copy.open("w", encoding="utf-8", newline="") as out:
            for text in _decoded(path, encoding.name, cancel):
                out.write(text)
        yield copy
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name!r} begins like {encoding.name} but is not: {error.reason}") from error
    finally:
        copy.unlink(missing_ok=True)


def _decoded(path: Path, name: str, cancel: threading.Event) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)()
    with path.open("rb") as file:
        for chunk in chunks_of(file, cancel):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _is_valid(path: Path, name: str, cancel: threading.Event) -> bool:
    try:
        for _ in _decoded(path, name, cancel):
            pass
    except UnicodeDecodeError:
        return False
    return True


def _is_japanese(path: Path, cancel: threading.Event) -> bool:
    """Whether most characters outside ASCII stand side by side in Japanese words.

    Bytes of "Bjärne" are valid Shift-JIS too, but give single characters among Latin letters.
    """
    n_outside, n_in_words = 0, 0
    for text in _decoded(path, "shift_jis", cancel):
        n_outside += sum(1 for character in text if not character.isascii())
        n_in_words += sum(len(word) for word in JAPANESE_WORD.findall(text))
    return n_in_words >= max(MIN_CHARACTERS_IN_WORDS, MIN_SHARE_IN_WORDS * n_outside)


def _first_line_outside_ascii(path: Path, cancel: threading.Event) -> int | None:
    """The first line with a byte above 127; None if there is none. DataError for a zero byte before it."""
    if _is_plain(path, cancel):
        return None
    with path.open("rb") as file:
        for number, line in enumerate(heeding(file, cancel), start=1):
            if b"\0" in line:
                column = line.index(b"\0") + 1
                place = f"line {number}, column {column}"
                raise DataError(f"{path.name!r} is not a text file: {place} is a zero byte; give CSV or Parquet")
            if not line.isascii():
                return number
    return None


def _is_plain(path: Path, cancel: threading.Event) -> bool:
    """True when all bytes are ASCII and none is zero: seen four times as fast by the chunk as by the line."""
    with path.open("rb") as file:
        for chunk in chunks_of(file, cancel):
            if not chunk.isascii() or b"\0" in chunk:
                return False
    return True
