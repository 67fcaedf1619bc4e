"""From a file to the table `data`: our seven types and no other, each repair a warning."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from adapters.data.base import DataError, LoadOptions, quote_identifier, quote_string
from adapters.data.column_profile import TYPES
from adapters.data.csv_format import HEAD_BYTES, CsvFormat, detect_csv_format, find_ragged_rows, place_of
from adapters.data.date_order import as_asked, explain_date_order, put_years_last
from adapters.data.encoding import as_utf8, detect_encoding
from adapters.data.inner_rows import without_inner_rows
from adapters.data.json_table import is_json, view_json
from adapters.data.mending import mended, unspaced
from adapters.data.messy_numbers import undress_numbers
from adapters.data.messy_times import undress_times
from adapters.data.missing_words import settle_missing_words
from adapters.data.named_dates import undress_named_dates
from adapters.data.proven_types import keep_with_proven_types
from adapters.data.truth_values import read_truth_values

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
CANDIDATES = ("NULL", "TIME", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "BIGINT", "DOUBLE", "VARCHAR")
"""The types that the reader may find; booleans are ours to find: it takes yes, no, t and f for them too."""
LARGE_BYTES = 32 * 2**20
"""Beyond that it pays to guess the types and prove them."""
MAX_CSV_LINE_BYTES = 4_000_000
MAX_DESCRIPTION = 500
NOT_CONVERTED = re.compile(r"converting column \"(.*)\"\. Could not convert string \"(.*)\" to '(\w+)'")
READ_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException)


def read_into_data(connection: duckdb.DuckDBPyConnection, path: Path, options: LoadOptions, beside: Path) -> list[str]:
    """Read a CSV or JSON file into the table `data`; gives the warnings.

    Parameters
    ----------
    beside : Path
        A folder for the copy in UTF-8 that a file in another encoding needs; the copy is removed.

    Raises
    ------
    DataError
        With one sentence, and the line where there is one.
    """
    encoding = detect_encoding(path)
    warnings = []
    if encoding.first_line is not None:
        warnings.append(f"not UTF-8: read as {encoding.name}, a guess; look at line {encoding.first_line}")
    with as_utf8(path, encoding, beside) as text:
        if is_json(path):
            with _one_sentence(path.name):
                view_json(connection, text, quoted_path(text), path.name)
                return [*warnings, *keep_source(connection)]
        with unspaced(text, beside) as (table, notes):
            return [*warnings, *notes, *_read_csv(connection, table, options, path.name, beside)]


def _read_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, options: LoadOptions, name: str, beside: Path
) -> list[str]:
    csv = detect_csv_format(path, options, name)
    with without_inner_rows(path, beside, csv) as (table, notes):
        warnings = [*csv.warnings, *notes, *_read_table(connection, table, csv, options, name, beside)]
    for column, description in zip(csv.names, csv.descriptions, strict=False):
        if description is not None:
            said = quote_string(description[:MAX_DESCRIPTION])
            connection.execute(f"COMMENT ON COLUMN data.{quote_identifier(column)} IS {said}")
    return warnings


def _read_table(
    connection: duckdb.DuckDBPyConnection, path: Path, csv: CsvFormat, options: LoadOptions, name: str, beside: Path
) -> list[str]:
    try:
        return _keep_csv(connection, path, csv, pads=False, options=options)
    except READ_ERRORS as error:
        with mended(path, beside) as (copy, notes):
            # Only where something was mended: else the same would fail again.
            if notes:
                with contextlib.suppress(*READ_ERRORS):
                    return [*notes, *_keep_csv(connection, copy, csv, pads=False, options=options)]
            ragged = find_ragged_rows(copy, csv)
            if ragged.problem is not None or ragged.first_short is None:
                raise DataError(f"{name!r} cannot be read: {ragged.problem or reason(str(error))}") from error
            short = (
                f"{ragged.n_short} rows are shorter than the header, the first in line {ragged.first_short}: "
                "what they lack is missing"
            )
            with _one_sentence(name):
                kept = _keep_csv(connection, copy, csv, pads=True, options=options)
            return [*notes, short, *kept]


def estimate_rows(path: Path) -> int:
    """About how many rows the text file has, by the lines of its head."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return int(path.stat().st_size / max(1, len(head)) * max(1, head.count(b"\n")))


def _keep_csv(
    connection: duckdb.DuckDBPyConnection, path: Path, csv: CsvFormat, pads: bool, options: LoadOptions
) -> list[str]:
    given = _given(path, csv, pads, MISSING_WORDS)
    asked = "" if options.day_first is None else as_asked(connection, given, options.day_first)
    warnings, formats = _keep_typed(connection, path.stat().st_size, given + asked, csv)
    # What the reader took for dates, before columns of text become dates of other forms.
    formats = put_years_last(connection, formats, options.day_first)
    explained = explain_date_order(connection, formats)
    read_truth_values(connection)
    warnings += undress_numbers(connection, csv.delimiter, lambda row: place_of(path, csv, row))
    warnings += undress_times(connection, options.day_first)
    warnings += undress_named_dates(connection)
    as_written = f"read_csv({_given(path, csv, pads, ('',))}, all_varchar=true)"
    warnings += settle_missing_words(connection, as_written, MISSING_WORDS)
    if _is_dated(connection):
        return [*warnings, *explained]
    if asked:
        warnings.append("not every date fits the order of day and month that was asked for: they are kept as text")
    return warnings


