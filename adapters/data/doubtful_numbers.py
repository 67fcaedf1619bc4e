"""Numbers that may mean something else than they say: dates of eight digits, points between thousands."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.decimal_marks import Proof
from adapters.data.many_columns import Answer, Question, ask_each, column_types

THOUSANDS = r"[-+]?[1-9]\d{0,2}\.\d{3}"
FIRST_DAY, LAST_DAY = 19000101, 21001231


def name_doubtful_numbers(
    connection: duckdb.DuckDBPyConnection, as_written: str, delimiter: str, proof: Proof
) -> list[str]:
    """A sentence for each column of numbers of `data` that may be dates (20240131) or thousands (1.234).

    The latter only in files cut by semicolons: those come from where the comma is decimal; unless the file proves that
    the point is.

    Parameters
    ----------
    as_written : str
        The table as SQL once more, every column as text and only nothing read as missing.
    """
    kinds = column_types(connection)
    whole = [name for name, kind in kinds.items() if kind == "BIGINT"]
    floats = [name for name, kind in kinds.items() if kind == "DOUBLE" and delimiter == ";" and not proof.is_point]
    is_day = (
        f"x BETWEEN {FIRST_DAY} AND {LAST_DAY} AND try_strptime(CAST(x AS VARCHAR), '%Y%m%d') IS NOT NULL",
        "true",
    )
    days = ask_each(connection, whole, _all_of(*is_day))
    is_thousands = (f"regexp_full_match(trim(x), '{THOUSANDS}')", "trim(x) <> ''")
    thousands = ask_each(connection, floats, _all_of(*is_thousands), as_written)
    said = []
    for name in kinds:
        if _holds(days.get(name)):
            said.append(
                f"column {name[:64]!r} holds whole numbers that look like dates (year, month, day): the step cast of "
                "transform (to date) makes them so"
            )
        if _holds(thousands.get(name)):
            said.append(
                f"column {name[:64]!r}: every value has three digits behind a point, which is read as the decimal "
                f"one; if it stands between thousands, derive round({quote_identifier(name)} * 1000)"
            )
    return said


def _all_of(condition: str, counted: str) -> Question:
    """Whether the condition holds for every value that is counted; most columns fail in their first rows."""
    return Question(
        lambda cells: f"SELECT c, count(*), bool_and({condition}) FROM {cells} WHERE {counted} GROUP BY c",
        worth=_holds,
    )


def _holds(answer: Answer | None) -> bool:
    """Whether it held, of two values or more."""
    return answer is not None and answer[0] > 1 and bool(answer[1])
