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
        The format that the reader found for the types DATE and TIMESTAMP; None and formats that begin with the
        whole year say nothing.
    """
    warnings = []
    for name, sql_type in connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall():
        form = formats.get(sql_type)
        order, is_short = _order(form), "%y" in (form or "")
        if order is None and not is_short:
            continue
        column = quote_identifier(name)
        latest_day, years, first = connection.execute(
            f"SELECT max(day({column})), max(year({column}) % 100), "
            f"CAST(CAST(arg_min({column}, rowid) AS DATE) AS VARCHAR) FROM data"
        ).fetchall()[0]
        if latest_day is None:
            continue
        read = "year, month, day" if order is None else ORDERS[order] + ", the year last" * is_short
        sentence = f"column {name[:64]!r}: dates are read {read}, the first is {first} (year-month-day)"
        if order is None or latest_day <= 12:
            sentence += "; every date would fit the other way too: make sure"
        elif is_short and order == "d" and years <= 31:
            sentence += "; every date would fit with the year first too: make sure"
        warnings.append(sentence)
    return warnings


def put_years_last(
    connection: duckdb.DuckDBPyConnection, formats: Mapping[str, str | None], day_first: bool | None
) -> dict[str, str | None]:
    """Read 31/12/19 as the last day of 2019 where the reader took it for December 19th, 2031; gives the formats anew.

    DuckDB tries the year of two digits at the front first. It stands at the end where every date fits so and that makes
    no more different years than days: dates are of few years and many days.
    """
    return {kind: _year_last(connection, kind, form, day_first) for kind, form in formats.items()}


def _year_last(
    connection: duckdb.DuckDBPyConnection, kind: str, form: str | None, day_first: bool | None
) -> str | None:
    if form is None or not form.startswith("%y"):
        return form
    described = connection.execute("SELECT column_name, column_type FROM (DESCRIBE data)").fetchall()
    columns = [quote_identifier(name) for name, sql_type in described if sql_type == kind]
    if not columns:
        return form
    parts = " UNION ALL ".join(f"SELECT {column} AS x FROM data WHERE {column} IS NOT NULL" for column in columns)
    fits_day, fits_month, years, days = connection.execute(
        f"SELECT bool_and({_turned('x', 'd')} IS NOT NULL), bool_and({_turned('x', 'm')} IS NOT NULL), "
        f"count(DISTINCT year(x) % 100), count(DISTINCT day(x)) FROM ({parts})"
    ).fetchall()[0]
    if not (fits_day or fits_month) or days > years:
        return form
    order = "d" if not fits_month or (fits_day and day_first is not False) else "m"
    for column in columns:
        clock = f"({column} - date_trunc('day', {column}))" if kind == "TIMESTAMP" else "INTERVAL 0 DAY"
        connection.execute(
            f"ALTER TABLE data ALTER {column} TYPE {kind} USING CAST({_turned(column, order)} + {clock} AS {kind})"
        )
    separator, rest = form[2], form[8:]
    return separator.join(("%d", "%m", "%y") if order == "d" else ("%m", "%d", "%y")) + rest


def _turned(column: str, order: str) -> str:
    """A date read as year, month, day, of the same three numbers with the year last; NULL where there is none."""
    first, second, last = f"year({column}) % 100", f"month({column})", f"lpad(day({column})::VARCHAR, 2, '0')"
    day, month = (first, second) if order == "d" else (second, first)
    return f"try_strptime(concat({day}, '/', {month}, '/', {last}), '%d/%m/%y')"


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
