"""The table under work: `data` in the child's own file, taken from one form to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb

from adapters.data.base import DataError, quote_identifier
from adapters.data.column_profile import TYPES
from adapters.data.many_columns import COLUMNS_AT_ONCE, MAX_COLUMNS, column_types
from adapters.data.reading import keep_source
from adapters.names import name_choices
from adapters.records.warned import Warned

NUMERIC = ("integer", "number")


def check_made(n_columns: int) -> None:
    """DataError where a step would make a table of more columns than are kept."""
    if n_columns > MAX_COLUMNS:
        raise DataError(f"that makes more than {MAX_COLUMNS:,} columns")


def check_different(names: Sequence[str]) -> None:
    """DataError where two columns of a table would have one name, case aside, or one the rows' own."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            raise DataError(f"two columns would be named {name[:64]!r}; choose other names")
        seen.add(name.lower())
    if "_row" in seen:
        raise DataError("_row is every dataset's row number; choose another name")


@dataclass
class Work:
    """A connection whose table `data` the steps rewrite; `joins` maps a dataset's name to its view."""

    connection: duckdb.DuckDBPyConnection
    joins: dict[str, str]
    warnings: list[Warned] = field(default_factory=list)
    _types: dict[str, str] | None = None

    def types(self) -> dict[str, str]:
        """The columns in order, each with our word for its type."""
        if self._types is None:
            self._types = {name: TYPES.get(kind, "text") for name, kind in column_types(self.connection).items()}
        return self._types

    def change(self, statement: str) -> None:
        """Run a statement after which `data` may have other columns."""
        self._types = None
        self.connection.execute(statement)

    def n_rows(self) -> int:
        """How many rows there are now."""
        return self.count("SELECT count(*) FROM data")

    def count(self, sql: str) -> int:
        """The one whole number that the SELECT gives."""
        return int(self.connection.execute(sql).fetchall()[0][0] or 0)

    def find(self, name: str) -> str:
        """The column of that name, as it is spelled; DataError with the nearest names."""
        names = self.types()
        if name in names:
            return name
        folded = [known for known in names if known.casefold() == name.casefold()]
        if len(folded) == 1:
            return folded[0]
        raise DataError(f"no column {name[:64]!r}; {name_choices(name, list(names))}")

    def find_all(self, names: Sequence[str] | None) -> list[str]:
        """The columns of those names, each once; all where None."""
        if names is None:
            return list(self.types())
        return list(dict.fromkeys(self.find(name) for name in names))

    def find_numeric(self, name: str) -> str:
        """The column of that name, which must hold numbers."""
        found, types = self.find(name), self.types()
        if types[found] not in NUMERIC:
            numeric = ", ".join(repr(other) for other, kind in types.items() if kind in NUMERIC) or "none"
            raise DataError(f"column {found[:64]!r} holds {types[found]}, not numbers; columns with numbers: {numeric}")
        return found

    def counts(self, names: Sequence[str]) -> dict[str, int]:
        """How many values each of the columns has."""
        found: dict[str, int] = {}
        for start in range(0, len(names), COLUMNS_AT_ONCE):
            block = names[start : start + COLUMNS_AT_ONCE]
            sql = ", ".join(f"count({quote_identifier(name)})" for name in block)
            found |= zip(block, self.connection.execute(f"SELECT {sql} FROM data").fetchall()[0], strict=True)
        return found

    def check_new(self, name: str) -> None:
        """DataError if a column of that name is there (case aside, as SQL has it), or the name is the rows' own."""
        if name.lower() == "_row":
            raise DataError("_row is every dataset's row number; choose another name")
        if name.lower() in (known.lower() for known in self.types()):
            raise DataError(f"there is a column {name[:64]!r} already; choose another name or drop it first")

    def rewrite(self, select: str) -> None:
        """Make the result of the SELECT over `numbered` (`data` with its `_row`) the new `data`, in our types."""
        self.change("ALTER TABLE data RENAME TO before")
        self.connection.execute("CREATE OR REPLACE TEMP VIEW numbered AS SELECT rowid AS _row, * FROM before")
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW source AS {select}")
        check_made(len(column_types(self.connection, "source")))
        self.warnings += keep_source(self.connection)
        self.connection.execute("DROP VIEW source; DROP VIEW numbered; DROP TABLE before")

    def put(self, values: dict[str, str]) -> None:
        """Columns with new values, as SQL over `data` and `_row`: old names in their place, new ones at the end."""
        named = {name: quote_identifier(name) for name in self.types()} | values
        parts = [f"{sql} AS {quote_identifier(name)}" for name, sql in named.items()]
        self.rewrite(f"SELECT {', '.join(parts)} FROM numbered ORDER BY _row")

    def keep_rows(self, condition: str) -> None:
        """Keep the rows for which the SQL condition, over `data` and `_row`, is true."""
        self.rewrite(f"SELECT * EXCLUDE (_row) FROM numbered WHERE {condition} ORDER BY _row")
