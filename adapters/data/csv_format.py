"""What a text file's first lines say about it: which delimiter, where the table begins, what its columns are called."""

from __future__ import annotations

import contextlib
import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.data.base import DataError, LoadOptions
from adapters.data.description_rows import count_description_rows, describe_columns
from adapters.data.file_head import MAX_LINE_BYTES, read_head
from adapters.data.grouped_header import names_of_two_rows
from adapters.data.header_contrast import as_number, column_kind, names_columns, years_of
from adapters.data.load_warns import LoadWarns
from adapters.records.warned import Warned

DELIMITERS = (",", ";", "\t", "|")
OTHER_MARKS = ("^", "~", ":", "#", "¦", "§", "\x1f", "\x01", "/")
BOM = "\ufeff"
MAX_HEAD_ROWS = 200
MAX_ROWS_TO_COUNT = 100_000
MAX_SHOWN = 60
MAX_DESCRIBED_BY = 50
"""Rows that tell whether the first of them are data: enough, and at the top."""
SEPARATOR_LINE = re.compile(r"sep=([,;|\t:])[ \t]*(?=\r?\n|\r)")
"""What Excel writes above a table to name its delimiter."""


@dataclass(frozen=True)
class CsvFormat:
    """How the file is to be read: after `n_skipped` lines, with these column names in place of a header's.

    `header_line` is the line of the header, counted from 1, None where there is none (or where it may be a value).
    `n_records` is `n_skipped` counted in rows, as the reader does. `header` says that a header row comes next, and
    `descriptions` what the rows below it said of each column: they are skipped too, and then `header` is False.
    `unnamed` are the names that were made up where the header has none.
    """

    delimiter: str
    header: bool
    n_skipped: int
    n_records: int
    names: tuple[str, ...]
    header_line: int | None
    unnamed: tuple[str, ...]
    descriptions: tuple[str | None, ...]
    warnings: tuple[Warned, ...]


@dataclass(frozen=True)
class _Row:
    """One row of the head: its fields, the line that it begins in, counted from 1, and how many rows come before."""

    fields: list[str]
    line: int
    n_before: int


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
        return self.n_fields > 1 and (self.n_before == 0 or not self._is_prose())

    def _is_prose(self) -> bool:
        n_sentences = sum(any(field.startswith(" ") for field in row.fields) for row in self.rows)
        return n_sentences > len(self.rows) / 2


def detect_csv_format(path: Path, options: LoadOptions, name: str) -> CsvFormat:
    """The format of a CSV file in UTF-8, from its first lines; what `options` says is taken as it stands.

    DuckDB's own sniffer reads a file with one short row as a single column named 'a,b,c', without a word. So the
    delimiter is the one that cuts most rows into the same number of fields, most of them; a few lines before the first
    such row, with hardly any field, are a preamble; and rows that differ after it are errors.

    Raises
    ------
    DataError
        If the file is empty.
    """
    head = read_head(path)
    if len(head) >= MAX_LINE_BYTES and not re.search(rb"[\r\n]", head):
        raise DataError(f"{name!r} begins with a line of more than {MAX_LINE_BYTES / 10**6:.0f} MB: it is not read")
    # The head may end inside a character; the rest of the file was seen to be valid.
    text = head.decode("utf-8-sig", errors="ignore").replace(BOM, "")
    if not text.strip():
        raise DataError(f"{name!r} is empty: it holds no header and no rows")
    separator = None if options.delimiter is not None else SEPARATOR_LINE.match(text)
    choices = DELIMITERS if options.delimiter is None else (options.delimiter,)
    if separator is not None:
        choices, text = (separator.group(1),), text[separator.end() :]
    if not text.strip():
        raise DataError(f"{name!r} is empty: it holds no header and no rows")
    layouts = [layout for delimiter in choices if (layout := _lay_out(text, delimiter)) is not None]
    if not layouts:
        raise DataError(f"{name!r} begins with a value of more than {csv.field_size_limit():,} letters: it is not read")
    layout = max(layouts, key=lambda one: (one.is_table, one.n_before == 0, one.n_fields * one.share))
    csv_format = _read_header(layout, options)
    warnings = list(csv_format.warnings)
    if layout.n_before:
        line = layout.rows[layout.n_before].line
        shown = layout.delimiter.join(layout.rows[0].fields)[:MAX_SHOWN]
        warnings.insert(0, LoadWarns.LINES_ABOVE(line=line, shown=shown))
    if separator is not None:
        warnings.insert(0, LoadWarns.SEPARATOR_LINE(mark=separator.group(1)))
    return replace(csv_format, warnings=tuple(warnings))


def _read_header(layout: _Layout, options: LoadOptions) -> CsvFormat:
    """The names that the table's first rows give, and what is to be said about them."""
    first, *rest = layout.rows[layout.n_before :]
    both = None if options.header is False else names_of_two_rows(first.fields, [row.fields for row in rest])
    if both is not None:
        return _of_two_rows(layout, both)
    below = [row.fields for row in rest if len(row.fields) == len(first.fields) and row.fields != first.fields]
    has_number = any(as_number(field) is not None for field in first.fields)
    header = options.header
    if header is None:
        header = not has_number or names_columns(first.fields, below)
    names, warnings = _name(first.fields if header else [""] * len(first.fields))
    if not header:
        warnings.append(LoadWarns.NO_HEADER())
    elif has_number and options.header is None:
        warnings += _about_numbers(first.fields)
    n_rows = count_description_rows(_once(first, rest[:MAX_DESCRIBED_BY])) if header else 0
    _refuse_no_data(n_rows, rest)
    if n_rows:
        shown = layout.delimiter.join(rest[0].fields)[:MAX_SHOWN]
        warnings.append(LoadWarns.DESCRIPTIONS(n=n_rows, line=rest[0].line, shown=shown))
    # In one column of words the header's word may well be a value.
    may_repeat = len(names) > 1 or column_kind([fields[0] for fields in below]) != "word"
    if len(names) == 1:
        warnings += _about_one_column(names[0], [row.fields[0] for row in rest if row.fields])
    _refuse_quotes(names)
    start = rest[n_rows] if n_rows else first
    return CsvFormat(
        delimiter=layout.delimiter,
        header=header and not n_rows,
        n_skipped=start.line - 1,
        n_records=start.n_before,
        names=tuple(names),
        header_line=first.line if header and may_repeat else None,
        unnamed=tuple(name for name, field in zip(names, first.fields, strict=True) if header and not field.strip()),
        descriptions=describe_columns([row.fields for row in rest[:n_rows]], len(names)) if n_rows else (),
        warnings=tuple(warnings),
    )


