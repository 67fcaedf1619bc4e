"""Looking at many columns in few statements: their values below one another, one row of counts for each column.

A statement over a wide table takes time for each of its columns, whether it reads them or not. So one statement a
column takes time that grows with their square: 5,000 columns took minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from adapters.data.base import DataError, quote_identifier

MAX_COLUMNS = 5_000
"""Of a dataset: the time and memory of every tool grow with them, and no wider table was ever asked for."""
HEAD_ROWS = 1_000
FEWEST_IN_HEAD = 100
"""A column with fewer values in the table's first rows is looked at by its own first values."""
COLUMNS_AT_ONCE = 500
VALUES_AT_ONCE = 1_000_000
FEW_CHANGES = 20
"""So many columns are changed one by one; of more the whole table is written once."""

Answer = tuple[Any, ...]  # what SQL's aggregates give


@dataclass(frozen=True)
class Change:
    """What a column becomes: a type, and its new value as SQL over the SQL of the old one."""

    kind: str
    value: Callable[[str], str]


@dataclass(frozen=True)
class Question:
    """What is asked of each column.

    `sql` gives, from the SQL of rows with a column's place `c`, a row's number `r` and a value `x` that is not missing,
    a SELECT of one row for each c: c, how many values there are, and what else is wanted. `worth` says by the answer of
    a column's first values whether the others are to be looked at; a column that is not worth it has no answer.
    """

    sql: Callable[[str], str]
    parameters: tuple[str, ...] = ()
    worth: Callable[[Answer], bool] | None = None


def check_width(n_columns: int, what: str) -> None:
    """DataError where a table has more columns than are kept; `what` begins that sentence."""
    if n_columns > MAX_COLUMNS:
        raise DataError(f"{what} has {n_columns:,} columns; at most {MAX_COLUMNS:,} are read")


def column_types(connection: duckdb.DuckDBPyConnection, table: str = "data") -> dict[str, str]:
    """The table's columns in order, each with its SQL type; a twentieth of the time that DESCRIBE takes."""
    return {str(row[1]): str(row[2]) for row in connection.execute(f"PRAGMA table_info('{table}')").fetchall()}


def columns_of(connection: duckdb.DuckDBPyConnection, *kinds: str) -> list[str]:
    """The columns of `data` of these SQL types, in order."""
    return [name for name, kind in column_types(connection).items() if kind in kinds]


def count_rows(connection: duckdb.DuckDBPyConnection) -> int:
    """How many rows `data` has."""
    return int(connection.execute("SELECT count(*) FROM data").fetchall()[0][0])


def ask_each(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], question: Question, written: str | None = None
) -> dict[str, Answer]:
    """The answer of each column that has one: of none, where it holds no values.

    Parameters
    ----------
    names : sequence of str
        Columns of one type.
    written : str
        The table as SQL once more, which is asked in place of `data`; its rows have no numbers.
    """
    if not names:
        return {}
    n_rows = count_rows(connection)
    if question.worth is not None and n_rows > HEAD_ROWS:
        heads = ask_heads(connection, names, question, written)
        is_few = {name for name in names if written is not None and heads.get(name, (0,))[0] < FEWEST_IN_HEAD}
        names = [name for name in names if name in is_few or (name in heads and question.worth(heads[name]))]
    if written is not None:
        # Each statement reads the file anew.
        return _ask(connection, names, question, f"(SELECT NULL AS _row, {{}} FROM {written})")
    found: dict[str, Answer] = {}
    for block in _blocks(names, n_rows):
        found |= _ask(connection, block, question, "(SELECT rowid AS _row, {} FROM data)")
    return found


