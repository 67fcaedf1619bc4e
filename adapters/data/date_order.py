"""Which number of a date is the day: what reading DuckDB took, and whether the other one would fit too."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from adapters.data.base import quote_identifier

ORDERS = {"d": "day before month", "m": "month before day"}


def explain_date_order(connection: duckdb.DuckDBPyConnection, formats: Mapping[str, str | None]) -> list[str]:
    """A warning for each column of `data` that was read by a format like %d/%m/%Y.

    Parameters
    ----------
    formats : mapping
        The format that the reader found for the types DATE and TIMESTAMP; None and formats that begin with the year
        say nothing.
    """
    warnings = []
    for name, sql_type in connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall():
        order = _order(formats.get(sql_type))
        if order is None:
            continue
        column = quote_identifier(name)
        latest_day, first = connection.execute(
            f"SELECT max(day({column})), CAST(CAST(arg_min({column}, rowid) AS DATE) AS VARCHAR) FROM data"
        ).fetchall()[0]
        if latest_day is None:
            continue
        sentence = f"column {name[:64]!r}: dates are read {ORDERS[order]}, the first is {first} (year-month-day)"
        if latest_day <= 12:
            sentence += "; every date would fit the other way too: make sure"
        warnings.append(sentence)
    return warnings


def as_asked(connection: duckdb.DuckDBPyConnection, options: str, day_first: bool) -> str:
    """What to add to the options of read_csv so that day and month are read in the order that the user named.

    Parameters
    ----------
    options : str
        The arguments of read_csv, without formats.
    """
    found = connection.execute(f"SELECT DateFormat, TimestampFormat FROM sniff_csv({options})").fetchall()[0]
    added = ""
    for name, form in zip(("dateformat", "timestampformat"), found, strict=True):
        if form is not None and _order(form) == ("m" if day_first else "d"):
            added += f", {name}='{form.translate(str.maketrans('dm', 'md'))}'"
    return added


def _order(date_format: str | None) -> str | None:
    """Which of day and month comes first, when the year does not."""
    places = {part: (date_format or "").find(f"%{part}") for part in "dmYy"}
    year = max(places["Y"], places["y"])
    if date_format is None or places["d"] < 0 or places["m"] < 0 or year < max(places["d"], places["m"]):
        return None
    return "d" if places["d"] < places["m"] else "m"