def _of_two_rows(layout: _Layout, both: Sequence[str]) -> CsvFormat:
    """The format of a table whose first two rows name its columns."""
    first, second, *rest = layout.rows[layout.n_before :]
    names, warnings = _name(both)
    n_rows = count_description_rows([row.fields for row in rest[:MAX_DESCRIBED_BY]])
    _refuse_no_data(n_rows, rest)
    shown = ", ".join(repr(name[:MAX_SHOWN]) for name, bare in zip(names, second.fields, strict=True) if bare.strip())
    warnings.insert(0, LoadWarns.TWO_HEADER_LINES(first=first.line, second=second.line, shown=shown))
    _refuse_quotes(names)
    return CsvFormat(
        delimiter=layout.delimiter,
        header=False,
        n_skipped=rest[n_rows].line - 1,
        n_records=rest[n_rows].n_before,
        names=tuple(names),
        header_line=first.line,
        unnamed=tuple(name for name, bare in zip(names, both, strict=True) if not bare),
        descriptions=describe_columns([row.fields for row in rest[:n_rows]], len(names)) if n_rows else (),
        warnings=tuple(warnings),
    )


def _refuse_no_data(n_described_by: int, rest: Sequence[_Row]) -> None:
    if n_described_by == len(rest) > 0:
        raise DataError("there are no rows of data: what stands below the header describes the columns")


def _about_one_column(name: str, values: Sequence[str]) -> list[Warned]:
    """A sentence where the one column seems to be several, cut by a character or by places that we do not look for."""
    for mark in OTHER_MARKS:
        if name.count(mark) and values and all(value.count(mark) == name.count(mark) for value in values):
            return [LoadWarns.ONE_COLUMN_OF_MARKS(mark=mark)]
    if re.search(r"\S {2,}\S", name) and sum(re.search(r"\S {2,}\S", value) is not None for value in values) > 0:
        return [LoadWarns.ONE_COLUMN_OF_BLANKS()]
    return []


def _refuse_quotes(names: Sequence[str]) -> None:
    """A quote mark that stands behind a blank is none to the reader, and would cut a name or a value in two."""
    cut = [name for name in names if name.startswith('"') and name.count('"') % 2]
    if cut:
        raise DataError(
            f"the column name {cut[0][:MAX_SHOWN]!r} begins with a quote mark that does not end: it must stand right "
            "behind the delimiter, without a blank between"
        )


def _once(first: _Row, rest: Sequence[_Row]) -> list[list[str]]:
    """The rows without the header again, and without the first of them again: files put one behind the other."""
    others = [row.fields for row in rest if row.fields != first.fields]
    return others[:1] + [fields for fields in others[1:] if fields != others[0]]


def _about_numbers(fields: Sequence[str]) -> list[Warned]:
    """What is to be said where numbers name columns."""
    numbers = [field.strip() for field in fields if as_number(field) is not None]
    shown = ", ".join(number[:MAX_SHOWN] for number in numbers[:5]) + (", …" if len(numbers) > 5 else "")
    warnings = [LoadWarns.NUMBERS_IN_HEADER(shown=shown)]
    if years := years_of(fields):
        warnings.append(LoadWarns.YEARS_IN_HEADER(first=years[0], last=years[-1]))
    return warnings


def _lay_out(text: str, delimiter: str) -> _Layout | None:
    rows: list[_Row] = []
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    line = 1
    try:
        for n_before, fields in enumerate(reader):
            if any(field.strip() for field in fields):
                rows.append(_Row(fields, line, n_before))
            line = reader.line_num + 1
            if len(rows) == MAX_HEAD_ROWS:
                break
    except csv.Error:  # a field longer than Python's limit: what was read so far tells enough
        pass
    if not rows:
        return None
    counts = Counter(len(row.fields) for row in rows)
    n_fields, n_alike = max(counts.items(), key=lambda item: (item[1], item[0]))
    n_before = 0
    while len(rows[n_before].fields) != n_fields and len(rows[n_before].fields) <= max(1, n_fields // 2):
        n_before += 1
    return _Layout(delimiter, rows, n_fields, n_before, n_alike / len(rows))


def _name(fields: Sequence[str]) -> tuple[list[str], list[Warned]]:
    """A name for each column, unlike all others even without case, and a warning for each that comes again."""
    names: list[str] = []
    warnings: list[Warned] = []
    taken = {"_row"}
    for index, field in enumerate(fields):
        bare = field.strip()
        wished = bare or f"column{index}"
        name, number = wished, 2
        while name.casefold() in taken:
            name, number = f"{wished}_{number}", number + 1
        taken.add(name.casefold())
        names.append(name)
        if bare and name != bare:
            again = LoadWarns.NAME_AGAIN(place=index + 1, name=wished[:MAX_SHOWN], called=name[:MAX_SHOWN])
            warnings.append(again)
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
