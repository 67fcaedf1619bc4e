"""Columns of text that are date-times in a form that DuckDB does not know: 1/31/2024 3:15 PM, 31.01.2024 15:15."""

from __future__ import annotations

import duckdb

from adapters.data.base import quote_identifier, quote_string
from adapters.data.date_order import ORDERS

DAY_AND_TIME = r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}),?[ T]+(\d{1,2}:\d{2})(:\d{2})?( ?[AaPp]\.?[Mm]\.?)?"


def undress_times(connection: duckdb.DuckDBPyConnection, day_first: bool | None) -> list[str]:
    """Make date-times of the text columns of `data` of which every value is one; gives a warning for each.

    Parameters
    ----------
    day_first : bool or None
        Whether the first number is the day, where the user said so; found out if None: a number beyond 12 is a day,
        and where none is, the day comes first unless AM and PM speak for the American order.
    """
    warnings = []
    described = connection.execute("SELECT column_name FROM (DESCRIBE data) WHERE column_type = 'VARCHAR'").fetchall()
    for (name,) in described:
        column = quote_identifier(name)
        odd = f"SELECT 1 FROM data WHERE NOT regexp_full_match(trim({column}), ?) LIMIT 1"
        if connection.execute(odd, [DAY_AND_TIME]).fetchall():
            continue
        first, second, n, is_american = connection.execute(
            f"SELECT max({_part(column, 1)}::INT), max({_part(column, 2)}::INT), count({column}), "
            f"bool_or({_part(column, 5)} <> '') FROM data"
        ).fetchall()[0]
        if n == 0 or (first > 12 and second > 12):
            continue
        is_open = first <= 12 and second <= 12
        order = _order(first, second, is_american, day_first)
        if not _convert(connection, column, order):
            continue
        sentence = f"column {name[:64]!r}: {n} date-times are read {ORDERS[order]}"
        warnings.append(sentence + ("; every one would fit the other way too: make sure" if is_open else ""))
    return warnings


def _order(first: int, second: int, is_american: bool, day_first: bool | None) -> str:
    if first > 12 or second > 12:
        return "d" if first > 12 else "m"
    if day_first is not None:
        return "d" if day_first else "m"
    return "m" if is_american else "d"


def _part(column: str, group: int) -> str:
    return f"regexp_extract(trim({column}), {quote_string(DAY_AND_TIME)}, {group})"


def _convert(connection: duckdb.DuckDBPyConnection, column: str, order: str) -> bool:
    """The column as TIMESTAMP; False, and nothing changed, when one value is no such time (25:00, 31 February)."""
    day, month = (_part(column, 1), _part(column, 2)) if order == "d" else (_part(column, 2), _part(column, 1))
    clock = f"concat({_part(column, 4)}, coalesce(nullif({_part(column, 5)}, ''), ':00'))"
    half = f"upper(replace(trim({_part(column, 6)}), '.', ''))"
    text = f"concat({day}, '/', {month}, '/', {_part(column, 3)}, ' ', {clock}, ' ', {half})"
    parsed = (
        f"CASE WHEN {half} = '' THEN try_strptime(trim({text}), '%d/%m/%Y %H:%M:%S') "
        f"ELSE try_strptime({text}, '%d/%m/%Y %I:%M:%S %p') END"
    )
    lost = f"SELECT 1 FROM data WHERE {column} IS NOT NULL AND ({parsed}) IS NULL LIMIT 1"
    if connection.execute(lost).fetchall():
        return False
    connection.execute(f"ALTER TABLE data ALTER {column} TYPE TIMESTAMP USING {parsed}")
    return True
