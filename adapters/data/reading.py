"""From a file to the table `data`: our seven types and no other, each repair a warning."""

from __future__ import annotations

import contextlib
import functools
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import duckdb

from adapters.data.base import DataError, LoadOptions, quote_identifier, quote_string
from adapters.data.column_profile import TYPES
from adapters.data.csv_format import CsvFormat, detect_csv_format, find_ragged_rows, place_of
from adapters.data.decimal_marks import look_at_points, read_thousands
from adapters.data.doubtful_numbers import name_doubtful_numbers
from adapters.data.empty_parts import drop_empty_columns, drop_empty_rows
from adapters.data.encoding import as_utf8, detect_encoding
from adapters.data.file_head import HEAD_BYTES, MAX_LINE_BYTES
from adapters.data.inner_rows import without_inner_rows
from adapters.data.json_table import is_json, json_reader, view_json
from adapters.data.load_warns import LoadWarns
from adapters.data.long_numbers import find_doubtful, find_identifiers
from adapters.data.many_columns import (
    COLUMNS_AT_ONCE,
    Change,
    Question,
    ask_each,
    change_columns,
    check_width,
    column_types,
    columns_of,
)
from adapters.data.mending import holds, mended, unspaced
from adapters.data.messy_numbers import undress_numbers
from adapters.data.missing_codes import name_missing_codes
from adapters.data.missing_words import MISSING_WORDS, settle_missing_words
from adapters.data.near_numbers import name_near_numbers, take_flags
from adapters.data.proven_types import keep_with_proven_types
from adapters.data.text_dates import read_text_dates
from adapters.data.text_periods import name_periods
from adapters.data.truth_values import read_truth_values
from adapters.data.words_alone import find_words_alone
from adapters.records.warned import Warned

CANDIDATES = ("NULL", "TIME", "BIGINT", "DOUBLE", "VARCHAR")
"""The types that the reader may find; booleans are ours to find: it takes yes, no, t and f for them too.

So are dates: it throws offsets away, and settles day and month by the first column alone.
"""
OTHER_BASES = (b"0x", b"0X", b"0b", b"0B")
"""The reader takes 0x1F for 31."""
LARGE_BYTES = 32 * 2**20
"""Beyond that it pays to guess the types and prove them."""
WIDE = ("HUGEINT", "UBIGINT", "UHUGEINT")
MAX_DESCRIPTION = 500
NOT_CONVERTED = re.compile(r"converting column \"(.*)\"\. Could not convert string \"(.*)\" to '(\w+)'")
READ_ERRORS = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException)


@dataclass(frozen=True)
class Readout:
    """What reading a file says beside its rows: warnings, and of columns what the file says of them."""

    warnings: tuple[Warned, ...]
    descriptions: Mapping[str, str] = field(default_factory=dict)


def read_into_data(
    connection: duckdb.DuckDBPyConnection, path: Path, options: LoadOptions, beside: Path, cancel: threading.Event
) -> Readout:
    """Read a CSV or JSON file into the table `data`.

    Parameters
    ----------
    beside : Path
        A folder for the copy in UTF-8 that a file in another encoding needs; the copy is removed.
    cancel : Event
        Set to stop the work that is ours: what DuckDB does is interrupted by whoever holds the connection.

    Raises
    ------
    DataError
        With one sentence, and the line where there is one.
    Cancelled
        If it was stopped.
    """
    encoding = detect_encoding(path, cancel)
    warnings = []
    if encoding.first_line is not None:
        warnings.append(LoadWarns.NOT_UTF8(encoding=encoding.name, line=encoding.first_line))
    with as_utf8(path, encoding, beside, cancel) as text:
        if is_json(path):
            with _one_sentence(path.name):
                view_json(connection, text, quoted_path(text), path.name)
                kept = _keep_records(connection, quoted_path(text), options)
                return Readout((*warnings, *kept, *name_missing_codes(connection)))
        with unspaced(text, beside, cancel) as (table, notes):
            found = _read_csv(connection, table, options, path.name, beside, cancel)
            return replace(found, warnings=(*warnings, *notes, *found.warnings, *name_missing_codes(connection)))


