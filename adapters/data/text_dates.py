"""Text columns that are dates, of all formats alike; those that only look like dates are named."""

from __future__ import annotations

import re

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.date_order import SAID, Reading, find_orders
from adapters.data.named_dates import DAY_FIRST, MONTH_FIRST, read_named_dates
from adapters.data.number_dates import LOOKS, Found, look_at_numbers, read_numbers
from adapters.data.zones import ZONE, settle_zones

SAMPLED_ROWS = 1000
MIN_DATE_SHARE = 0.5
"""A column of which fewer of the first values look like dates is left alone."""
LOOKS_NAMED = re.compile(f"{MONTH_FIRST}|(?:{DAY_FIRST[4:]})")
LOOKS_NUMBERS = re.compile(LOOKS)
LOOKS_TIME = re.compile(r"\d{1,4}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?" + ZONE)


def read_text_dates(connection: duckdb.DuckDBPyConnection, day_first: bool | None, says_all: bool = False) -> list[str]:
    """Make dates and date-times of the text columns of `data` that are; gives a warning for each that leaves a doubt.

    Parameters
    ----------
    day_first : bool or None
        Whether the first number is the day, where the user said so; found out over all columns if None.
    says_all : bool
        Also name the columns that can be read one way only, for a file whose columns have types.
    """
    described = connection.execute("SELECT column_name FROM (DESCRIBE data) WHERE column_type = 'VARCHAR'").fetchall()
    looks = {name: _look_of(connection, name) for (name,) in described}
    found = {name: look_at_numbers(connection, name) for name, look in looks.items() if look is LOOKS_NUMBERS}
    orders = find_orders([one.numbers for one in found.values() if one and one.problem is None], day_first)
    warnings = []
    for name, look in looks.items():
        sentence = None
        one = found.get(name)
        if one is not None:
            sentence = _read(connection, one, orders.get(name), says_all)
        elif look is LOOKS_NAMED:
            sentence = (
                f": {done}"
                if (done := read_named_dates(connection, name))
                else _kept("not every value is one, of one form, with or without a zone")
            )
        elif look is LOOKS_TIME:
            sentence = " looks like times or durations: not every value is a time of day, it is kept as text"
        if sentence is not None:
            warnings.append(f"column {name[:64]!r}{sentence}")
    return warnings


def _look_of(connection: duckdb.DuckDBPyConnection, name: str) -> re.Pattern[str] | None:
    column = quote_identifier(name)
    sample = connection.execute(f"SELECT {column} FROM data WHERE {column} IS NOT NULL LIMIT {SAMPLED_ROWS}").fetchall()
    for look in (LOOKS_NUMBERS, LOOKS_NAMED, LOOKS_TIME):
        n_alike = sum(look.fullmatch(str(value).strip()) is not None for (value,) in sample)
        if sample and n_alike >= MIN_DATE_SHARE * len(sample):
            return look
    return None


def _read(connection: duckdb.DuckDBPyConnection, found: Found, reading: Reading | None, says_all: bool) -> str | None:
    """What was done with the column, after its name; None where there is nothing to say."""
    if found.problem is not None or reading is None:
        return _kept(found.problem or "")
    zones = settle_zones(found.zones)
    problem = reading.problem or zones.problem
    if reading.order is None or problem:
        return _kept(problem or "")
    if (lost := read_numbers(connection, found, reading.order, zones)) is not None:
        return _kept(f"{lost[:40]!r} is none")
    numbers = found.numbers
    column = quote_identifier(numbers.name)
    first = connection.execute(
        f"SELECT CAST(CAST({column} AS DATE) AS VARCHAR) FROM data WHERE {column} IS NOT NULL LIMIT 1"
    ).fetchall()[0][0]
    said = []
    if numbers.is_short or not numbers.year_first or says_all:
        read = SAID[reading.order] + ", the year last" * (numbers.is_short and reading.order != "ymd")
        if numbers.has_clock and not numbers.is_short:
            said.append(f"{found.n} date-times are read {read}")
        else:
            said.append(f"dates are read {read}, the first is {first} (year-month-day)")
    said += [part for part in (reading.why, zones.said) if part]
    return f": {'; '.join(said)}" if said else None


def _kept(problem: str) -> str:
    return f" looks like dates: {problem}; it is kept as text"
