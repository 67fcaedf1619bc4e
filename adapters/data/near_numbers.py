"""Columns of text that are nearly numbers, with flags, limits, marks or units beside them: taken, or named."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.messy_numbers import COMMA, LONG, MIN_NUMBER_SHARE, MISSING, POINT, core

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
SAMPLED_ROWS = 1000
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


def take_flags(connection: duckdb.DuckDBPyConnection, kept: Collection[str] = ()) -> list[str]:
    """Make numbers of the text columns of `data` whose values are numbers with Eurostat's flags; each a warning.

    A letter behind a number may also be a unit. So the table must show that it knows flags: by ":" for a value that
    there is not, or by different flags; and a flag that all values of a column have stays.
    """
    looks = {name: look for name in _texts(connection, kept) if (look := _flags_of(connection, name)) is not None}
    flags = {flag for found, _ in looks.values() for flag in found}
    if not any(n_nothing for _, n_nothing in looks.values()) and len(flags) < 2:
        return []
    warnings = []
    for name, (found, n_nothing) in looks.items():
        column = quote_identifier(name)
        bare = f"replace(regexp_replace({column}, ' ?{FLAG}\\s*$', ''), ',', '')"
        connection.execute(f"ALTER TABLE data ALTER {column} TYPE DOUBLE USING TRY_CAST({bare} AS DOUBLE)")
        whole = f"SELECT count(*) FROM data WHERE {column} <> trunc({column}) OR abs({column}) > 1e15"
        if connection.execute(whole).fetchall()[0][0] == 0:
            connection.execute(f"ALTER TABLE data ALTER {column} TYPE BIGINT")
        parts = []
        if found:
            listed = ", ".join(f"{flag} {n}" for flag, n in sorted(found.items()))
            parts.append(f"{sum(found.values())} flags beside the numbers are left out ({listed})")
        if n_nothing:
            parts.append(f"{n_nothing} values ':' are missing now")
        warnings.append(f"column {name[:64]!r}: {'; '.join(parts)}")
    return warnings


def name_near_numbers(connection: duckdb.DuckDBPyConnection, kept: Collection[str] = ()) -> list[str]:
    """A sentence for each text column of `data` of which most values are numbers but for something beside them.

    Parameters
    ----------
    kept : collection of str
        Columns of which it was said already why they are text.
    """
    warnings = []
    for name in _texts(connection, kept):
        column = quote_identifier(name)
        sample = f"(SELECT {column} FROM data WHERE {column} IS NOT NULL LIMIT {SAMPLED_ROWS})"
        if _look(connection, column, sample).is_near and (found := _look(connection, column, "data")).is_near:
            warnings.append(f"column {name[:64]!r} is kept as text: {_said(name, found)}")
    return warnings


def _texts(connection: duckdb.DuckDBPyConnection, kept: Collection[str]) -> list[str]:
    described = connection.execute("SELECT column_name FROM (DESCRIBE data) WHERE column_type = 'VARCHAR'").fetchall()
    return [name for (name,) in described if name not in kept]


def _flags_of(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[dict[str, int], int] | None:
    """The column's flags with their counts, and how many values are ":"; None where it is no such column."""
    column = quote_identifier(name)
    number = f"regexp_replace(trim({column}), ' ?{FLAG}$', '')"
    is_number = f"regexp_full_match({number}, ?)"
    is_nothing = f"regexp_full_match(trim({column}), '{NOTHING}')"
    other = f"SELECT 1 FROM data WHERE {column} IS NOT NULL AND NOT ({is_number} OR {is_nothing}) LIMIT 1"
    if connection.execute(other, [POINT]).fetchall():
        return None
    rows = connection.execute(
        f"SELECT regexp_extract(trim({column}), '({FLAG})$', 1) AS flag, count(*), count_if({is_nothing}) "
        f"FROM data WHERE {column} IS NOT NULL GROUP BY flag"
    ).fetchall()
    n_nothing = sum(n for _, _, n in rows)
    if sum(n for _, n, _ in rows) == n_nothing or (len(rows) == 1 and not n_nothing):
        return None
    return {flag: n for flag, n, _ in rows if flag}, n_nothing


def _look(connection: duckdb.DuckDBPyConnection, column: str, source: str) -> _Near:
    rows = connection.execute(
        f"""
        WITH v AS (SELECT {column} AS x, {core(column)} AS core FROM {source} WHERE {column} IS NOT NULL),
        p AS (SELECT *, regexp_full_match(core, ?, 'i') AS is_missing,
                     regexp_full_match(core, ?) AS is_point, regexp_full_match(core, ?) AS is_comma,
                     regexp_extract(trim(x), '^{DECORATED}$', ['before', 'number', 'after']) AS d
              FROM v),
        k AS (SELECT *, NOT (is_missing OR is_point OR is_comma)
                     AND (regexp_full_match(d.number, ?) OR regexp_full_match(d.number, ?)) AS is_near FROM p)
        SELECT count(*), count_if(is_missing), count_if((is_point OR is_comma) AND NOT is_missing),
               count_if(is_point AND NOT is_missing), count_if(is_comma AND NOT is_missing), count_if(is_near),
               count(DISTINCT trim(d.after)) FILTER (is_near),
               list_sort(list(DISTINCT trim(d.after)) FILTER (is_near AND regexp_matches(d.after, '[A-Za-z]'))),
               count_if(regexp_matches(core, '^[-+]?0[0-9]') OR regexp_matches(core, '{LONG}')),
               first(x) FILTER (is_near), first(x) FILTER (is_near AND regexp_matches(x, '{LIMIT}')),
               first(x) FILTER (is_near AND d.after = '-'),
               first(x) FILTER (NOT (is_near OR is_missing OR is_point OR is_comma)),
               first(x) FILTER (is_point AND NOT is_comma AND NOT is_missing),
               first(x) FILTER (is_comma AND NOT is_point AND NOT is_missing) FROM k
        """,
        [MISSING, POINT, COMMA, POINT, COMMA],
    ).fetchall()
    return _Near(*rows[0])


def _said(name: str, found: _Near) -> str:
    """Why the column is text, with an example, and how numbers are made of it."""
    parts = []
    if found.n_decorated:
        shown = str(found.decorated)[:MAX_SHOWN]
        parts.append(f"{found.n_decorated} of {found.n} values have something beside the number, such as {shown!r}")
    if found.word is not None:
        parts.append(f"most are numbers, but {found.word[:MAX_SHOWN]!r} is none")
    if found.only_comma is not None and found.only_point is not None:
        point, comma = found.only_point[:MAX_SHOWN], found.only_comma[:MAX_SHOWN]
        parts.append(f"some have a decimal point ({point!r}) and some a decimal comma ({comma!r})")
    elif found.only_comma is not None:
        parts.append(f"{found.only_comma[:MAX_SHOWN]!r} may be a number with a decimal comma, or a list")
    if not parts:
        parts.append("every value is a number or a word for none")
    parts.append("the step cast of transform (to number) makes numbers of the plain ones, and the others missing")
    if found.n_decorated:
        parts.append(f"the step derive takes the number alone: {_expression(name, found)}")
    if found.endings is not None and len(found.endings) > 1:
        shown = ", ".join(repr(ending[:MAX_SHOWN]) for ending in found.endings[:5])
        parts.append(f"the endings differ ({shown}): the numbers may not be of one unit")
    if found.limit is not None:
        parts.append(f"a limit such as {found.limit[:MAX_SHOWN]!r} is no value: decide what it stands for")
    return "; ".join(parts)


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