def ask_heads(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], question: Question, written: str | None = None
) -> dict[str, Answer]:
    """The answer of each column's first values, about 1,000; parameters as of `ask_each`."""
    if written is not None:
        return _ask(connection, names, question, f"(SELECT NULL AS _row, {{}} FROM {written} LIMIT {HEAD_ROWS})")
    if not names:
        return {}
    n_rows = count_rows(connection)
    found: dict[str, Answer] = {}
    for block in _blocks(names, min(n_rows, HEAD_ROWS)):
        found |= _ask(connection, block, question, f"(SELECT rowid AS _row, {{}} FROM data LIMIT {HEAD_ROWS})")
    sparse = [name for name in names if n_rows > HEAD_ROWS and (name not in found or found[name][0] < FEWEST_IN_HEAD)]
    for block in _blocks(sparse, n_rows):
        found |= _ask(connection, block, question, "(SELECT rowid AS _row, {} FROM data)", is_head=True)
    return found


def change_columns(connection: duckdb.DuckDBPyConnection, changes: Mapping[str, Change]) -> None:
    """Give columns of `data` a new type and new values; rows keep their order."""
    if len(changes) <= FEW_CHANGES:
        for name, change in changes.items():
            column = quote_identifier(name)
            value = f"CAST({change.value(column)} AS {change.kind})"
            connection.execute(f"ALTER TABLE data ALTER {column} TYPE {change.kind} USING {value}")
        return
    alike: dict[str, list[str]] = defaultdict(list)
    for name, change in changes.items():
        alike[f"CAST({change.value('x')} AS {change.kind})"].append(quote_identifier(name))
    # What all columns of a kind become is bound once, as a function of the list of them.
    lists = [f"list_transform([{', '.join(columns)}], lambda x: {value})" for value, columns in alike.items()]
    made = {
        column: f"_row[{part}][{place}] AS {column}"
        for part, columns in enumerate(alike.values(), start=1)
        for place, column in enumerate(columns, start=1)
    }
    # Each column by its name: the time of SELECT * REPLACE grows with the square of what is replaced.
    selected = ", ".join(made.get(column, column) for column in map(quote_identifier, column_types(connection)))
    rewrite(connection, f"SELECT {selected} FROM (SELECT *, row({', '.join(lists)}) AS _row FROM data)")


def drop_columns(connection: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Take columns of `data` away; rows keep their order."""
    columns = list(map(quote_identifier, names))
    if len(columns) > FEW_CHANGES:
        dropped = set(columns)
        kept = (column for column in map(quote_identifier, column_types(connection)) if column not in dropped)
        rewrite(connection, f"SELECT {', '.join(kept)} FROM data")
        return
    for column in columns:
        connection.execute(f"ALTER TABLE data DROP COLUMN {column}")


def rewrite(connection: duckdb.DuckDBPyConnection, select: str) -> None:
    """Make the rows of the SELECT over `data` the new `data`."""
    connection.execute(f"CREATE TABLE rewritten AS {select}")
    connection.execute("DROP TABLE data")
    connection.execute("ALTER TABLE rewritten RENAME TO data")


def _blocks(names: Sequence[str], n_rows: int) -> Iterator[Sequence[str]]:
    """So many columns at once that their values are not too many: one in long tables."""
    size = max(1, min(COLUMNS_AT_ONCE, VALUES_AT_ONCE // max(1, n_rows)))
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _ask(
    connection: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    question: Question,
    source: str,
    is_head: bool = False,
) -> dict[str, Answer]:
    """One statement; `source` is SQL with a place for the columns' names."""
    if not names:
        return {}
    columns = ", ".join(map(quote_identifier, names))
    rows = source.replace("{}", columns)
    if len(names) == 1:
        cells = f"SELECT 0 AS c, _row AS r, {columns} AS x FROM {rows} WHERE {columns} IS NOT NULL"
        cells += f" LIMIT {HEAD_ROWS}" * is_head
    else:
        below = f"SELECT unnest(range({len(names)})) AS c, _row AS r, unnest([{columns}]) AS x FROM {rows}"
        cells = f"SELECT * FROM ({below}) WHERE x IS NOT NULL"
        cells += f" QUALIFY row_number() OVER (PARTITION BY c ORDER BY r) <= {HEAD_ROWS}" * is_head
    answers = connection.execute(question.sql(f"({cells})"), list(question.parameters)).fetchall()
    by_place = {c: tuple(answer) for c, *answer in answers}
    return {name: by_place[c] for c, name in enumerate(names) if c in by_place}
