"""Which number of a date is the day, the month, the year: decided for all columns of a file together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Order = Literal["ymd", "dmy", "mdy"]
SAID: dict[Order, str] = {"ymd": "year, month, day", "dmy": "day before month", "mdy": "month before day"}


@dataclass(frozen=True)
class Numbers:
    """The dates of a column as three numbers each: the largest of the first, second, third, and whose they are.

    `is_short` where the year has two digits, which may stand at either end; else `year_first` says where it is.
    `can_be_first` and `can_be_last` say whether those digits are always two there.
    """

    name: str
    separator: str
    is_short: bool
    year_first: bool
    can_be_first: bool
    can_be_last: bool
    largest: tuple[int, int, int]
    n_different_first: int
    n_different_last: int
    day_example: str
    month_example: str
    has_clock: bool
    has_half_days: bool


@dataclass(frozen=True)
class Reading:
    """The order of a column's numbers, why, and whether another one would do; no order where `problem` says why."""

    order: Order | None
    why: str = ""
    problem: str = ""


def find_orders(columns: Sequence[Numbers], day_first: bool | None) -> dict[str, Reading]:
    """The reading of each column.

    A number beyond 12 proves which is the day, for its own column and for those that are open: first those of the same
    separator, then all. Where nothing is proven, the day comes first, unless AM and PM speak for the American order.

    Parameters
    ----------
    day_first : bool or None
        Whether the first number is the day, where the user said so.
    """
    year_first = _with_year_first(columns)
    last = [column for column in columns if column.name not in year_first]
    found = {column.name: _year_first(column) for column in columns if column.name in year_first}
    return found | {column.name: _day_or_month(column, last, day_first) for column in last}


def _with_year_first(columns: Sequence[Numbers]) -> set[str]:
    """The columns whose year stands first; of two digits it does where it must.

    In an open case dates are of few years and many days.
    """
    short = [column for column in columns if column.is_short]
    must = {column.name for column in short if not _fits_last(column)}
    is_some_last = any(not _fits_first(column) for column in short)
    is_open = [column for column in short if _fits_first(column) and _fits_last(column)]
    years = sum(column.n_different_first for column in is_open)
    days = sum(column.n_different_last for column in is_open)
    if not is_some_last and (must or days > years):
        must |= {column.name for column in is_open}
    return must | {column.name for column in columns if column.year_first and not column.is_short}


def _fits_first(column: Numbers) -> bool:
    return column.can_be_first and column.largest[1] <= 12 and column.largest[2] <= 31


def _fits_last(column: Numbers) -> bool:
    first, second, _ = column.largest
    return column.can_be_last and min(first, second) <= 12 and max(first, second) <= 31


def _year_first(column: Numbers) -> Reading:
    doubt = column.is_short and _fits_last(column)
    return Reading("ymd", "every date would fit the other way too: make sure" if doubt else "")


def _day_or_month(column: Numbers, columns: Sequence[Numbers], day_first: bool | None) -> Reading:
    first, second, _ = column.largest
    if first > 12 and second > 12:
        problem = f"{column.day_example!r} has the day first and {column.month_example!r} the month first"
        return Reading(None, problem=problem)
    own = _proven(column)
    if day_first is not None:
        asked: Order = "dmy" if day_first else "mdy"
        if own not in (None, asked):
            return Reading(None, problem="not every date fits the order of day and month that was asked for")
        return Reading(asked, "as it was asked for")
    if own is not None:
        order, why = own, f"{_proof(column)!r} proves it"
        if column.is_short and _fits_first(column):
            why = "every date would fit with the year first too: make sure"
        return Reading(order, why)
    for others in ([other for other in columns if other.separator == column.separator], columns):
        proven = {_proven(other): other for other in others if _proven(other) is not None}
        if len(proven) == 1:
            ((found, other),) = proven.items()
            return Reading(found, f"{_proof(other)!r} in column {other.name[:64]!r} proves it")
        if proven:
            break
    doubt = f"every {'one' if column.has_clock else 'date'} would fit the other way too: make sure"
    if proven:
        doubt = f"{doubt}, for the other columns disagree"
    return Reading("mdy" if column.has_half_days and not proven else "dmy", doubt)


def _proven(column: Numbers) -> Order | None:
    first, second, _ = column.largest
    if (first > 12) == (second > 12):
        return None
    return "dmy" if first > 12 else "mdy"


def _proof(column: Numbers) -> str:
    return column.day_example if column.largest[0] > 12 else column.month_example
