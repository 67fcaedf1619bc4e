"""Numbers that may mean something else than they say: dates, months, seconds since 1970, thousands."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.decimal_marks import Proof
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Answer, Question, ask_each, column_types
from adapters.records.warned import Warned

THOUSANDS = r"[-+]?[1-9]\d{0,2}\.\d{3}"
FIRST_DAY, LAST_DAY = 19000101, 21001231
FEWEST_MONTHS = 4
"""Of fewer values that all could be months it may be chance."""
TIME_NAME = re.compile(
    r"(?i:(.*[^a-z])?(date|day|datetime|time|timestamp|ts|epoch|unix\w*|created|updated|at|when)([^a-z].*)?)"
    r"|.*[a-z](Date|Time|Timestamp|At)"
)
"""Names of columns in which a number of days or seconds is to be expected; 'age' and 'rate' are none."""


@dataclass(frozen=True)
class _Calendar:
    """Numbers that stand for times: what holds of every such x, as SQL, and what is said."""

    holds: str
    warns: LoadWarns
    kind: str = "BIGINT"
    needs_name: bool = True
    fewest: int = 2


CALENDARS = (
    _Calendar(
        f"x BETWEEN {FIRST_DAY} AND {LAST_DAY} AND try_strptime(CAST(x AS VARCHAR), '%Y%m%d') IS NOT NULL",
        LoadWarns.MAY_BE_DATES,
        needs_name=False,
    ),
    _Calendar(
        "x BETWEEN 190001 AND 210012 AND x % 100 BETWEEN 1 AND 12",
        LoadWarns.MAY_BE_MONTHS,
        needs_name=False,
        fewest=FEWEST_MONTHS,
    ),
    _Calendar(
        "x BETWEEN 1900 AND 2101 AND round(x * 100) % 100 BETWEEN 1 AND 12 AND abs(x * 100 - round(x * 100)) < 1e-6",
        LoadWarns.MAY_BE_DECIMAL_MONTHS,
        kind="DOUBLE",
        needs_name=False,
        fewest=FEWEST_MONTHS,
    ),
    _Calendar("x BETWEEN 20000 AND 60000", LoadWarns.MAY_BE_SPREADSHEET_DAYS),
    _Calendar("x BETWEEN 20000 AND 60000", LoadWarns.MAY_BE_SPREADSHEET_TIMES, kind="DOUBLE"),
    _Calendar("x BETWEEN 100000000 AND 4102444800", LoadWarns.MAY_BE_SECONDS),
    _Calendar("x BETWEEN 100000000000 AND 4102444800000", LoadWarns.MAY_BE_MILLISECONDS),
)


def name_doubtful_numbers(
    connection: duckdb.DuckDBPyConnection, as_written: str, delimiter: str, proof: Proof
) -> list[Warned]:
    """A warning for each column of numbers of `data` that may be dates (20240131, 45322) or thousands (1.234).

    A spreadsheet's days and the seconds since 1970 are numbers as any others: there the column's name decides.
    Thousands only in files cut by semicolons: those come from where the comma is decimal; unless the file proves that
    the point is.

    Parameters
    ----------
    as_written : str
        The table as SQL once more, every column as text and only nothing read as missing.
    """
    kinds = column_types(connection)
    floats = [name for name, kind in kinds.items() if kind == "DOUBLE" and delimiter == ";" and not proof.is_point]
    calendars = []
    for calendar in CALENDARS:
        asked = [name for name, kind in kinds.items() if kind == calendar.kind]
        if calendar.needs_name:
            asked = [name for name in asked if TIME_NAME.fullmatch(name)]
        calendars.append((calendar, ask_each(connection, asked, _all_of(calendar.holds, "true"))))
    is_thousands = (f"regexp_full_match(trim(x), '{THOUSANDS}')", "trim(x) <> ''")
    thousands = ask_each(connection, floats, _all_of(*is_thousands), as_written)
    said = []
    for name in kinds:
        column = quote_identifier(name)
        for calendar, found in calendars:
            if _holds(found.get(name)) and found[name][0] >= calendar.fewest:
                said.append(calendar.warns(name=name[:64], column=column))
        if _holds(thousands.get(name)):
            said.append(LoadWarns.MAY_BE_THOUSANDS(name=name[:64], column=column))
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
