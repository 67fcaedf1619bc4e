"""SQL that Claude wrote: what is shown of its result, or kept as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.data.base import QueryResult, Watch
from adapters.data.child import ChildLimits, ask_child, table_files
from adapters.records import Dataset
from adapters.records.warned import Warned, read_warned


def show_query(
    datasets: Sequence[Dataset], sql: str, limit: int, folder: Path, limits: ChildLimits, watch: Watch
) -> QueryResult:
    """The first `limit` rows of one SELECT over the datasets, and how many there are in all.

    Parameters
    ----------
    folder : Path
        The owner's folder; the child spills into a folder there that is removed.

    Raises
    ------
    DataError
        If the SQL is refused, does not fit, or takes more than the limits.
    Cancelled
        The user stopped it; the child is gone.
    """
    return _result(_ask(datasets, sql, limit, None, folder, limits, watch))


def keep_query(
    datasets: Sequence[Dataset], sql: str, limit: int, part: Path, limits: ChildLimits, watch: Watch
) -> tuple[list[Warned], QueryResult]:
    """Write all rows of one SELECT as the table `data` of the new DuckDB file `part`.

    Gives the warnings and the first `limit` rows as they were kept: they come of one run, so that there are both or
    none.

    Raises as `show_query` does; what is at `part` then is of no use.
    """
    answer = _ask(datasets, sql, limit, part, part.parent, limits, watch)
    return list(map(read_warned, answer["warnings"])), _result(answer)


def _result(answer: Mapping[str, Any]) -> QueryResult:
    rows = tuple(tuple(row) for row in answer["rows"])
    return QueryResult(tuple(answer["columns"]), rows, answer["total"], answer["truncated"])


def _ask(
    datasets: Sequence[Dataset],
    sql: str,
    limit: int,
    part: Path | None,
    folder: Path,
    limits: ChildLimits,
    watch: Watch,
) -> dict[str, Any]:
    tables = table_files([dataset for dataset in datasets if dataset.name.lower() in sql.lower()])
    request = {
        "tables": tables,
        "names": [dataset.name for dataset in datasets],
        "sql": sql,
        "limit": limit,
        "part": None if part is None else str(part),
    }
    return ask_child("query_worker", request, folder, limits, watch)
