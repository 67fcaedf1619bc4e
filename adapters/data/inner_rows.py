"""Rows inside a file that are no data: its header again, marks of byte order, and what stands below the table."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from adapters.data.csv_format import BOM, CsvFormat
from adapters.data.header_contrast import column_kind, kind_of
from adapters.data.load_warns import LoadWarns
from adapters.data.stopping import stop_if
from adapters.records.warned import Warned

CHUNK_BYTES = 1 << 20
MOST_BYTES = 32 * 2**20
"""Of larger files only the last rows are read one by one for what stands below the table."""
NOTE = re.compile(
    r"(source|sources|note|notes|quelle|fuente|fonte|footnote|last updated|updated|data from|copyright)\b.*|[*†‡©].*",
    re.IGNORECASE | re.DOTALL,
)
MAX_SHOWN = 60
LOOKED_AT = 40
"""So many letters of the header, looked for in the bytes, tell whether lines must be looked at."""
OVERLAP_BYTES = 1 << 10


@dataclass(frozen=True)
class _Below:
    """Where the table ends: the first line that is no part of it, counted from 1, and what stands there."""

    line: int
    warned: Warned


@contextmanager
def without_inner_rows(
    path: Path, beside: Path, csv_format: CsvFormat, cancel: threading.Event
) -> Iterator[tuple[Path, list[Warned]]]:
    """The file itself, or a copy without the rows that are no data, with a warning for each kind.

    A header that comes again (files put one behind the other) goes, with its rows of descriptions, and so do marks of
    byte order, notes below the table, and a second table below an empty row. Empty lines take the place of the former,
    so that lines keep their numbers.

    Parameters
    ----------
    beside : Path
        The folder for the copy; it is removed at the end.
    cancel : Event
        Set to stop: the bytes are looked at chunk by chunk.

    Raises
    ------
    Cancelled
        If it was stopped.
    """
    head = _head_lines(path, csv_format)
    is_suspect = _holds(path, [codecs.BOM_UTF8], cancel) or _comes_again(path, head, csv_format, cancel)
    below = _find_below(path, csv_format) if _may_end_early(path, csv_format, cancel) else None
    if not is_suspect and below is None:
        yield path, []
        return
    copy = beside / f"{path.name[:40]}.{secrets.token_hex(4)}.inner.part"
    try:
        warnings = _write(path, copy, csv_format, head, below)
        yield (copy if warnings else path), warnings
    finally:
        copy.unlink(missing_ok=True)


def _write(path: Path, copy: Path, csv_format: CsvFormat, head: Sequence[str], below: _Below | None) -> list[Warned]:
    """Write the copy; gives the warnings, none where nothing was left out."""
    # An empty line is no row where there are several columns; of one column it would be a missing value.
    empty = "\n" if len(csv_format.names) > 1 else ""
    described = [_plain(line, csv_format) for line in head]
    header = described[0] if described else None
    headers: list[int] = []
    marks: list[int] = []
    # How many lines of the head may come next, where it comes again.
    expected = 0
    with path.open(encoding="utf-8-sig") as lines, copy.open("w", encoding="utf-8", newline="") as out:
        for number, line in enumerate(lines, start=1):
            bare = line.replace(BOM, "")
            is_data = number > csv_format.n_skipped + csv_format.header
            if below is not None and number >= below.line:
                break
            if is_data and _plain(bare, csv_format) == header:
                headers.append(number)
                bare, expected = empty, 1
            elif is_data and 0 < expected < len(head) and _plain(bare, csv_format) == described[expected]:
                bare, expected = empty, expected + 1
            else:
                expected = 0
                marks += [number] if len(bare) < len(line) else []
            out.write(bare)
    warnings = []
    if headers:
        warnings.append(LoadWarns.HEADER_AGAIN(n=len(headers), line=headers[0]))
    if marks:
        warnings.append(LoadWarns.BYTE_ORDER_MARKS(n=len(marks), line=marks[0]))
    return [*warnings, below.warned] if below is not None else warnings


def _head_lines(path: Path, csv_format: CsvFormat) -> list[str]:
    """The lines of the header and of the descriptions below it; none where they may not come again."""
    if csv_format.header_line is None:
        return []
    with path.open(encoding="utf-8-sig") as lines:
        head = list(
            itertools.islice(lines, csv_format.header_line - 1, max(csv_format.n_skipped, csv_format.header_line))
        )
    return [line.replace(BOM, "").strip() for line in head]


def _plain(line: str, csv_format: CsvFormat) -> str:
    """The line without what programs change in a header: case, quotes, blanks around and inside its names."""
    if len(csv_format.names) == 1:
        # In another case or other quotes it is rather a value.
        return line.strip()
    return re.sub(rf"[ \u00a0]*{re.escape(csv_format.delimiter)}[ \u00a0]*", csv_format.delimiter, _dense(line))


def _dense(line: str) -> str:
    return re.sub(r"[ \u00a0]+", " ", line.replace('"', "").strip().casefold())


def _comes_again(path: Path, head: Sequence[str], csv_format: CsvFormat, cancel: threading.Event) -> bool:
    """Whether a line begins as the header does, as far as bytes tell; the header itself may be that line."""
    if not head:
        return False
    between = rb'(?:[ "]|\xc2\xa0)*'
    if len(csv_format.names) == 1:
        letters = re.escape(head[0].encode())
    else:
        start = re.sub(r'[ \u00a0"]', "", head[0])[:LOOKED_AT]
        letters = between + between.join(map(_letter, start))
    looks = re.compile(rb"[\r\n](?:\xef\xbb\xbf)?" + letters, re.IGNORECASE)
    with path.open("rb") as file:
        before = b""
        while chunk := file.read(CHUNK_BYTES):
            stop_if(cancel)
            if looks.search(before + chunk):
                return True
            before = chunk[-OVERLAP_BYTES:]
    return False


def _letter(letter: str) -> bytes:
    """A letter in either case; one beyond ASCII is any."""
    return re.escape(letter.encode()) if letter.isascii() else rb"[^\r\n]{1,4}"


def _may_end_early(path: Path, csv_format: CsvFormat, cancel: threading.Event) -> bool:
    """Whether there is an empty row, or the last row has its first column alone: seen without reading rows."""
    if len(csv_format.names) < 2:
        return False
    tail, _ = _tail(path)
    delimiter = csv_format.delimiter.encode()
    lines = tail.rstrip().splitlines()
    if lines and not lines[-1].partition(delimiter)[2].strip(delimiter + b' \t"'):
        return True
    nothing = delimiter * (len(csv_format.names) - 1)
    needles = [b"\n" + blank + end for blank in (b"", nothing) for end in (b"\n", b"\r")]
    if path.stat().st_size > MOST_BYTES:
        return any(needle in tail for needle in needles)
    return _holds(path, needles, cancel)


def _tail(path: Path) -> tuple[bytes, int]:
    """The last whole lines of the file, about a megabyte, and how many bytes stand before them."""
    start = max(0, path.stat().st_size - CHUNK_BYTES)
    with path.open("rb") as file:
        file.seek(start)
        if start:
            start += len(file.readline())
        return file.read(), start


def _find_below(path: Path, csv_format: CsvFormat) -> _Below | None:
    """Where notes or another table begin below the table; None where it goes on to the end."""
    n_before = csv_format.n_skipped + csv_format.header
    if path.stat().st_size > MOST_BYTES:
        tail, n_bytes = _tail(path)
        found = _rows_from(io.StringIO(tail.decode("utf-8", errors="replace"), newline=""), 0, csv_format)
        # In the middle of a quoted field the rows would not be rows.
        if found is None or len(found[0]) < 2 or len(found[0][0][1]) != len(csv_format.names):
            return None
        n_before = _count_lines(path, n_bytes)
    else:
        with path.open(encoding="utf-8-sig", newline="") as file:
            found = _rows_from(file, n_before, csv_format)
        n_before = 0
        if found is None:
            return None
    rows = [(line + n_before, fields) for line, fields in found[0]]
    breaks = {at: line + n_before for at, line in found[1].items()}
    return _second_table(rows, breaks, csv_format.delimiter) or _notes(rows, breaks, csv_format.delimiter)


def _rows_from(
    file: TextIO, n_before: int, csv_format: CsvFormat
) -> tuple[list[tuple[int, list[str]]], dict[int, int]] | None:
    """The rows below the first `n_before` lines, each with its line; and of each row below an empty one that one's."""
    rows: list[tuple[int, list[str]]] = []
    breaks: dict[int, int] = {}
    for _ in range(n_before):
        file.readline()
    reader = csv.reader(file, delimiter=csv_format.delimiter)
    line = n_before + 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                rows.append((line, fields))
            else:
                breaks.setdefault(len(rows), line)
            line = n_before + reader.line_num + 1
    except csv.Error:
        return None
    return rows, breaks


