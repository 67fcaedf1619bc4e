"""Columns of text that are dates or date-times of three numbers, with whatever offset or zone stands behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_string
from adapters.data.date_order import Numbers, Order
from adapters.data.load_warns import Whys
from adapters.data.many_columns import Answer, Question, ask_each
from adapters.data.zones import ZONE, Zones
from adapters.records.warned import Warned

DATE = r"(\d{1,4})([/.-])(\d{1,2})([/.-])(\d{1,4})"
CLOCK = r"(?:,?[ Tt]+(\d{1,2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?( ?[AaPp]\.?[Mm]\.?)?" + ZONE + ")?"
LOOKS = (
    r"(?:\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{2}[/.-]\d{1,2}[/.-]\d{1,2})" + CLOCK
)
"""What looks like such a date: of numbers of one digit alone are versions and chapters."""
NUMBERS = rf"\s*{DATE}{CLOCK}\s*"
GROUPS = ("a", "s", "b", "s2", "c", "clock", "seconds", "half", "zone")
PLACES: dict[Order, str] = {"ymd": "abc", "dmy": "cba", "mdy": "cab"}
"""Where year, month and day stand among the numbers."""


@dataclass(frozen=True)
class Found:
    """A column's dates of three numbers; `problem` says why they cannot be read, if that is so."""

    n: int
    numbers: Numbers
    zones: tuple[str, ...]
    problem: Warned | None


def look_at_numbers(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, Found]:
    """What the values of each column are; of none that holds nothing."""
    found = ask_each(connection, names, Question(_look))
    return {name: _found(name, answer) for name, answer in found.items()}


def _look(cells: str) -> str:
    return f"""
        WITH v AS (SELECT c AS place, x, {_matched("x")} AS p FROM {cells}),
        k AS (SELECT place, x, p.*, TRY_CAST(p.a AS INTEGER) AS first, TRY_CAST(p.b AS INTEGER) AS second,
                     TRY_CAST(p.c AS INTEGER) AS third, concat(p.s, p.s2) AS separators,
                     CASE WHEN length(p.a) = 4 AND length(p.c) <= 2 THEN 'first'
                          WHEN length(p.a) <= 2 AND length(p.c) = 4 THEN 'last'
                          WHEN length(p.a) <= 2 AND length(p.c) <= 2 AND length(p.a || p.c) > 2 THEN 'short'
                     END AS shape
              FROM v)
        SELECT place, count(*), count_if(shape IS NULL OR s <> s2), arg_min(x, x) FILTER (shape IS NULL OR s <> s2),
               min(separators || shape), max(separators || shape),
               arg_min(x, separators || shape), arg_max(x, separators || shape),
               max(first), max(second), max(third), arg_max(x, first), arg_max(x, second),
               count(DISTINCT first), count(DISTINCT third), min(length(a)), min(length(c)),
               list(DISTINCT zone) FILTER (clock <> ''), coalesce(bool_or(clock <> ''), false),
               coalesce(bool_or(half <> ''), false)
        FROM k GROUP BY place
        """


def _found(name: str, row: Answer) -> Found:
    n, n_odd, odd, form, other_form, example, other = row[:7]
    problem = None
    if n_odd:
        problem = Whys.NOT_ALL_DATES(n_odd=n_odd, n_values=n, example=odd[:40])
    elif form != other_form:
        problem = Whys.SEVERAL_FORMS(one=example[:40], other=other[:40])
    shape = (form or "")[2:]
    numbers = Numbers(
        name=name,
        separator=(form or "")[:1],
        is_short=shape == "short",
        year_first=shape == "first",
        can_be_first=row[14] == 2,
        can_be_last=row[15] == 2,
        largest=(row[7] or 0, row[8] or 0, row[9] or 0),
        day_example=(row[10] or "")[:40],
        month_example=(row[11] or "")[:40],
        n_different_first=row[12],
        n_different_last=row[13],
        has_clock=row[17],
        has_half_days=row[18],
    )
    return Found(n, numbers, tuple(row[16] or ()), problem)


def date_value(numbers: Numbers, order: Order, zones: Zones, column: str) -> str:
    """SQL for the time of the column's value; NULL where it is none (31 February, 25:00)."""
    year, month, day = (f"p.{place}" for place in PLACES[order])
    if numbers.is_short:
        year = f"CASE WHEN {year} < '69' THEN '20' || {year} ELSE '19' || {year} END"
    date = f"concat({year}, '-', lpad({month}, 2, '0'), '-', lpad({day}, 2, '0'))"
    seconds = "coalesce(nullif(p.seconds, ''), ':00')"
    clock = f"concat(lpad(coalesce(nullif(p.clock, ''), '00:00'), 5, '0'), {seconds})"
    half = "upper(replace(trim(p.half), '.', ''))"
    written = (
        f"CASE WHEN {half} = '' THEN TRY_CAST(concat({date}, ' ', {clock}) AS TIMESTAMP) "
        f"ELSE try_strptime(concat({date}, ' ', {clock}, ' ', {half}), "
        f"['%Y-%m-%d %I:%M:%S %p', '%Y-%m-%d %I:%M:%S.%f %p']) END"
    )
    # Each list has one element: a name for what is used more than once.
    return (
        f"list_transform(list_transform([{_matched(column)}], lambda p: {{'t': {written}, 'z': p.zone}}), "
        f"lambda w: {zones.instant('w.t', 'w.z')})[1]"
    )


def _matched(column: str) -> str:
    """The groups of the whole value, empty where it is no such date."""
    return f"regexp_extract({column}, '^' || {quote_string(NUMBERS)} || '$', {list(GROUPS)!r})"
