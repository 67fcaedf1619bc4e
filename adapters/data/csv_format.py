"""What a text file's first lines say about it: which delimiter, where the table begins, what its columns are called."""

from __future__ import annotations

import contextlib
import csv
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.data.base import DataError, LoadOptions

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 16
MAX_HEAD_ROWS = 200
MAX_ROWS_TO_COUNT = 100_000
MAX_SHOWN = 60


@dataclass(frozen=True)
class CsvFormat:
    """How the file is to be read: after `n_skipped` lines, with these column names in place of a header's."""

    delimiter: str
    header: bool
    n_skipped: int
    names: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Row:
    """One row of the head: its fields and the line that it begins in, counted from 1."""

    fields: list[str]
    line: int


@dataclass(frozen=True)
class _Layout:
    delimiter: str
    rows: list[_Row]
    n_fields: int
    n_before: int
    share: float

    @property
    def is_table(self) -> bool:
        """Several columns; after lines that fit no table, not just sentences with commas in them ("Smith, John")."""
        n_sentences = sum(any(field.startswith(" ") for field in row.fields) for row in self.rows)
        return self.n_fields > 1 and (self.n_before == 0 or n_sentences <= len(self.rows) / 2)


def detect_csv_format(path: Path, options: LoadOptions, name: str) -> CsvFormat:
    """The format of a CSV file in UTF-8, from its first 64 kB; what `options` says is taken as it stands.

    DuckDB's own sniffer reads a file with one short row as a single column named 'a,b,c', without a word. So the
    delimiter is the one that cuts most rows into the same number of fields, most of them; a few lines before the first
    such row, with hardly any field, are a preamble; and rows that differ after it are errors.

    Raises
    ------
    DataError
        If the file is empty.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    # The 64 kB may end inside a character; the rest of the file was seen to be valid.
    text = head.decode("utf-8-sig", errors="ignore")
    if not text.strip():
        raise DataError(f"{name!r} is empty: it holds no header and no rows")
    choices = DELIMITERS if options.delimiter is None else (options.delimiter,)
    layouts = [_lay_out(text, delimiter) for delimiter in choices]
    layout = max(layouts, key=lambda one: (one.is_table, one.n_before == 0, one.n_fields * one.share))
    first = layout.rows[layout.n_before]
    has_number = any(_is_number(field) for field in first.fields)
    header = not has_number if options.header is None else options.header
    names, warnings = _name(first.fields if header else [""] * len(first.fields))
    if layout.n_before:
        shown = layout.delimiter.join(layout.rows[0].fields)[:MAX_SHOWN]
        warnings.insert(0, f"the table begins in line {first.line}; what stands before it is left out ({shown!r}, …)")
    if not header:
        warnings = ["no header line found: columns are named column0, column1, …"]
    return CsvFormat(layout.delimiter, header, first.line - 1, tuple(names), tuple(warnings))


def _lay_out(text: str, delimiter: str) -> _Layout:
    rows: list[_Row] = []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    line = 1
    try:
        for fields in reader:
            if any(field.strip() for field in fields):
                rows.append(_Row(fields, line))
            line = reader.line_num + 1
            if len(rows) == MAX_HEAD_ROWS:
                break
    except csv.Error:  # a field longer than Python's limit: what was read so far tells enough
        pass
    counts = Counter(len(row.fields) for row in rows)
    n_fields, n_alike = max(counts.items(), key=lambda item: (item[1], item[0]))
    n_before = 0
    while len(rows[n_before].fields) != n_fields and len(rows[n_before].fields) <= max(1, n_fields // 2):
        n_before += 1
    return _Layout(delimiter, rows, n_fields, n_before, n_alike / len(rows))


def _name(fields: Sequence[str]) -> tuple[list[str], list[str]]:
    """A name for each column, unlike all others even without case, and a warning for each that had to be made up."""
    names: list[str] = []
    warnings: list[str] = []
    taken = {"_row"}
    for index, field in enumerate(fields):
        wished = field.strip() or f"column{index}"
        name, number = wished, 2
        while name.casefold() in taken:
            name, number = f"{wished}_{number}", number + 1
        taken.add(name.casefold())
        names.append(name)
        if name != field.strip() and any(fields):
            why = "has no name" if not field.strip() else f"has the name {wished[:MAX_SHOWN]!r} again"
            warnings.append(f"column {index + 1} {why}: it is called {name[:MAX_SHOWN]!r}")
    return names, warnings


@dataclass(frozen=True)
class Ragged:
    """Rows that do not have as many fields as there are columns; lines are counted from 1."""

    n_short: int
    first_short: int | None
    problem: str | None


def find_ragged_rows(path: Path, csv_format: CsvFormat) -> Ragged:
    """Short rows counted, and the first row that is hopeless, in words; slow, only to explain or mend an error."""
    n_short, first_short = 0, None
    n_columns = len(csv_format.names)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(csv_format.n_skipped):
            file.readline()
        reader = csv.reader(file, delimiter=csv_format.delimiter, strict=True)
        line = csv_format.n_skipped + 1
        try:
            for fields in reader:
                if len(fields) > n_columns:
                    problem = f"line {line} has {len(fields)} fields, the first line {n_columns}"
                    return Ragged(n_short, first_short, problem)
                if 0 < len(fields) < n_columns:
                    n_short, first_short = n_short + 1, first_short or line
                line = csv_format.n_skipped + reader.line_num + 1
        except csv.Error as error:
            problem = f"the row that begins in line {line} does not end as it should ({error})"
            return Ragged(n_short, first_short, problem)
    return Ragged(n_short, first_short, None)


def place_of(path: Path, csv_format: CsvFormat, row: int) -> str:
    """Where the row of that `_row` begins: its line; far down, where counting would take long, its row."""
    if row > MAX_ROWS_TO_COUNT:
        return f"row {row}"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in range(csv_format.n_skipped):
            file.readline()
        reader = csv.reader(file, delimiter=csv_format.delimiter)
        n_left, line = row + csv_format.header, csv_format.n_skipped + 1
        with contextlib.suppress(csv.Error):
            for fields in reader:
                if n_left == 0 and fields:
                    return f"line {line}"
                n_left -= bool(fields)
                line = csv_format.n_skipped + reader.line_num + 1
    return f"row {row}"


def _is_number(field: str) -> bool:
    """True for digits; "inf" and "nan" are words here: a column may well be called inf."""
    try:
        return math.isfinite(float(field))
    except ValueError:
        return False
