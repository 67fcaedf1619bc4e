"""Which mark is the decimal one where a column leaves it open: what the file's other columns prove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from adapters.data.base import quote_identifier
from adapters.data.load_warns import LoadWarns
from adapters.data.many_columns import Change, Question, ask_each, change_columns, columns_of
from adapters.records.warned import Warned

GROUPED = r"[-+]?[1-9]\d{0,2}(\.\d{3})?"
"""A number that may have a point between thousands, or be below a thousand."""
MAX_SHOWN = 40


@dataclass(frozen=True)
class Proof:
    """A column in which a decimal point cannot be anything else, and one in which a comma cannot; None: there is none.

    Where there are both the file is of two minds, and proves nothing.
    """

    point: str | None = None
    comma: str | None = None

    @property
    def is_comma(self) -> bool:
        """Whether the decimal mark is the comma, and that is proven."""
        return self.comma is not None and self.point is None

    @property
    def is_point(self) -> bool:
        """Whether the decimal mark is the point, and that is proven."""
        return self.point is not None and self.comma is None

    @property
    def conflict(self) -> list[Warned]:
        """A warning where the file is of two minds."""
        if self.comma is None or self.point is None:
            return []
        return [LoadWarns.DECIMAL_MARKS_DIFFER(comma=self.comma[:64], point=self.point[:64])]

    @property
    def shown(self) -> str:
        """The column that proves it, as it is named in a sentence."""
        return repr((self.comma or self.point or "")[:64])


def look_at_points(connection: duckdb.DuckDBPyConnection, as_written: str) -> tuple[list[str], str | None]:
    """The columns of floats of `data` whose points may all stand between thousands, and one where they cannot.

    Parameters
    ----------
    as_written : str
        The table as SQL once more, every column as text and only nothing read as missing.
    """
    question = Question(
        lambda cells: (
            f"SELECT c, count(*), count_if(contains(x, '.')), "
            f"bool_and(regexp_full_match(trim(x), '{GROUPED}') OR TRY_CAST(x AS DOUBLE) IS NULL), "
            f"count_if(contains(x, '.') AND TRY_CAST(x AS DOUBLE) IS NOT NULL "
            f"AND NOT regexp_full_match(trim(x), '{GROUPED}')) FROM {cells} WHERE trim(x) <> '' GROUP BY c"
        )
    )
    found = ask_each(connection, columns_of(connection, "DOUBLE"), question, as_written)
    can_be = [name for name, (_, n_points, is_grouped, _) in found.items() if n_points and is_grouped]
    return can_be, next((name for name, (*_, n_decimal) in found.items() if n_decimal), None)


def read_thousands(
    connection: duckdb.DuckDBPyConnection, as_written: str, names: Sequence[str], proof: Proof
) -> list[Warned]:
    """Read the points of these columns of floats as marks between thousands; a warning for each column.

    Parameters
    ----------
    as_written : str
        As of `look_at_points`; rows in the same order.
    """
    if not names:
        return []
    values = ", ".join(
        f"TRY_CAST(replace(trim({quote_identifier(name)}), '.', '') AS DOUBLE) AS c{place}"
        for place, name in enumerate(names)
    )
    connection.execute(
        f"CREATE TEMP TABLE written AS SELECT row_number() OVER () - 1 AS _row, {values} FROM {as_written}"
    )
    put = ", ".join(f"{quote_identifier(name)} = c{place}" for place, name in enumerate(names))
    connection.execute(f"UPDATE data SET {put} FROM written WHERE data.rowid = written._row")
    connection.execute("DROP TABLE written")
    change_columns(connection, dict.fromkeys(names, Change("BIGINT", lambda column: column)))
    counts = Question(lambda cells: f"SELECT c, count(*), min(x) FROM {cells} WHERE contains(x, '.') GROUP BY c")
    return [
        LoadWarns.POINT_BETWEEN_THOUSANDS(
            name=name[:64],
            n_values=n,
            example=str(example)[:MAX_SHOWN],
            proof=proof.shown,
            column=quote_identifier(name),
        )
        for name, (n, example) in ask_each(connection, names, counts, as_written).items()
    ]