def _given(path: Path, csv: CsvFormat, pads: bool, missing: Sequence[str]) -> str:
    """The arguments of read_csv: the file and its form, types aside."""
    names = ", ".join(quote_string(name) for name in csv.names)
    return (
        f"{quoted_path(path)}, compression='none', delim='{csv.delimiter}', quote='\"', escape='\"', "
        f"header={str(csv.header).lower()}, names=[{names}], skip={csv.n_records}, comment='', "
        f"null_padding={str(pads).lower()}, nullstr={list(missing)!r}, max_line_size={MAX_CSV_LINE_BYTES}, "
        f"auto_type_candidates={list(CANDIDATES)!r}"
    )


def _keep_typed(
    connection: duckdb.DuckDBPyConnection, n_bytes: int, given: str, csv: CsvFormat
) -> tuple[list[str], Mapping[str, str | None]]:
    """The table with types that hold in every row, the warnings, and the forms of its dates."""
    if n_bytes > LARGE_BYTES:
        formats = keep_with_proven_types(connection, given)
        if formats is not None:
            return _map_infinities(connection), formats
    # sample_size -1: types are decided over every row; a sample would read 1.5 in row 60,000 as 2.
    whole = f"{given}, sample_size=-1"
    warnings = _keep_with_mixed_columns_as_text(connection, whole, csv.names)
    if not _is_dated(connection):
        return warnings, {}
    found = connection.execute(f"SELECT DateFormat, TimestampFormat FROM sniff_csv({whole})").fetchall()[0]
    return warnings, {"DATE": found[0], "TIMESTAMP": found[1]}


def _is_dated(connection: duckdb.DuckDBPyConnection) -> bool:
    dated = "SELECT count(*) FROM (DESCRIBE data) WHERE column_type IN ('DATE', 'TIMESTAMP')"
    return bool(connection.execute(dated).fetchall()[0][0])


def _keep_with_mixed_columns_as_text(
    connection: duckdb.DuckDBPyConnection, options: str, names: Sequence[str]
) -> list[str]:
    """Read the file; a column whose values fit no single type although most do (two date formats) stays text."""
    texts: list[str] = []
    warnings: list[str] = []
    while True:
        types = ", ".join(f"{quote_string(name)}: 'VARCHAR'" for name in texts)
        forced = f", types={{{types}}}" if texts else ""
        connection.execute(f"CREATE OR REPLACE TEMP VIEW source AS SELECT * FROM read_csv({options}{forced})")
        try:
            return [*warnings, *keep_source(connection)]
        except duckdb.ConversionException as error:
            found = NOT_CONVERTED.search(str(error))
            if found is None or found.group(1) not in names or found.group(1) in texts:
                raise
            name, value, sql_type = found.groups()
            texts.append(name)
            kind = TYPES.get(sql_type, sql_type.lower())
            warnings.append(f"column {name[:64]!r} is mostly {kind} but holds {value[:40]!r}: it is kept as text")


def keep_source(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The view `source` as the table `data`, its columns of our types."""
    warnings: list[str] = []
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE source)").fetchall()
    selected = [_typed(name, data_type, warnings) for name, data_type in described]
    connection.execute(f"CREATE TABLE data AS SELECT {', '.join(selected)} FROM source")
    return [*warnings, *_map_infinities(connection)]


def quoted_path(path: Path | str) -> str:
    """A file's path as a SQL string, in which * and ? are no pattern."""
    pattern = re.sub(r"([*?\[])", r"[\1]", str(path))
    return quote_string(pattern)


def _typed(name: str, data_type: str, warnings: list[str]) -> str:
    """The column as one of our types, as SQL."""
    column = quote_identifier(name)
    label = quote_identifier("_row_1" if name.lower() == "_row" else name)
    if data_type in TYPES:
        return f"{column} AS {label}"
    if data_type in ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"):
        target = "BIGINT"
    elif data_type in ("FLOAT", "HUGEINT", "UBIGINT", "UHUGEINT") or data_type.startswith("DECIMAL"):
        target = "DOUBLE"
    elif data_type.startswith("TIMESTAMP"):
        target = "TIMESTAMP"
    else:
        target = "VARCHAR"
        if not data_type.startswith("ENUM"):
            warnings.append(f"column {name[:64]!r} of type {data_type[:40]} is kept as text")
    return f"CAST({column} AS {target}) AS {label}"


def _map_infinities(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Infinite and not-a-number values become missing, counted: one of them would spoil every sum."""
    warnings = []
    described = connection.execute("SELECT column_name FROM (DESCRIBE data) WHERE column_type = 'DOUBLE'").fetchall()
    names = [row[0] for row in described]
    counts = [f"count_if(NOT isfinite({quote_identifier(name)}))" for name in names]
    if not names:
        return []
    found = connection.execute(f"SELECT {', '.join(counts)} FROM data").fetchall()[0]
    for name in [name for name, n_odd in zip(names, found, strict=True) if n_odd]:
        column = quote_identifier(name)
        changed = connection.execute(f"UPDATE data SET {column} = NULL WHERE NOT isfinite({column})").fetchall()[0][0]
        warnings.append(f"column {name[:64]!r}: {changed} infinite or not-a-number values are missing now")
    return warnings


@contextmanager
def _one_sentence(name: str) -> Iterator[None]:
    """What DuckDB says about a bad file, as one sentence."""
    try:
        yield
    except READ_ERRORS as error:
        raise DataError(f"{name!r} cannot be read: {reason(str(error))}") from error


def reason(message: str) -> str:
    """DuckDB's words about a bad file: the line, where there is one, and what is wrong."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    if line is None:
        return message.partition("\n")[0].partition(": ")[2] or message[:200]
    lines = message.split("\n")
    words = next((text for text in lines[1:] if text and not text.startswith("Original Line")), "it is malformed")
    return f"line {line.group(1)}: {words.rstrip('. ')}"
