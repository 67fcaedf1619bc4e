"""Few statements for many columns of a short table: their values below one another, each column a group of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from adapters.data.base import quote_identifier

COLUMNS_AT_ONCE = 100
"""So many lie beside one another where a wide table is copied part by part (`adapters.data.table`)."""
VALUES_AT_ONCE = 1_000_000
"""Of longer tables each column is asked by itself: a statement for it takes less time than its rows."""

Found = TypeVar("Found")


def blocks(names: Sequence[str], n_rows: int) -> Iterator[Sequence[str]]:
    """The names, so many at once that the values are not too many; one by one in long tables."""
    size = max(1, min(COLUMNS_AT_ONCE, VALUES_AT_ONCE // max(1, n_rows)))
    for start in range(0, len(names), size):
        yield names[start : start + size]


def ask_together(
    names: Sequence[str], n_rows: int, sql_type: str, ask: Callable[[str, str | None], Mapping[object, Found]]
) -> dict[str, Found]:
    """What `ask` finds of each column that it finds something of.

    Parameters
    ----------
    sql_type : str
        What the values are cast to.
    ask : callable
        Given the SQL of a value and the SQL of its group (None: one group, None), what is found of each group, as text.
    """
    found: dict[str, Found] = {}
    for block in blocks(names, n_rows):
        quoted = list(map(quote_identifier, block))
        if len(block) == 1:
            of_groups = ask(quoted[0], None)
            found |= dict.fromkeys(block, of_groups[None]) if None in of_groups else {}
        else:
            cells = ", ".join(f"CAST({name} AS {sql_type})" for name in quoted)
            of_groups = ask(f"unnest([{cells}])", f"unnest(range({len(block)}))")
            found |= {name: of_groups[str(place)] for place, name in enumerate(block) if str(place) in of_groups}
    return found
