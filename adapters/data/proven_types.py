"""Large CSV files: types guessed from the head, then proven over every row, in one reading.

DuckDB's sniffer looks at 20,480 rows, and reads 1.5 in row 60,000 of whole numbers as 2, without a word. Reading the
whole file for the types alone takes five times as long as a scan. So what it takes for whole numbers, dates or truth
values is read as text, seen to be that in every row, and then converted. Where one row disagrees, nothing is kept, and
the file is read the slow way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from adapters.data.base import quote_identifier, quote_string

SAMPLED_ROWS = 20_000
PROOF = "_row"
"""The name that no column has."""
DATE_PATTERN = r"\d{4}-\d{2}-\d{2}"
TIME_PATTERN = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
PATTERNS = {
    "DATE": DATE_PATTERN,
    "TIMESTAMP": f"{DATE_PATTERN}[ T]{TIME_PATTERN}",
    "TIME": TIME_PATTERN,
}
"""What every value of a column must be before it becomes that type; dates in another form go by `strptime`."""
PLAIN = frozenset(["DOUBLE", "VARCHAR"])


def keep_with_proven_types(connection: duckdb.DuckDBPyConnection, options: str) -> Mapping[str, str | None] | None:
    """Read the CSV into the table `data` with types that hold in every row.

    Parameters
    ----------
    options : str
        The arguments of read_csv, without types and sample size.

    Returns
    -------
    mapping or None
        The formats of the types DATE and TIMESTAMP; None, and no table, where the guess does not hold.
    """
    found = connection.execute(f"SELECT Columns, DateFormat, TimestampFormat FROM sniff_csv({options})").fetchall()[0]
    guessed = {column["name"]: column["type"] for column in found[0]}
    formats = {"DATE": found[1], "TIMESTAMP": found[2]}
    if not set(guessed.values()) <= PLAIN | set(PATTERNS) | {"BIGINT"}:
        return None
    read_as = {name: kind if kind in PLAIN else "VARCHAR" for name, kind in guessed.items()}
    types = ", ".join(f"{quote_string(name)}: '{kind}'" for name, kind in read_as.items())
    columns = [_converted(name, kind, formats.get(kind)) for name, kind in guessed.items()]
    proofs = [
        _fits(quote_identifier(name), kind, formats.get(kind)) for name, kind in guessed.items() if kind not in PLAIN
    ]
    # Proven in the same reading: a column that is true in every row, and then taken away again.
    selected = ", ".join([*columns, f"{' AND '.join(proofs) or 'true'} AS {PROOF}"])
    try:
        connection.execute(f"CREATE TABLE data AS SELECT {selected} FROM read_csv({options}, types={{{types}}})")
    except (duckdb.ConversionException, duckdb.InvalidInputException):
        return None
    if not _hold(connection, [name for name, kind in guessed.items() if kind == "VARCHAR"]):
        connection.execute("DROP TABLE data")
        return None
    connection.execute(f"ALTER TABLE data DROP COLUMN {PROOF}")
    return formats


def _hold(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> bool:
    """Whether every row was proven; a column of text must have had a text in the head, or it may be anything."""
    firsts = [
        f"coalesce(min(rowid) FILTER ({quote_identifier(name)} IS NOT NULL), 0) < {SAMPLED_ROWS}" for name in texts
    ]
    conditions = " AND ".join([f"coalesce(bool_and({PROOF}), true)", *firsts])
    return bool(connection.execute(f"SELECT {conditions} FROM data").fetchall()[0][0])


def _fits(column: str, kind: str, form: str | None) -> str:
    """Whether the text is a value of that type and was written as one, as SQL; never NULL."""
    if kind == "BIGINT":
        # Written as the number is written: no fraction, no leading zero, no plus.
        written = f"CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) = {column}"
    elif form is not None and not _is_standard(form):
        written = f"try_strptime({column}, {quote_string(form)}) IS NOT NULL"
    else:
        written = (
            f"regexp_full_match({column}, {quote_string(PATTERNS[kind])}) AND TRY_CAST({column} AS {kind}) IS NOT NULL"
        )
    return f"({column} IS NULL OR coalesce({written}, false))"


def _converted(name: str, kind: str, form: str | None) -> str:
    column = quote_identifier(name)
    if kind in PLAIN:
        return column
    if form is not None and not _is_standard(form) and kind in ("DATE", "TIMESTAMP"):
        return f"CAST(try_strptime({column}, {quote_string(form)}) AS {kind}) AS {column}"
    return f"TRY_CAST({column} AS {kind}) AS {column}"


def _is_standard(form: str) -> bool:
    return form.startswith("%Y-%m-%d")
