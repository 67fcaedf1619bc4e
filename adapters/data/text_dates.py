"""Text columns that are dates, of all formats alike; those that only look like dates are named."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import duckdb

from adapters.data.date_order import Reading, find_orders
from adapters.data.load_warns import ORDERS, ColumnWarns, LoadWarns, Whys, warned_of_column
from adapters.data.many_columns import Change, Question, ask_each, ask_heads, change_columns, columns_of
from adapters.data.named_dates import DAY_FIRST, MONTH_FIRST, find_named_dates
from adapters.data.number_dates import LOOKS, Found, date_value, look_at_numbers
from adapters.data.zones import ZONE, Zones, settle_zones
from adapters.records.warned import Warned

MIN_DATE_SHARE = 0.5
"""A column of which fewer of the first values look like dates is left alone."""
LOOKS_NAMED = re.compile(f"{MONTH_FIRST}|(?:{DAY_FIRST[4:]})")
LOOKS_NUMBERS = re.compile(LOOKS)
LOOKS_TIME = re.compile(r"\d{1,4}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?" + ZONE)


def read_text_dates(
    connection: duckdb.DuckDBPyConnection,
    day_first: bool | None,
    words: Collection[str] = (),
    says_all: bool = False,
) -> list[Warned]:
    """Make dates and date-times of the text columns of `data` that are; gives a warning for each that leaves a doubt.

    Parameters
    ----------
    day_first : bool or None
        Whether the first number is the day, where the user said so; found out over all columns if None.
    words : collection of str
        Columns in which no value has a digit.
    says_all : bool
        Also name the columns that can be read one way only, for a file whose columns have types.
    """
    looks = _looks(connection, [name for name in columns_of(connection, "VARCHAR") if name not in words])
    found = look_at_numbers(connection, [name for name, look in looks.items() if look is LOOKS_NUMBERS])
    orders = find_orders([one.numbers for one in found.values() if one.problem is None], day_first)
    ways = {name: _Way.of(one, orders.get(name)) for name, one in found.items()}
    dates = _dates(connection, ways)
    named = find_named_dates(connection, [name for name, look in looks.items() if look is LOOKS_NAMED])
    changes = {name: Change(ways[name].kind, ways[name].value) for name, one in dates.items() if one.lost is None}
    changes |= {name: Change(one.kind, one.value) for name, one in named.items()}
    change_columns(connection, changes)
    said = {name: _said(name, way, dates.get(name), says_all) for name, way in ways.items()}
    for name, look in looks.items():
        if look is LOOKS_NAMED and name in named:
            said[name] = warned_of_column(name, named[name].said)
        elif look is LOOKS_NAMED:
            said[name] = _kept(name, Whys.NOT_ALL_NAMED_DATES())
        elif look is LOOKS_TIME:
            said[name] = LoadWarns.TIMES_KEPT_AS_TEXT(name=name[:64])
    return [one for name in looks if (one := said.get(name)) is not None]


@dataclass(frozen=True)
class _Way:
    """How a column's dates of three numbers are read; `problem` says why they are not."""

    found: Found
    reading: Reading
    zones: Zones
    problem: Warned | None

    @classmethod
    def of(cls, found: Found, reading: Reading | None) -> _Way:
        """The way, of a column whose order is known or is not."""
        zones = settle_zones(found.zones)
        # Only a column with a problem has no reading.
        if found.problem is not None or reading is None:
            return cls(found, Reading(None), zones, found.problem)
        return cls(found, reading, zones, reading.problem or zones.problem)

    @property
    def kind(self) -> str:
        """The type that the column becomes."""
        return "TIMESTAMP" if self.found.numbers.has_clock else "DATE"

    def value(self, column: str) -> str:
        """The value's date as SQL, of a column without a problem; NULL where it is none (25:00)."""
        value = date_value(self.found.numbers, self.reading.order or "ymd", self.zones, column)
        return f"CAST({value} AS {self.kind})"


@dataclass(frozen=True)
class _Dates:
    """What reading gives: a value that is no date, if there is one, and the first date."""

    n: int
    lost: str | None
    first: str | None


def _looks(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> dict[str, re.Pattern[str]]:
    """What most of the first values of a text column look like, of those that look like any date or time."""
    digits = Question(
        lambda cells: f"SELECT c, count(*), count_if(regexp_matches(x, '\\p{{Nd}}')) FROM {cells} GROUP BY c"
    )
    with_digits = [
        name for name, (n, n_so) in ask_heads(connection, texts, digits).items() if n_so >= MIN_DATE_SHARE * n
    ]
    values = Question(lambda cells: f"SELECT c, count(*), histogram(x) FROM {cells} GROUP BY c")
    heads = ask_heads(connection, with_digits, values)
    looks = {name: _look_of(heads[name][1], heads[name][0]) for name in texts if name in heads}
    return {name: look for name, look in looks.items() if look is not None}


def _look_of(values: Mapping[str, int], n: int) -> re.Pattern[str] | None:
    for look in (LOOKS_NUMBERS, LOOKS_NAMED, LOOKS_TIME):
        n_alike = sum(times for value, times in values.items() if look.fullmatch(value.strip()))
        if n_alike >= MIN_DATE_SHARE * n:
            return look
    return None


def _dates(connection: duckdb.DuckDBPyConnection, ways: Mapping[str, _Way]) -> dict[str, _Dates]:
    """What comes of each column that has a way without a problem; columns of one way are read together."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name, way in ways.items():
        if way.problem is None:
            alike[way.value("x")].append(name)
    found: dict[str, _Dates] = {}
    for value, names in alike.items():
        answers = ask_each(connection, names, Question(partial(_dates_sql, value=value)))
        found |= {name: _Dates(*answer) for name, answer in answers.items()}
    return found


def _dates_sql(cells: str, value: str) -> str:
    return (
        f"WITH v AS (SELECT c, r, x, {value} AS date FROM {cells}) "
        "SELECT c, count(*), arg_min(x, r) FILTER (date IS NULL), CAST(CAST(arg_min(date, r) AS DATE) AS VARCHAR) "
        "FROM v GROUP BY c"
    )


def _said(name: str, way: _Way, dates: _Dates | None, says_all: bool) -> Warned | None:
    """What was done with the column; None where there is nothing to say."""
    if way.problem is not None:
        return _kept(name, way.problem)
    if dates is None or way.reading.order is None:
        return None
    if dates.lost is not None:
        return _kept(name, Whys.NO_DATE(value=dates.lost[:40]))
    numbers, order = way.found.numbers, way.reading.order
    said = []
    if numbers.is_short or not numbers.year_first or says_all:
        read = ORDERS[order] + ", the year last" * (numbers.is_short and order != "ymd")
        if numbers.has_clock and not numbers.is_short:
            said.append(ColumnWarns.DATE_TIMES_READ(n_values=way.found.n, order=read))
        else:
            said.append(ColumnWarns.DATES_READ(order=read, first=dates.first))
    said += [part for part in (way.reading.why, way.zones.said) if part is not None]
    return warned_of_column(name, said) if said else None


def _kept(name: str, why: Warned) -> Warned:
    return LoadWarns.DATES_KEPT_AS_TEXT(name=name[:64], why=why.words)
