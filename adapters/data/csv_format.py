"""What a text file's first lines say about it: which delimiter, a header or not."""

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


def detect_csv_format(path: Path, options: LoadOptions, name: str) -> CsvFormat:
    """The format of a CSV file in UTF-8, from its first 64 kB; what `options` says is taken as it stands.

    DuckDB's own sniffer reads a file with one short row as a single column named 'a,b,c', without a word. So the
    header decides: the delimiter is the one that cuts it into most fields, and rows that differ are then errors.

    Raises
    ------
    DataError
        If the file is empty.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    # The 64 kB may end inside a character; the rest of the file was seen to be valid.
    lines = head.decode("utf-8-sig", errors="ignore").splitlines()
    while lines and not lines[0].strip():
        del lines[0]
    if not lines:
        raise DataError(f"{name!r} is empty: it holds no header and no rows")
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
    return None


def _fields(lines: list[str], delimiter: str) -> list[str]:
    return next(csv.reader(lines, delimiter=delimiter), [])


def _is_number(field: str) -> bool:
    """True for digits; "inf" and "nan" are words here: a column may well be called inf."""
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False