def _read_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    options: LoadOptions,
    name: str,
    beside: Path,
    cancel: threading.Event,
) -> Readout:
    csv = detect_csv_format(path, options, name)
    check_width(len(csv.names), repr(name))
    with without_inner_rows(path, beside, csv, cancel) as (table, notes):
        found = _read_table(connection, table, csv, options, name, beside, cancel)
    unnamed = drop_empty_columns(connection, csv.names, csv.unnamed)
    said = {
        column: description[:MAX_DESCRIPTION]
        for column, description in zip(csv.names, csv.descriptions, strict=False)
        if description is not None
    }
    return Readout((*unnamed, *csv.warnings, *notes, *found), said)


def _read_table(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    csv: CsvFormat,
    options: LoadOptions,
    name: str,
    beside: Path,
    cancel: threading.Event,
) -> list[Warned]:
    try:
        return _keep_csv(connection, path, csv, pads=False, options=options, cancel=cancel)
    except READ_ERRORS as error:
        with mended(path, beside, cancel) as (copy, notes):
            # Only where something was mended: else the same would fail again.
            if notes:
                with contextlib.suppress(*READ_ERRORS):
                    return [*notes, *_keep_csv(connection, copy, csv, pads=False, options=options, cancel=cancel)]
            ragged = find_ragged_rows(copy, csv)
            if ragged.problem is not None or ragged.first_short is None:
                raise DataError(f"{name!r} cannot be read: {ragged.problem or reason(str(error))}") from error
            short = LoadWarns.SHORT_ROWS(n_rows=ragged.n_short, line=ragged.first_short)
            with _one_sentence(name):
                kept = _keep_csv(connection, copy, csv, pads=True, options=options, cancel=cancel)
            return [*notes, short, *kept]


