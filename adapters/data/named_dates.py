"""Columns of text that are dates with the month's English name: Jan 31, 2024; 31-Jan-24; 31 January 2024, 3:15 PM."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier, quote_string
from adapters.data.zones import ZONE, settle_zones

WEEKDAY = r"(?:(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|wednes|satur)(?:day)?,? +)?"
MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
CLOCK = r"(?:,? +(\d{1,2}:\d{2})(:\d{2})?( ?[ap]\.?m\.?)?" + ZONE + ")?"
MONTH_FIRST = rf"(?i){WEEKDAY}{MONTH} +{DAY},? +(\d{{4}}){CLOCK}"
DAY_FIRST = rf"(?i){WEEKDAY}{DAY}[ /-]{MONTH},?[ /-](\d{{4}}|\d{{2}}){CLOCK}"
REST = (("year", 3), ("clock", 4), ("seconds", 5), ("half", 6), ("zone", 7))
PARTS = {
    MONTH_FIRST: (("month", 1), ("day", 2), *REST),
    DAY_FIRST: (("day", 1), ("month", 2), *REST),
}
"""For each form: what its groups are."""
MAX_SHOWN = 40


def read_named_dates(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """Make dates, or date-times, of a text column of which every value is one; what was done, None where nothing was.

    A column keeps to one form; a year of two digits is of 1969 to 2068, as in POSIX.
    """
    column = quote_identifier(name)
    for form in PARTS:
        odd = f"SELECT 1 FROM data WHERE NOT regexp_full_match(trim({column}), ?) LIMIT 1"
        if not connection.execute(odd, [form]).fetchall() and (sentence := _convert(connection, column, form)):
            return sentence
    return None


def _convert(connection: duckdb.DuckDBPyConnection, column: str, form: str) -> str | None:
    """What was done, or None where one value is no such date (31 February) or there is none."""
    parts = {part: f"regexp_extract(trim({column}), {quote_string(form)}, {group})" for part, group in PARTS[form]}
    year, clock, seconds = parts["year"], parts["clock"], parts["seconds"]
    whole_year = (
        f"CASE WHEN length({year}) = 4 THEN {year} WHEN {year} < '69' THEN '20' || {year} ELSE '19' || {year} END"
    )
    date = f"concat({parts['day']}, ' ', left({parts['month']}, 3), ' ', {whole_year})"
    time = f"concat(coalesce(nullif({clock}, ''), '00:00'), coalesce(nullif({seconds}, ''), ':00'))"
    half = f"upper(replace(trim({parts['half']}), '.', ''))"
    parsed = (
        f"CASE WHEN {half} = '' THEN try_strptime(concat({date}, ' ', {time}), '%d %b %Y %H:%M:%S') "
        f"ELSE try_strptime(concat({date}, ' ', {time}, ' ', {half}), '%d %b %Y %I:%M:%S %p') END"
    )
    n, n_clocks, example, texts = connection.execute(
        f"SELECT count({column}), count_if({clock} <> ''), any_value({column}), "
        f"list(DISTINCT {parts['zone']}) FILTER ({clock} <> '') FROM data"
    ).fetchall()[0]
    zones = settle_zones(texts or [])
    if n == 0 or zones.problem is not None:
        return None
    kind, word = ("TIMESTAMP", "date-times") if n_clocks else ("DATE", "dates")
    value = f"CAST({zones.instant(parsed, parts['zone'])} AS {kind})"
    if connection.execute(f"SELECT 1 FROM data WHERE {column} IS NOT NULL AND {value} IS NULL LIMIT 1").fetchall():
        return None
    connection.execute(f"ALTER TABLE data ALTER {column} TYPE {kind} USING {value}")
    sentence = f"{n} values such as {str(example)[:MAX_SHOWN]!r} are read as {word}"
    return sentence if zones.said is None else f"{sentence}; {zones.said}"