def _count_lines(path: Path, n_bytes: int) -> int:
    """How many lines end in the first bytes of the file."""
    n_lines = 0
    with path.open("rb") as file:
        while n_bytes > 0 and (chunk := file.read(min(CHUNK_BYTES, n_bytes))):
            n_lines, n_bytes = n_lines + chunk.count(b"\n"), n_bytes - len(chunk)
    return n_lines


def _notes(rows: Sequence[tuple[int, list[str]]], breaks: Mapping[int, int], delimiter: str) -> _Below | None:
    """The last rows that have text in the first column alone, below an empty row or beginning as a note does.

    Parameters
    ----------
    breaks : mapping
        Of each row below an empty one the line of the first empty one.
    """
    start = len(rows)
    while start > 1 and _is_lone_text(rows[start - 1][1]):
        start -= 1
    first = next((at for at in range(start, len(rows)) if at in breaks or NOTE.fullmatch(rows[at][1][0].strip())), None)
    if first is None:
        return None
    line, fields = rows[first]
    shown = delimiter.join(fields).strip(delimiter)[:MAX_SHOWN]
    return _Below(breaks.get(first, line), LoadWarns.NOTES_BELOW(n=len(rows) - first, line=line, shown=shown))


def _second_table(rows: Sequence[tuple[int, list[str]]], breaks: Mapping[int, int], delimiter: str) -> _Below | None:
    """The first row below an empty one that has words, two or more, and one of them in a column of numbers or dates."""
    for at in breaks:
        if not 0 < at < len(rows) - 1:
            continue
        line, fields = rows[at]
        filled = [place for place, field in enumerate(fields) if field.strip()]
        if len(filled) < 2 or any(kind_of(fields[place]) != "word" for place in filled):
            continue
        above = [[row[place] for _, row in rows[:at] if place < len(row)] for place in filled]
        if any(column_kind(values) in ("number", "date") for values in above):
            shown = delimiter.join(fields)[:MAX_SHOWN]
            return _Below(breaks[at], LoadWarns.SECOND_TABLE(line=line, shown=shown, n_rows=len(rows) - at))
    return None


def _is_lone_text(fields: Sequence[str]) -> bool:
    return bool(fields[0].strip()) and kind_of(fields[0]) == "word" and not any(map(str.strip, fields[1:]))


def _holds(path: Path, needles: Sequence[bytes], cancel: threading.Event) -> bool:
    """Whether any of the texts stands in the file, the mark that it may begin with aside."""
    longest = max(map(len, needles))
    with path.open("rb") as file:
        before = file.read(len(codecs.BOM_UTF8)).removeprefix(codecs.BOM_UTF8)
        while chunk := file.read(CHUNK_BYTES):
            stop_if(cancel)
            if any(needle in before + chunk for needle in needles):
                return True
            before = chunk[-longest:]
    return False