def estimate_rows(path: Path) -> int:
    """About how many rows the text file has, by the lines of its head."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return int(path.stat().st_size / max(1, len(head)) * max(1, head.count(b"\n")))


def _keep_csv(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    csv: CsvFormat,
    pads: bool,
    options: LoadOptions,
    cancel: threading.Event,
) -> list[Warned]:
    given = _given(path, csv, pads, MISSING_WORDS)
    warnings, identifiers = _keep_typed(connection, path, given, csv, cancel)
    read_truth_values(connection)
    words = find_words_alone(connection)
    kept = (*identifiers, *words)
    flags = take_flags(connection, kept)
    as_written = f"read_csv({_given(path, csv, pads, ('',))}, all_varchar=true)"
    # Where commas cut the fields, the point alone can be decimal.
    grouped, point = ([], None) if csv.delimiter == "," else look_at_points(connection, as_written)
    place = functools.cache(partial(place_of, path, csv))
    numbers, proof = undress_numbers(connection, csv.delimiter, place, point, kept)
    if proof.is_comma:
        numbers += read_thousands(connection, as_written, grouped, proof)
    numbers += proof.conflict
    dates = read_text_dates(connection, options.day_first, words)
    missing = settle_missing_words(connection, as_written, MISSING_WORDS)
    near = [
        *name_near_numbers(connection, kept),
        *name_periods(connection, kept),
        *name_doubtful_numbers(connection, as_written, csv.delimiter, proof),
    ]
    return [*warnings, *flags, *numbers, *dates, *missing, *near, *drop_empty_rows(connection, as_written)]


def _given(path: Path, csv: CsvFormat, pads: bool, missing: Sequence[str]) -> str:
    """The arguments of read_csv: the file and its form, types aside."""
    names = ", ".join(quote_string(name) for name in csv.names)
    return (
        f"{quoted_path(path)}, compression='none', delim='{csv.delimiter}', quote='\"', escape='\"', "
        f"header={str(csv.header).lower()}, names=[{names}], skip={csv.n_records}, comment='', "
        f"null_padding={str(pads).lower()}, nullstr={list(missing)!r}, max_line_size={MAX_LINE_BYTES}"
    )


def _keep_records(connection: duckdb.DuckDBPyConnection, quoted: str, options: LoadOptions) -> list[Warned]:
    """The records of JSON that `source` shows, typed as those of a CSV file are."""
    warnings = keep_source(connection)
    described = column_types(connection, "source")
    doubtful = [name for name in find_doubtful(connection) if described.get(name) == "DOUBLE"]
    source = json_reader(quoted, dict.fromkeys(doubtful, "VARCHAR"))
    if texts := find_identifiers(connection, source, doubtful):
        kinds = {name: "VARCHAR" if name in texts else kind for name, kind in described.items()}
        connection.execute(f"CREATE OR REPLACE TEMP VIEW source AS SELECT * FROM {json_reader(quoted, kinds)}")
        connection.execute("DROP TABLE data")
        warnings = [*keep_source(connection), *texts.values()]
    words = find_words_alone(connection)
    kept = (*texts, *words)
    dates = read_text_dates(connection, options.day_first, words)
    near = [*name_near_numbers(connection, kept), *name_periods(connection, kept)]
    return [*warnings, *dates, *near]


def _keep_typed(
    connection: duckdb.DuckDBPyConnection, path: Path, given: str, csv: CsvFormat, cancel: threading.Event
) -> tuple[list[Warned], Sequence[str]]:
    """The table with types that hold in every row, the warnings, and the columns of identifiers, which are text."""
    warnings, is_proven = _keep_once(connection, path, given, csv, ())
    doubtful = find_doubtful(connection)
    if not is_proven and any(holds(path, mark, cancel) for mark in OTHER_BASES):
        doubtful += columns_of(connection, "BIGINT")
    texts = find_identifiers(connection, f"read_csv({given}, all_varchar=true)", doubtful)
    if not texts:
        return warnings, ()
    connection.execute("DROP TABLE data")
    warnings, _ = _keep_once(connection, path, given, csv, tuple(texts))
    return [*warnings, *texts.values()], tuple(texts)


def _keep_once(
    connection: duckdb.DuckDBPyConnection, path: Path, given: str, csv: CsvFormat, texts: Sequence[str]
) -> tuple[list[Warned], bool]:
    """The table, `texts` being text; the warnings, and whether the types were guessed and proven."""
    if path.stat().st_size > LARGE_BYTES and keep_with_proven_types(connection, given, CANDIDATES, texts):
        return _map_infinities(connection), True
    # sample_size -1: types are decided over every row; a sample would read 1.5 in row 60,000 as 2.
    whole = f"{given}, auto_type_candidates={list(CANDIDATES)!r}, sample_size=-1"
    return _keep_with_mixed_columns_as_text(connection, whole, csv.names, texts), False


def _keep_with_mixed_columns_as_text(
    connection: duckdb.DuckDBPyConnection, options: str, names: Sequence[str], known_texts: Sequence[str]
) -> list[Warned]:
    """Read the file; a column whose values fit no single type although most do stays text."""
    texts = list(known_texts)
    warnings: list[Warned] = []
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
            warnings.append(LoadWarns.MIXED_TYPES(name=name[:64], kind=kind, value=value[:40]))


def keep_source(connection: duckdb.DuckDBPyConnection) -> list[Warned]:
    """The view `source` as the table `data`, its columns of our types."""
    warnings: list[Warned] = []
    described = column_types(connection, "source")
    wide = _wide_targets(connection, [name for name, kind in described.items() if _is_wide(kind)])
    selected = [_typed(name, data_type, wide.get(name), warnings) for name, data_type in described.items()]
    connection.execute(f"CREATE TABLE data AS SELECT {', '.join(selected)} FROM source")
    return [*warnings, *_map_infinities(connection)]


def quoted_path(path: Path | str) -> str:
    """A file's path as a SQL string, in which * and ? are no pattern."""
    pattern = re.sub(r"([*?\[])", r"[\1]", str(path))
    return quote_string(pattern)


