"""Numbers in a file that are identifiers: what a number would not give back stays text, and that is said."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Question, ask_each, columns_of
from adapters.records.warned import Warned

EXACT = 2**53
"""Beyond it a float64 does not hold every whole number."""
SHORTENED = r"[-+]?\d(\.\d+)?[eE]\+?(1[1-9]|2[01])"
"""How a spreadsheet shows identifiers of 12 to 22 digits."""
WIDEST = 2
"""The exponents of shortened identifiers differ by no more; measurements' do."""
FEWEST_MEASURED = 3
MOST_ALIKE = 0.6
"""A spreadsheet shortens all identifiers to as many decimals, but for zeros at the end; measurements have their own."""


def find_doubtful(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of floats of `data` that are all whole, or reach beyond 2^53: their text must be looked at."""
    names = columns_of(connection, "DOUBLE")
    is_doubtful = f"bool_and(x = trunc(x)) OR max(abs(x)) >= {EXACT}"
    question = Question(lambda cells: f"SELECT c, count(*), {is_doubtful} FROM {cells} GROUP BY c")
    return [name for name, (_, is_so) in ask_each(connection, names, question).items() if is_so]


def find_identifiers(connection: duckdb.DuckDBPyConnection, source: str, names: Sequence[str]) -> dict[str, Warned]:
    """Those of the columns that must stay text, with a warning each.

    Parameters
    ----------
    source : str
        The file as SQL once more, in which these columns are text.
    """
    if not names:
        return {}
    question = Question(lambda cells: f"SELECT c, count(*), {_count('x')} FROM {cells} GROUP BY c")
    found = {name: _why(dict(counts)) for name, (_, counts) in ask_each(connection, names, question, source).items()}
    return {
        name: warns(name=name[:64], value=value[:40]) for name, (warns, value) in found.items() if warns is not None
    }


def _count(column: str) -> str:
    whole = f"regexp_full_match({column}, '[-+]?[0-9]+')"
    exact = f"TRY_CAST({column} AS HUGEINT)"
    lost = (
        f"({whole} AND ({exact} IS NULL OR TRY_CAST(TRY_CAST({column} AS DOUBLE) AS HUGEINT) IS DISTINCT FROM {exact}))"
    )
    coded = f"regexp_full_match({column}, '[0-9]+[eE][0-9]+')"
    high = f"{coded} AND regexp_full_match({column}, '[0-9]+[eE][0-9]{{3}}')"
    short = f"regexp_full_match({column}, '{SHORTENED}')"
    decimals = f"length(regexp_extract({column}, '\\.([0-9]+)', 1))"
    other = f"regexp_full_match({column}, '[-+]?0[xXbB][0-9a-fA-F]+')"
    power = f"TRY_CAST(regexp_extract({column}, '[eE]\\+?([0-9]+)$', 1) AS INTEGER)"
    return (
        f"{{'n': count({column}), 'whole': count_if({whole}), "
        f"'lost': any_value({column}) FILTER ({lost}), "
        f"'coded': any_value({column}) FILTER ({coded}), 'n_coded': count_if({coded}), 'n_high': count_if({high}), "
        f"'short': any_value({column}) FILTER ({short}), 'n_short': count_if({short}), "
        f"'n_negative': count_if({short} AND starts_with({column}, '-')), "
        f"'n_alike': list_max(map_values(histogram({decimals}) FILTER ({short}))), "
        f"'spread': max({power}) FILTER ({short}) - min({power}) FILTER ({short}), "
        f"'other': any_value({column}) FILTER ({other})}}"
    )


def _why(found: dict[str, int | str | None]) -> tuple[LoadWarns | None, str]:
    """Which warning there is of a column, and the value that it shows."""
    n, n_whole = int(found["n"] or 0), int(found["whole"] or 0)
    n_short, n_coded = int(found["n_short"] or 0), int(found["n_coded"] or 0)
    if found["lost"] is not None:
        return LoadWarns.DIGITS_LOST, str(found["lost"])
    if found["other"] is not None:
        return LoadWarns.OTHER_BASE, str(found["other"])
    if n_short and n_short + n_whole == n and int(found["spread"] or 0) <= WIDEST and not _are_measured(found):
        return LoadWarns.SHORTENED_IDENTIFIERS, str(found["short"])
    # No code is written as 1E154 in every row.
    if n_coded and n_coded + n_whole == n and found["n_high"] != n:
        return LoadWarns.EXPONENT_CODES, str(found["coded"])
    return None, ""


def _are_measured(found: dict[str, int | str | None]) -> bool:
    """Whether the numbers with exponents are no identifiers: below zero, or with as many decimals as each has."""
    if found["n_negative"]:
        return True
    n_short = int(found["n_short"] or 0)
    is_alone = n_short == found["n"] and n_short >= FEWEST_MEASURED
    return is_alone and int(found["n_alike"] or 0) <= MOST_ALIKE * n_short
