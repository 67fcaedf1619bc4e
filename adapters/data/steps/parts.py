"""A step that changes columns one by one, on a wide table: a hundred columns at a time, then side by side again.

Each statement over a wide table takes time for all of its columns, and such a step asks something of each column.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adapters.data.base import quote_identifier
from adapters.data.steps.models import Cast, Encode, FillMissing, Scale
from adapters.data.steps.work import Work, check_different, check_made

COLUMNS_AT_ONCE = 100
FEW_COLUMNS = 200

Columnwise = Cast | Encode | FillMissing | Scale


def is_columnwise(step: object) -> bool:
    """Whether the step keeps the rows, and what becomes of a column hangs on no other one but those of `by`."""
    return isinstance(step, Columnwise) and not (isinstance(step, FillMissing) and step.method == "knn")


def take_in_parts(work: Work, step: Columnwise, take: Callable[[Work, Columnwise], int]) -> int:
    """Take the step; gives the number of values written."""
    names = list(work.types())
    if len(names) <= FEW_COLUMNS:
        return take(work, step)
    changed = set(work.find_all(step.columns))
    by = work.find_all(step.by) if isinstance(step, FillMissing) and step.by else []
    work.change("ALTER TABLE data RENAME TO whole")
    made: list[tuple[str, Sequence[str]]] = []
    n_written = 0
    for start in range(0, len(names), COLUMNS_AT_ONCE):
        block = names[start : start + COLUMNS_AT_ONCE]
        wanted = [name for name in block if name in changed]
        if not wanted:
            made.append(("whole", block))
            continue
        beside = [name for name in by if name not in block]
        listed = ", ".join(map(quote_identifier, [*block, *beside]))
        work.change(f"CREATE TABLE data AS SELECT {listed} FROM whole ORDER BY rowid")
        n_written += take(work, step.model_copy(update={"columns": wanted}))
        made.append((f"part_{start}", [name for name in work.types() if name not in beside]))
        work.change(f"ALTER TABLE data RENAME TO part_{start}")
    _put_together(work, made)
    return n_written


def _put_together(work: Work, made: Sequence[tuple[str, Sequence[str]]]) -> None:
    """The columns of all parts beside one another, as the new `data`; each part has the rows in their order."""
    names = [name for _, part in made for name in part]
    check_made(len(names))
    check_different(names)
    listed = ", ".join(f"{table}.{quote_identifier(name)}" for table, part in made for name in part)
    tables = list(dict.fromkeys(table for table, _ in made))
    work.change(f"CREATE TABLE data AS SELECT {listed} FROM {' POSITIONAL JOIN '.join(tables)}")
    for table in {"whole", *tables}:
        work.change(f"DROP TABLE {table}")
