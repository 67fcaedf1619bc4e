"""Text columns without a digit: nothing in them can be a number, a date or a period."""

from __future__ import annotations

import duckdb

from adapters.data.many_columns import HEAD_ROWS, Question, ask_each, columns_of, count_rows


def find_words_alone(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The text columns of `data` of which no value holds a digit of any script.

    What looks for numbers, dates and periods takes most of the time of a short file, and finds none there. Of a long
    table none is named: those looks end at its first rows, and this one would not.
    """
    names = columns_of(connection, "VARCHAR")
    if not names or count_rows(connection) > HEAD_ROWS:
        return []
    question = Question(
        lambda cells: f"SELECT c, count(*), bool_or(regexp_matches(x, '\\p{{Nd}}')) FROM {cells} GROUP BY c"
    )
    return [name for name, (_, has_digit) in ask_each(connection, names, question).items() if not has_digit]
