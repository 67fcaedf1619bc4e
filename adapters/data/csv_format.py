"""What a text file's first bytes say about it: text at all, which delimiter, a header or not."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path

from adapters.data.base import DataError, LoadOptions

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class CsvFormat:
    """How the file is to be read; `n_fields` is the header's number of fields."""

    delimiter: str
    header: bool
    n_fields: int


def detect_csv_format(path: Path, options: LoadOptions) -> CsvFormat:
    """The format of a CSV file, from its first 64 kB; what `options` says is taken as it stands.

    DuckDB's own sniffer reads a file with one short row as a single column named 'a,b,c', without a word. So the
    header decides: the delimiter is the one that cuts it into most fields, and rows that differ are then errors.

    Raises
    ------
    DataError
        If the file is empty or is not UTF-8 text; names the line and the column of the first bad byte.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    text = _decode(path.name, head)
    lines = text.splitlines()
    while lines and not lines[0].strip():
        del lines[0]
    if not lines:
        raise DataError(f"{path.name!r} is empty: it holds no header and no rows")
    delimiter = options.delimiter or max(DELIMITERS, key=lambda mark: len(_fields(lines, mark)))
    fields = _fields(lines, delimiter)
    header = not any(_is_number(field) for field in fields) if options.header is None else options.header
    return CsvFormat(delimiter, header, len(fields))


def find_malformed_line(path: Path, csv_format: CsvFormat) -> str | None:
    """The first row that does not fit the header, in words, or None; slow, only to explain an error."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=csv_format.delimiter, strict=True)
        line = 1
        try:
            for fields in reader:
                if fields and len(fields) != csv_format.n_fields:
                    return f"line {line} has {len(fields)} fields, the first line {csv_format.n_fields}"
                line = reader.line_num + 1
        except csv.Error as error:
            return f"the row that begins in line {line} does not end as it should ({error})"
        except UnicodeDecodeError as error:
            return f"after line {line} a byte 0x{error.object[error.start]:02x} is not UTF-8; save it as UTF-8"
    return None


def _decode(name: str, head: bytes) -> str:
    if b"\0" in head:
        raise DataError(
            f"{name!r} is not a text file: {_place(head, head.index(0))} is a zero byte; give CSV or Parquet"
        )
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) == HEAD_BYTES and error.start > HEAD_BYTES - 4:
            return head[: error.start].decode("utf-8-sig")  # the 64 kB end inside a character
        raise DataError(
            f"{name!r} is not UTF-8 text: {_place(head, error.start)} is the byte 0x{head[error.start]:02x}; "
            "save it as UTF-8"
        ) from error


def _place(head: bytes, offset: int) -> str:
    line_start = head.rfind(b"\n", 0, offset) + 1
    line = head.count(b"\n", 0, offset) + 1
    return f"line {line}, column {offset - line_start + 1}"


def _fields(lines: list[str], delimiter: str) -> list[str]:
    return next(csv.reader(lines, delimiter=delimiter), [])


def _is_number(field: str) -> bool:
    """True for digits; "inf" and "nan" are words here: a column may well be called inf."""
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False
