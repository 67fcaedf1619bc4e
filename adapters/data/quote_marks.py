"""Text that somebody marked for a spreadsheet, as `adapters.spreadsheet_csv` does: it stays as it is, and is named."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier, quote_string
from adapters.spreadsheet_csv import MARK, SIGNS

MARKED = quote_string(rf"^'\s*{SIGNS}")
MOST_NAMED = 3


def find_quote_marks(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """A warning where values or names of the table `data` begin with a quote mark and a sign, as in '=1+1.

    Nobody but the writer knows whether the mark is data, so nothing is taken off.
    """
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall()
    texts = [name for name, kind in described if kind == "VARCHAR"]
    counts = [
        f"count_if(starts_with({name}, {quote_string(MARK)}) AND regexp_matches({name}, {MARKED}))"
        for name in map(quote_identifier, texts)
    ]
    found = connection.execute(f"SELECT {', '.join(counts)} FROM data").fetchall()[0] if counts else ()
    marked = [(name, n) for name, n in zip(texts, found, strict=True) if n]
    named = ", ".join(f"{name[:40]!r} ({n:,})" for name, n in marked[:MOST_NAMED])
    more = f" and {len(marked) - MOST_NAMED} more columns" if len(marked) > MOST_NAMED else ""
    named_so = f"SELECT column_name FROM (DESCRIBE data) WHERE regexp_matches(column_name, {MARKED})"
    headers = [name for (name,) in connection.execute(named_so).fetchall()]
    warnings = []
    if marked:
        warnings.append(
            f"values of {named}{more} begin with a quote mark before = + - or @, which keeps spreadsheets from running "
            "them; they are kept as the file has them, so they differ from the same text without the mark"
        )
    if headers:
        shown = ", ".join(repr(name[:40]) for name in headers[:MOST_NAMED])
        warnings.append(f"names of columns begin with such a quote mark and keep it: {shown}")
    return warnings
