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
"""What every value of a column must be before it becomes that type."""
PLAIN = frozenset(["DOUBLE", "VARCHAR"])


def keep_with_proven_types(
    connection: duckdb.DuckDBPyConnection, options: str, candidates: Sequence[str], texts: Sequence[str]
) -> bool:
    """Read the CSV into the table `data` with types that hold in every row; False, and no table, where the guess fails.

    Dates that begin with the year, as ISO has them, are proven on the way; all others stay text here.

    Parameters
    ----------
    options : str
        The arguments of read_csv, without types and sample size.
    candidates : sequence of str
        The types that may be guessed, dates aside.
    texts : sequence of str
        Columns that are text whatever the guess.
    """
    types_tried = ["DATE", "TIMESTAMP", *candidates]
    sniffed = f"SELECT Columns FROM sniff_csv({options}, auto_type_candidates={types_tried!r})"
    found = connection.execute(sniffed).fetchall()[0][0]
    guessed = {column["name"]: "VARCHAR" if column["name"] in texts else column["type"] for column in found}
    if not set(guessed.values()) <= PLAIN | set(PATTERNS) | {"BIGINT"}:
        return False
    guessed |= dict.fromkeys(_other_dates(connection, options, guessed), "VARCHAR")
    read_as = {name: kind if kind in PLAIN else "VARCHAR" for name, kind in guessed.items()}
    types = ", ".join(f"{quote_string(name)}: '{kind}'" for name, kind in read_as.items())
    columns = [_converted(name, kind) for name, kind in guessed.items()]
    proofs = [_fits(quote_identifier(name), kind) for name, kind in guessed.items() if kind not in PLAIN]
    # Proven in the same reading: a column that is true in every row, and then taken away again.
    selected = ", ".join([*columns, f"{' AND '.join(proofs) or 'true'} AS {PROOF}"])
    try:
        connection.execute(f"CREATE TABLE data AS SELECT {selected} FROM read_csv({options}, types={{{types}}})")
    except (duckdb.ConversionException, duckdb.InvalidInputException):
        return False
    if not _hold(connection, [name for name, kind in guessed.items() if kind == "VARCHAR" and name not in texts]):
        connection.execute("DROP TABLE data")
        return False
    connection.execute(f"ALTER TABLE data DROP COLUMN {PROOF}")
    return True


def _other_dates(connection: duckdb.DuckDBPyConnection, options: str, guessed: Mapping[str, str]) -> list[str]:
    """The columns guessed to be dates that are not written as ISO has them, or with an offset, in the head."""
    dated = {name: kind for name, kind in guessed.items() if kind in ("DATE", "TIMESTAMP")}
    if not dated:
        return []
    parts = [
        f"coalesce(bool_and(regexp_full_match({quote_identifier(name)}, {quote_string(PATTERNS[kind])})), true)"
        for name, kind in dated.items()
    ]
    head = f"(SELECT * FROM read_csv({options}, all_varchar=true) LIMIT {SAMPLED_ROWS})"
    are_iso = connection.execute(f"SELECT {', '.join(parts)} FROM {head}").fetchall()[0]
    return [name for name, is_iso in zip(dated, are_iso, strict=True) if not is_iso]


def _hold(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> bool:
    """Whether every row was proven; a column of text must have had a text in the head, or it may be anything."""
    firsts = [
        f"coalesce(min(rowid) FILTER ({quote_identifier(name)} IS NOT NULL), 0) < {SAMPLED_ROWS}" for name in texts
    ]
    conditions = " AND ".join([f"coalesce(bool_and({PROOF}), true)", *firsts])
    return bool(connection.execute(f"SELECT {conditions} FROM data").fetchall()[0][0])


def _fits(column: str, kind: str) -> str:
    """Whether the text is a value of that type and was written as one, as SQL; never NULL."""
    if kind == "BIGINT":
        # Written as the number is written: no fraction, no leading zero, no plus.
        written = f"CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR) = {column}"
    else:
        written = (
            f"regexp_full_match({column}, {quote_string(PATTERNS[kind])}) AND TRY_CAST({column} AS {kind}) IS NOT NULL"
        )
    return f"({column} IS NULL OR coalesce({written}, false))"


def _converted(name: str, kind: str) -> str:
    column = quote_identifier(name)
    return column if kind in PLAIN else f"TRY_CAST({column} AS {kind}) AS {column}"
