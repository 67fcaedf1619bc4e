"""Text that somebody marked for a spreadsheet, as `adapters.spreadsheet_csv` does: it stays as it is, and is named."""

from __future__ import annotations

import re

import duckdb

from adapters.data.base import quote_string
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Question, ask_each, column_types, columns_of
from adapters.records.warned import Warned
from adapters.spreadsheet_csv import MARK, SIGNS

MARKED = rf"^'\s*{SIGNS}"
IS_MARKED = f"starts_with(x, {quote_string(MARK)}) AND regexp_matches(x, {quote_string(MARKED)})"
MOST_NAMED = 3


def find_quote_marks(connection: duckdb.DuckDBPyConnection) -> list[Warned]:
    """A warning where values or names of the table `data` begin with a quote mark and a sign, as in '=1+1.

    Nobody but the writer knows whether the mark is data, so nothing is taken off.
    """
    question = Question(lambda cells: f"SELECT c, count(*), count_if({IS_MARKED}) FROM {cells} GROUP BY c")
    found = ask_each(connection, columns_of(connection, "VARCHAR"), question)
    marked = [(name, n) for name, (_, n) in found.items() if n]
    named = ", ".join(f"{name[:40]!r} ({n:,})" for name, n in marked[:MOST_NAMED])
    more = f" and {len(marked) - MOST_NAMED} more columns" if len(marked) > MOST_NAMED else ""
    headers = [name for name in column_types(connection) if re.match(MARKED, name, re.ASCII)]
    warnings = []
    if marked:
        warnings.append(LoadWarns.QUOTE_MARKS(names=named + more))
    if headers:
        shown = ", ".join(repr(name[:40]) for name in headers[:MOST_NAMED])
        warnings.append(LoadWarns.QUOTE_MARKS_IN_NAMES(names=shown))
    return warnings
