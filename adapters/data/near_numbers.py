"""Columns of text that are nearly numbers, with flags, limits, marks or units beside them: taken, or named."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.load_warns import ColumnWarns, LoadWarns, Whys, joined, warned_of_column
from adapters.data.many_columns import Question, ask_each, change_columns, columns_of
from adapters.data.messy_numbers import COMMA, LONG, MIN_NUMBER_SHARE, POINT, as_numbers, core
from adapters.data.missing_words import MISSING
from adapters.records.warned import Warned

FLAG = "[bcdefnprsuz]{1,3}"
"""Eurostat's flags, alone or together: b break in the series, e estimated, p provisional, u of low reliability, …"""
NOTHING = f":( ?{FLAG})?"
"""How Eurostat writes that there is no value, with the flag that says why."""
DECORATED = (
    r"(?i)([<>≤≥~≈±=]{0,2}|ca\.?|about|approx\.?|circa)\s*"
    r"([-+]?(?:\d[\d.,''’ \x{00a0}\x{202f}]*\d|\d|[.,]\d+)(?:e[-+]?\d{1,3})?)"
    r"(-|\s*[^\d\s.,:/-][^\d]{0,14}[23²³]?)?"
)
"""A number with a limit before it, or a mark, a unit or a few words behind it; its quote mark as SQL has it."""
LIMIT = r"^\s*[<>≤≥]"
MOST_ENDINGS = 6
MAX_SHOWN = 40


@dataclass(frozen=True)
class _Near:
    """How many values of a text column are numbers, plain or with something beside them, and examples."""

    n: int
    n_missing: int
    n_plain: int
    n_point: int
    n_comma: int
    n_decorated: int
    n_endings: int
    endings: list[str] | None
    n_codes: int
    decorated: str | None
    limit: str | None
    behind: str | None
    word: str | None
    only_point: str | None
    only_comma: str | None

    @property
    def is_near(self) -> bool:
        """Whether most values hold one number, and what stands beside it is not of its own in each."""
        if self.n == 0:  # then there are no counts either
            return False
        n_numbers = self.n_plain + self.n_decorated
        n_present = self.n - self.n_missing
        are_units = self.n_endings <= max(MOST_ENDINGS, self.n_decorated / 2)
        return not self.n_codes and are_units and 2 * n_numbers > n_present and n_numbers >= MIN_NUMBER_SHARE * self.n


def take_flags(connection: duckdb.DuckDBPyConnection, kept: Collection[str] = ()) -> list[Warned]:
    """Make numbers of the text columns of `data` whose values are numbers with Eurostat's flags; each a warning.

    A letter behind a number may also be a unit. So the table must show that it knows flags: by ":" for a value that
    there is not, or by different flags; and a flag that all values of a column have stays.
    """
    looks = _flags(connection, [name for name in columns_of(connection, "VARCHAR") if name not in kept])
    flags = {flag for found, _ in looks.values() for flag in found}
    if not any(n_nothing for _, n_nothing in looks.values()) and len(flags) < 2:
        return []
    change_columns(connection, as_numbers(connection, list(looks), _without_flag))
    warnings = []
    for name, (found, n_nothing) in looks.items():
        parts = []
        if found:
            listed = ", ".join(f"{flag} {n}" for flag, n in sorted(found.items()))
            parts.append(ColumnWarns.FLAGS_LEFT_OUT(n_flags=sum(found.values()), listed=listed))
        if n_nothing:
            parts.append(ColumnWarns.NO_VALUE_SIGNS(n_values=n_nothing))
        warnings.append(warned_of_column(name, parts))
    return warnings


def name_near_numbers(connection: duckdb.DuckDBPyConnection, kept: Collection[str] = ()) -> list[Warned]:
    """A warning for each text column of `data` of which most values are numbers but for something beside them.

    Parameters
    ----------
    kept : collection of str
        Columns of which it was said already why they are text.
    """
    names = [name for name in columns_of(connection, "VARCHAR") if name not in kept]
    question = Question(_near_sql, (MISSING, POINT, COMMA, POINT, COMMA), worth=lambda answer: _Near(*answer).is_near)
    looks = {name: _Near(*answer) for name, answer in ask_each(connection, names, question).items()}
    return [
        LoadWarns.NEAR_NUMBERS(name=name[:64], why=joined(_why(name, found)))
        for name, found in looks.items()
        if found.is_near
    ]


def _without_flag(column: str) -> str:
    return f"TRY_CAST(replace(regexp_replace({column}, ' ?{FLAG}\\s*$', ''), ',', '') AS DOUBLE)"


