"""Words that stand for a missing value, in columns of text: counted, and kept where they are a code like the others."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from adapters.data.base import quote_identifier, quote_string

CODE = "NA"
CODES = "[A-Z][A-Z0-9]|EMEA|APAC|JAPAC|LATAM|LATM|LAC|MEA|MENA|ROW|ANZ|CIS|ASEAN|SSA"
"""Codes of two letters (countries, continents, states, airlines), and the longer ones of regions beside NA."""
ANSWERS = ("NO", "OK", "SI", "JA", "NE")
"""Capitals of two letters that are answers: NA beside them is none."""
FEWEST = 2


def settle_missing_words(connection: duckdb.DuckDBPyConnection, source: str, words: Sequence[str]) -> list[str]:
    """Look at the text columns of `data` that lack values: which of their gaps are a word in the file?

    In a column of which all other values are codes of two capitals, NA is one too (Namibia, North America) and is put
    back; elsewhere such words stay missing. Either is said, with the count.

    Parameters
    ----------
    source : str
        The table as SQL once more, every column as text and only nothing read as missing; rows in the same order.
    words : sequence of str
        What was read as missing.
    """
    gaps = _columns_with_gaps(connection)
    spelled = [word for word in words if word]
    if not gaps:
        return []
    parts = [f"count_if({quote_identifier(name)} = {quote_string(word)})" for name in gaps for word in spelled]
    counts = iter(connection.execute(f"SELECT {', '.join(parts)} FROM {source}").fetchall()[0])
    warnings = []
    for name in gaps:
        found = {word: count for word in spelled if (count := next(counts))}
        if CODE in found and (example := _other_code(connection, name)) is not None:
            _put_back(connection, source, name)
            column = name[:64]
            warnings.append(
                f"column {column!r}: {found.pop(CODE)} values {CODE!r} are kept as a code like {example!r}; where they "
                f"are missing, the step derive of transform makes them so: nullif({quote_identifier(column)}, 'NA')"
            )
        if found:
            listed = ", ".join(f"{count} values {word!r}" for word, count in found.items())
            warnings.append(f"column {name[:64]!r}: {listed} are read as missing")
    return warnings


def _columns_with_gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    described = connection.execute("SELECT column_name FROM (DESCRIBE data) WHERE column_type = 'VARCHAR'").fetchall()
    names = [name for (name,) in described]
    if not names:
        return []
    counts = ", ".join(f"count(*) - count({quote_identifier(name)})" for name in names)
    found = connection.execute(f"SELECT {counts} FROM data").fetchall()[0]
    return [name for name, n_gaps in zip(names, found, strict=True) if n_gaps]


def _other_code(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """The first of the column's values, where all are codes and two or more; None where they are not."""
    column = quote_identifier(name)
    first, n, are_codes, are_answers = connection.execute(
        f"SELECT min({column}), count(DISTINCT {column}), bool_and(regexp_full_match({column}, ?)), "
        f"bool_and({column} IN {ANSWERS}) FROM data WHERE {column} IS NOT NULL",
        [CODES],
    ).fetchall()[0]
    return str(first) if n >= FEWEST and are_codes and not are_answers else None


def _put_back(connection: duckdb.DuckDBPyConnection, source: str, name: str) -> None:
    column = quote_identifier(name)
    rows = f"SELECT r FROM (SELECT row_number() OVER () - 1 AS r, {column} AS x FROM {source}) WHERE x = '{CODE}'"
    connection.execute(f"UPDATE data SET {column} = '{CODE}' WHERE {column} IS NULL AND rowid IN ({rows})")
