"""Which number of a date is the day, the month, the year: decided for all columns of a file together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adapters.data.load_warns import ColumnWarns, Whys
from adapters.records.warned import Warned

Order = Literal["ymd", "dmy", "mdy"]


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
    why: Warned | None = None
    problem: Warned | None = None


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
    return Reading("ymd", ColumnWarns.EITHER_ORDER(what="date") if doubt else None)


def _day_or_month(column: Numbers, columns: Sequence[Numbers], day_first: bool | None) -> Reading:
    first, second, _ = column.largest
    if first > 12 and second > 12:
        return Reading(None, problem=Whys.BOTH_ORDERS(day=column.day_example, month=column.month_example))
    own = _proven(column)
    if day_first is not None:
        asked: Order = "dmy" if day_first else "mdy"
        if own not in (None, asked):
            return Reading(None, problem=Whys.NOT_AS_ASKED())
        return Reading(asked, ColumnWarns.ORDER_ASKED())
    if own is not None:
        is_open = column.is_short and _fits_first(column)
        proven_here = ColumnWarns.ORDER_PROVEN(example=_proof(column))
        return Reading(own, ColumnWarns.YEAR_EITHER_WAY() if is_open else proven_here)
    for others in ([other for other in columns if other.separator == column.separator], columns):
        proven = {_proven(other): other for other in others if _proven(other) is not None}
        if len(proven) == 1:
            ((found, other),) = proven.items()
            why = ColumnWarns.ORDER_PROVEN_ELSEWHERE(example=_proof(other), name=other.name[:64])
            return Reading(found, why)
        if proven:
            break
    doubt = ColumnWarns.OTHERS_DISAGREE if proven else ColumnWarns.EITHER_ORDER
    order: Order = "mdy" if column.has_half_days and not proven else "dmy"
    return Reading(order, doubt(what="one" if column.has_clock else "date"))


def _proven(column: Numbers) -> Order | None:
    first, second, _ = column.largest
    if (first > 12) == (second > 12):
        return None
    return "dmy" if first > 12 else "mdy"


def _proof(column: Numbers) -> str:
    return column.day_example if column.largest[0] > 12 else column.month_example
