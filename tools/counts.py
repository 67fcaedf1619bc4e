"""How often the values of two columns stand together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.data.base import DuckTable, quote_identifier
from adapters.records import Column
from tools import stats
from tools.errors import ToolError

if TYPE_CHECKING:
    from tools.stats import Floats

MAX_VALUES = 50


def count_pairs(
    table: DuckTable, row: Column, column: Column | None
) -> tuple[tuple[list[str], list[str]], Floats, int]:
    """Names of rows and columns in their own order, counts of shape (n_rows, n_columns), and rows with missing values.

    Raises
    ------
    ToolError
        If a column has more than 50 values.
    """
    first = quote_identifier(row.name)
    second = "''" if column is None else quote_identifier(column.name)
    present = f"{first} IS NOT NULL AND {second} IS NOT NULL"
    found = table.fetch(
        f"SELECT CAST({first} AS VARCHAR), CAST({second} AS VARCHAR), count(*), "
        f"dense_rank() OVER (ORDER BY min({second})) FROM data "
        f"WHERE {present} GROUP BY 1, 2 ORDER BY min({first}), 4, 1, 2"
    )
    rows = list(dict.fromkeys(one for one, _, _, _ in found))
    columns = list(dict.fromkeys(other for _, other, _, _ in sorted(found, key=lambda line: line[3])))
    for names, name in ((rows, row.name), (columns, "" if column is None else column.name)):
        if len(names) > MAX_VALUES:
            raise ToolError(
                f"{name!r} has {len(names)} values; a table takes at most {MAX_VALUES}: bin or filter first"
            )
    cells = {(one, other): float(n) for one, other, n, _ in found}
    counts = stats.as_counts([[cells.get((one, other), 0.0) for other in columns] for one in rows])
    return (rows, columns), counts, table.count() - sum(n for _, _, n, _ in found)
