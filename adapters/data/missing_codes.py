"""Numbers and dates that may stand for a missing value, such as 999 among ages: named at the load, never changed."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Answer, Question, ask_each, columns_of
from adapters.records.warned import Warned

FEWEST, FEWEST_OTHERS = 2, 5
"""So often must a code come, and so many different values must there be beside it."""
NUMBERS = (99, 999, 9999, 99999, 999999, -1, -9, -99, -999, -9999, -99999)
"""What surveys and instruments write where there is no value."""
DAYS = ("1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2099-12-31", "9999-01-01", "9999-12-31")
"""What programs write where there is no date: the first day that they know, or one that never comes."""
EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class _Codes:
    """The codes of one kind of column: the value of x as a number, and each code as SQL has it with its number."""

    kinds: tuple[str, ...]
    word: str
    value: str
    codes: Mapping[str, int]


ALL = (
    _Codes(("BIGINT", "DOUBLE"), "number", "x", {str(number): number for number in NUMBERS}),
    _Codes(
        ("DATE", "TIMESTAMP"),
        "date",
        f"epoch(x) / {24 * 3600}",
        {f"DATE '{day}'": (datetime.date.fromisoformat(day) - EPOCH).days for day in DAYS},
    ),
)


def name_missing_codes(connection: duckdb.DuckDBPyConnection) -> list[Warned]:
    """A sentence for each column of numbers or dates of `data` in which a customary code is far outside all others.

    A code is far where it is as far beyond the others as they reach, or below 0 where none of them is.
    """
    warnings = []
    for codes in ALL:
        # Columns of one type are asked together.
        for kind in codes.kinds:
            for name, answer in ask_each(connection, columns_of(connection, kind), _question(codes)).items():
                if found := list(_far(codes, answer)):
                    warnings.append(_said(name, codes, found))
    return warnings


def _question(codes: _Codes) -> Question:
    others = f"v NOT IN ({', '.join(map(str, codes.codes.values()))})"
    counts = ", ".join(f"count_if(v = {number})" for number in codes.codes.values())
    return Question(
        lambda cells: (
            f"SELECT c, count(*), min(v) FILTER ({others}), max(v) FILTER ({others}), "
            f"approx_count_distinct(v) FILTER ({others}), {counts} "
            f"FROM (SELECT c, {codes.value} AS v FROM {cells}) GROUP BY c"
        )
    )


def _far(codes: _Codes, answer: Answer) -> Iterator[tuple[str, int]]:
    _, low, high, n_others, *counts = answer
    if low is None or n_others < FEWEST_OTHERS:
        return
    for (code, number), n in zip(codes.codes.items(), counts, strict=True):
        is_below = number < 0 <= low
        if n >= FEWEST and (is_below or number > high + (high - low) or number < low - (high - low)):
            yield code, n


def _said(name: str, codes: _Codes, found: list[tuple[str, int]]) -> Warned:
    listing = ", ".join(f"{code} ({n} times)" for code, n in found)
    nulls = quote_identifier(name)
    for code, _ in found:
        nulls = f"nullif({nulls}, {code})"
    return LoadWarns.MAY_BE_MISSING(name=name[:64], listed=listing, kind=codes.word, nulls=nulls)
