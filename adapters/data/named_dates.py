"""Columns of text that are dates with the month's English name: Jan 31, 2024; 31-Jan-24; 31 January 2024, 3:15 PM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import duckdb

from adapters.data.base import quote_string
from adapters.data.load_warns import ColumnWarns
from adapters.data.many_columns import Question, ask_each
from adapters.data.zones import ZONE, Zones, settle_zones
from adapters.records.warned import Warned

WEEKDAY = r"(?:(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|wednes|satur)(?:day)?,? +)?"
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
CLOCK = r"(?:,? +(\d{1,2}:\d{2})(:\d{2})?( ?[ap]\.?m\.?)?" + ZONE + ")?"
MONTH_FIRST = rf"(?i){WEEKDAY}{MONTH} +{DAY},? +(\d{{4}}){CLOCK}"
DAY_FIRST = rf"(?i){WEEKDAY}{DAY}[ /-]?{MONTH},?[ /-]?(\d{{4}}|\d{{2}}){CLOCK}"
REST = {"year": 3, "clock": 4, "seconds": 5, "half": 6, "zone": 7}
PARTS = {
    MONTH_FIRST: {"month": 1, "day": 2, **REST},
    DAY_FIRST: {"day": 1, "month": 2, **REST},
}
"""For each form: what its groups are."""
MAX_SHOWN = 40


@dataclass(frozen=True)
class NamedDates:
    """A column of dates with the month's name: its form, its zones, its new type, and what is to be said."""

    form: str
    zones: Zones
    kind: str
    said: tuple[Warned, ...]

    def value(self, column: str) -> str:
        """The date of the column's value as SQL; NULL where it is none."""
        return (
            f"CAST({self.zones.instant(_parsed(column, self.form), _part(column, self.form, 'zone'))} AS {self.kind})"
        )


def find_named_dates(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, NamedDates]:
    """Those of the text columns of which every value is a date or date-time with the month's name.

    A column keeps to one form; a year of two digits is of 1969 to 2068, as in POSIX.
    """
    found: dict[str, NamedDates] = {}
    for form in PARTS:
        question = Question(
            lambda cells: f"SELECT c, count(*), bool_and(regexp_full_match(trim(x), ?)) FROM {cells} GROUP BY c",
            (form,),
            worth=lambda answer: bool(answer[1]),
        )
        fits = ask_each(connection, [name for name in names if name not in found], question)
        found |= _of_form(connection, [name for name, (_, are_all) in fits.items() if are_all], form)
    return {name: found[name] for name in names if name in found}


def _of_form(connection: duckdb.DuckDBPyConnection, names: Sequence[str], form: str) -> dict[str, NamedDates]:
    """Those of the columns whose zones can be settled and of which no value is no date (31 February)."""
    clock, zone = _part("x", form, "clock"), _part("x", form, "zone")
    question = Question(
        lambda cells: (
            f"SELECT c, count(*), count_if({clock} <> ''), arg_min(x, r), "
            f"list(DISTINCT {zone}) FILTER ({clock} <> '') FROM {cells} GROUP BY c"
        )
    )
    found: dict[str, NamedDates] = {}
    for name, (n, n_clocks, example, texts) in ask_each(connection, names, question).items():
        zones = settle_zones(texts or [])
        if zones.problem is None:
            kind, word = ("TIMESTAMP", "date-times") if n_clocks else ("DATE", "dates")
            read = ColumnWarns.NAMED_DATES(n_values=n, example=str(example)[:MAX_SHOWN], what=word)
            found[name] = NamedDates(form, zones, kind, (read,) if zones.said is None else (read, zones.said))
    alike: dict[str, list[str]] = defaultdict(list)
    for name, dates in found.items():
        alike[dates.value("x")].append(name)
    kept: set[str] = set()
    for value, columns in alike.items():
        answers = ask_each(connection, columns, Question(partial(_are_dates, value=value)))
        kept |= {name for name, (_, are_dates) in answers.items() if are_dates}
    return {name: dates for name, dates in found.items() if name in kept}


def _are_dates(cells: str, value: str) -> str:
    return f"SELECT c, count(*), bool_and({value} IS NOT NULL) FROM {cells} GROUP BY c"


def _part(column: str, form: str, part: str) -> str:
    """One part of the value as SQL: day, month, year, clock, …; empty where it has none."""
    return f"regexp_extract(trim({column}), {quote_string(form)}, {PARTS[form][part]})"


def _parsed(column: str, form: str) -> str:
    """The time of the value as it is written, as SQL."""
    parts = {part: _part(column, form, part) for part in PARTS[form]}
    year, clock, seconds = parts["year"], parts["clock"], parts["seconds"]
    whole_year = (
        f"CASE WHEN length({year}) = 4 THEN {year} WHEN {year} < '69' THEN '20' || {year} ELSE '19' || {year} END"
    )
    date = f"concat({parts['day']}, ' ', left({parts['month']}, 3), ' ', {whole_year})"
    time = f"concat(coalesce(nullif({clock}, ''), '00:00'), coalesce(nullif({seconds}, ''), ':00'))"
    half = f"upper(replace(trim({parts['half']}), '.', ''))"
    return (
        f"CASE WHEN {half} = '' THEN try_strptime(concat({date}, ' ', {time}), '%d %b %Y %H:%M:%S') "
        f"ELSE try_strptime(concat({date}, ' ', {time}, ' ', {half}), '%d %b %Y %I:%M:%S %p') END"
    )