def _flags(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, tuple[dict[str, int], int]]:
    """Of each column of numbers with flags these with their counts, and how many values are ":"."""
    number = f"regexp_replace(trim(x), ' ?{FLAG}$', '')"
    question = Question(
        lambda cells: (
            f"""
        WITH v AS (SELECT c, x, regexp_full_match(trim(x), '{NOTHING}') AS is_nothing FROM {cells})
        SELECT c, count(*), bool_and(regexp_full_match({number}, ?) OR is_nothing), count_if(is_nothing),
               histogram(regexp_extract(trim(x), '({FLAG})$', 1))
        FROM v GROUP BY c
        """
        ),
        (POINT,),
        worth=lambda answer: bool(answer[1]),
    )
    return {
        name: ({flag: n for flag, n in flags.items() if flag}, n_nothing)
        for name, (n, is_all, n_nothing, flags) in ask_each(connection, names, question).items()
        if is_all and n > n_nothing and (n_nothing or len(flags) > 1)
    }


def _near_sql(cells: str) -> str:
    return f"""
        WITH v AS (SELECT c, r, x, {core("x")} AS core FROM {cells}),
        p AS (SELECT *, regexp_full_match(core, ?, 'i') AS is_missing,
                     regexp_full_match(core, ?) AS is_point, regexp_full_match(core, ?) AS is_comma,
                     regexp_extract(trim(x), '^{DECORATED}$', ['before', 'number', 'after']) AS d
              FROM v),
        k AS (SELECT *, NOT (is_missing OR is_point OR is_comma)
                     AND (regexp_full_match(d.number, ?) OR regexp_full_match(d.number, ?)) AS is_near FROM p)
        SELECT c, count(*), count_if(is_missing), count_if((is_point OR is_comma) AND NOT is_missing),
               count_if(is_point AND NOT is_missing), count_if(is_comma AND NOT is_missing), count_if(is_near),
               count(DISTINCT trim(d.after)) FILTER (is_near),
               list_sort(list(DISTINCT trim(d.after)) FILTER (is_near AND regexp_matches(d.after, '[A-Za-z]'))),
               count_if(regexp_matches(core, '^[-+]?0[0-9]') OR regexp_matches(core, '{LONG}')),
               arg_min(x, r) FILTER (is_near), arg_min(x, r) FILTER (is_near AND regexp_matches(x, '{LIMIT}')),
               arg_min(x, r) FILTER (is_near AND d.after = '-'),
               arg_min(x, r) FILTER (NOT (is_near OR is_missing OR is_point OR is_comma)),
               arg_min(x, r) FILTER (is_point AND NOT is_comma AND NOT is_missing),
               arg_min(x, r) FILTER (is_comma AND NOT is_point AND NOT is_missing)
        FROM k GROUP BY c
        """


def _why(name: str, found: _Near) -> list[Warned]:
    """Why the column is text, with an example, and how numbers are made of it."""
    parts = []
    if found.n_decorated:
        shown = str(found.decorated)[:MAX_SHOWN]
        parts.append(Whys.BESIDE_NUMBER(n_beside=found.n_decorated, n_values=found.n, example=shown))
    if found.word is not None:
        parts.append(Whys.MOSTLY_NUMBERS(value=found.word[:MAX_SHOWN]))
    if found.only_comma is not None and found.only_point is not None:
        parts.append(Whys.BOTH_MARKS(point=found.only_point[:MAX_SHOWN], comma=found.only_comma[:MAX_SHOWN]))
    elif found.only_comma is not None:
        parts.append(Whys.COMMA_OR_LIST(value=found.only_comma[:MAX_SHOWN]))
    if not parts:
        parts.append(Whys.ALL_NUMBERS())
    parts.append(Whys.CAST_MAKES_NUMBERS())
    if found.n_decorated:
        parts.append(Whys.DERIVE_TAKES_NUMBER(taken=_expression(name, found)))
    if found.endings is not None and len(found.endings) > 1:
        shown = ", ".join(repr(ending[:MAX_SHOWN]) for ending in found.endings[:5])
        parts.append(Whys.ENDINGS_DIFFER(shown=shown))
    if found.limit is not None:
        parts.append(Whys.LIMITS(value=found.limit[:MAX_SHOWN]))
    return parts


def _expression(name: str, found: _Near) -> str:
    """SQL for derive that takes the number of each value."""
    column = quote_identifier(name)
    digits = f"replace(regexp_extract({column}, '[-+]?[.,]?[0-9]([0-9., ]*[0-9])?([eE][-+]?[0-9]+)?'), ' ', '')"
    if found.n_comma > found.n_point:
        plain = f"replace(replace({digits}, '.', ''), ',', '.')"
    else:
        plain = f"replace({digits}, ',', '')"
    number = f"TRY_CAST({plain} AS DOUBLE)"
    return number if found.behind is None else f"CASE WHEN {column} LIKE '%-' THEN -{number} ELSE {number} END"