def _is_wide(data_type: str) -> bool:
    return data_type in WIDE or data_type.startswith("DECIMAL")


def _typed(name: str, data_type: str, wide: _Wide | None, warnings: list[Warned]) -> str:
    """The column as one of our types, as SQL."""
    column = quote_identifier(name)
    label = quote_identifier("_row_1" if name.lower() == "_row" else name)
    if data_type in TYPES:
        return f"{column} AS {label}"
    if data_type in ("TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"):
        target = "BIGINT"
    elif wide is not None:
        target = _wide_target(name, wide, warnings)
    elif data_type == "FLOAT":
        target = "DOUBLE"
    elif data_type == "TIMESTAMP WITH TIME ZONE":
        # A cast would move the times to the zone of this machine.
        warnings.append(LoadWarns.MOMENTS_IN_UTC(name=name[:64]))
        return f"make_timestamp(epoch_us({column})) AS {label}"
    elif data_type.startswith("TIMESTAMP"):
        target = "TIMESTAMP"
    else:
        target = "VARCHAR"
        if not data_type.startswith("ENUM"):
            warnings.append(LoadWarns.TYPE_KEPT_AS_TEXT(name=name[:64], kind=data_type[:40]))
    return f"CAST({column} AS {target}) AS {label}"


@dataclass(frozen=True)
class _Wide:
    """Whether all values of a column fit a BIGINT, are kept by a float64, are whole, and have 15 digits at most."""

    is_small: bool
    is_exact: bool
    is_whole: bool
    is_near: bool


def _wide_targets(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, _Wide]:
    """What the columns of long whole numbers and decimals of the view `source` hold, many in a statement."""
    found: dict[str, _Wide] = {}
    for start in range(0, len(names), COLUMNS_AT_ONCE):
        block = names[start : start + COLUMNS_AT_ONCE]
        answer = connection.execute(f"SELECT {', '.join(map(_wide_sql, block))} FROM source").fetchall()[0]
        found |= {name: _Wide(*answer[4 * place : 4 * place + 4]) for place, name in enumerate(block)}
    return found


def _wide_sql(name: str) -> str:
    column = quote_identifier(name)
    text = f"CAST({column} AS VARCHAR)"
    return (
        f"bool_and(CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) IS NOT DISTINCT FROM {text}), "
        f"bool_and(TRY_CAST(CAST({column} AS DOUBLE) AS HUGEINT) IS NOT DISTINCT FROM TRY_CAST({column} AS HUGEINT)), "
        f"bool_and(NOT contains({text}, '.')), max(abs(CAST({column} AS DOUBLE))) < 1e15"
    )


def _wide_target(name: str, wide: _Wide, warnings: list[Warned]) -> str:
    """BIGINT or DOUBLE where every value is kept by it, else text; a fraction is rounded, and that is said."""
    if wide.is_small:
        return "BIGINT"
    if wide.is_whole and not wide.is_exact:
        warnings.append(LoadWarns.LONG_NUMBERS(name=name[:64]))
        return "VARCHAR"
    if not wide.is_whole and not wide.is_near:
        warnings.append(LoadWarns.ROUNDED(name=name[:64]))
    return "DOUBLE"


def _map_infinities(connection: duckdb.DuckDBPyConnection) -> list[Warned]:
    """Infinite and not-a-number values become missing, counted: one of them would spoil every sum."""
    names = columns_of(connection, "DOUBLE")
    question = Question(lambda cells: f"SELECT c, count(*), count_if(NOT isfinite(x)) FROM {cells} GROUP BY c")
    odd = {name: n_odd for name, (_, n_odd) in ask_each(connection, names, question).items() if n_odd}
    change_columns(connection, dict.fromkeys(odd, Change("DOUBLE", "CASE WHEN isfinite({0}) THEN {0} END".format)))
    return [LoadWarns.NOT_FINITE(name=name[:64], n_values=n_odd) for name, n_odd in odd.items()]


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
