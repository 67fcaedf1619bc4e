"""Which text columns hold truth values: those that say true and false, and no other words."""

from __future__ import annotations

import duckdb

from adapters.data.many_columns import Change, Question, ask_each, change_columns, columns_of

TRUTH = "(?i)true|false"


def read_truth_values(connection: duckdb.DuckDBPyConnection) -> None:
    """Make booleans of the text columns of `data` of which every value is a literal true or false, in any case.

    DuckDB's reader also takes yes, no, t, f, y and n for them; those are the file's words for its two levels, and a
    result that speaks of `true` is about a value that nobody wrote.
    """
    question = Question(
        lambda cells: f"SELECT c, count(*), bool_and(regexp_full_match(x, ?)) FROM {cells} GROUP BY c",
        (TRUTH,),
        worth=lambda answer: bool(answer[1]),
    )
    found = ask_each(connection, columns_of(connection, "VARCHAR"), question)
    truths = [name for name, (_, are_all) in found.items() if are_all]
    change_columns(connection, dict.fromkeys(truths, Change("BOOLEAN", "CAST({} AS BOOLEAN)".format)))
