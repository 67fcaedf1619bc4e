"""Words that stand for a missing value, in columns of text: counted, and kept where they are a code like the others."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from adapters.data.base import quote_identifier, quote_string
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Question, ask_each, columns_of, count_rows
from adapters.records.warned import Warned

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")
"""Read as missing in every column of a file."""
MISSING = (
    "-|--|–|—|\\?|\\.{1,3}|…|\\*|n/?a|<na>|n\\.a\\.?|n\\.?d\\.?|k\\. ?a\\.?|none|null|\\(null\\)|nil|missing|unknown|"
    "undefined|no data|not available|#n/a|#value!|#div/0!|#num!|#ref!|#name\\?"
)
"""Beside numbers these, in any case, are missing too."""
CODE = "NA"
CODES = "[A-Z][A-Z0-9]|EMEA|APAC|JAPAC|LATAM|LATM|LAC|MEA|MENA|ROW|ANZ|CIS|ASEAN|SSA"
"""Codes of two letters (countries, continents, states, airlines), and the longer ones of regions beside NA."""
ANSWERS = ("NO", "OK", "SI", "JA", "NE")
"""Capitals of two letters that are answers: NA beside them is none."""
FEWEST = 2


def settle_missing_words(connection: duckdb.DuckDBPyConnection, source: str, words: Sequence[str]) -> list[Warned]:
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
    counts = _count_words(connection, source, gaps, spelled)
    codes = _other_codes(connection, [name for name in gaps if counts[name].get(CODE)])
    _put_back(connection, source, list(codes))
    warnings = []
    for name in gaps:
        found = counts[name]
        if name in codes:
            column, n_codes = quote_identifier(name[:64]), found.pop(CODE)
            warnings.append(LoadWarns.NA_IS_A_CODE(name=name[:64], n_values=n_codes, other=codes[name], column=column))
        if found:
            listed = ", ".join(f"{count} values {word!r}" for word, count in found.items())
            warnings.append(LoadWarns.READ_AS_MISSING(name=name[:64], listed=listed))
    return warnings


def _columns_with_gaps(connection: duckdb.DuckDBPyConnection) -> list[str]:
    names = columns_of(connection, "VARCHAR")
    counts = ask_each(connection, names, Question("SELECT c, count(*) FROM {} GROUP BY c".format))
    n_rows = count_rows(connection)
    return [name for name in names if name not in counts or counts[name][0] < n_rows]


def _count_words(
    connection: duckdb.DuckDBPyConnection, source: str, names: Sequence[str], words: Sequence[str]
) -> dict[str, dict[str, int]]:
    """How often each of the words that a column holds stands in it."""
    parts = ", ".join(f"count_if(x = {quote_string(word)})" for word in words)
    question = Question(lambda cells: f"SELECT c, count(*), {parts} FROM {cells} GROUP BY c")
    found = ask_each(connection, names, question, source)
    counts = {name: found[name][1:] if name in found else () for name in names}
    return {name: {word: n for word, n in zip(words, row, strict=False) if n} for name, row in counts.items()}


def _other_codes(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> dict[str, str]:
    """The first value of each column in which all are codes and two or more."""
    question = Question(
        lambda cells: (
            f"SELECT c, count(*), min(x), count(DISTINCT x), bool_and(regexp_full_match(x, ?)), "
            f"bool_and(x IN {ANSWERS}) FROM {cells} GROUP BY c"
        ),
        (CODES,),
    )
    return {
        name: str(first)
        for name, (_, first, n, are_codes, are_answers) in ask_each(connection, names, question).items()
        if n >= FEWEST and are_codes and not are_answers
    }


def _put_back(connection: duckdb.DuckDBPyConnection, source: str, names: Sequence[str]) -> None:
    """Give the columns their codes back where the file has them."""
    if not names:
        return
    columns = list(map(quote_identifier, names))
    codes = ", ".join(f"{column} = '{CODE}' AS c{place}" for place, column in enumerate(columns))
    numbered = f"SELECT row_number() OVER () - 1 AS _row, {codes} FROM {source}"
    is_any = " OR ".join(f"c{place}" for place in range(len(columns)))
    connection.execute(f"CREATE TEMP TABLE written AS SELECT * FROM ({numbered}) WHERE {is_any}")
    put = ", ".join(
        f"{column} = CASE WHEN {column} IS NULL AND c{place} THEN '{CODE}' ELSE {column} END"
        for place, column in enumerate(columns)
    )
    connection.execute(f"UPDATE data SET {put} FROM written WHERE data.rowid = written._row")
    connection.execute("DROP TABLE written")
