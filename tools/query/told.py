"""What is told of a result of query without Claude."""

from __future__ import annotations

from tools.query.result import Selection
from tools.results import MadeCall
from tools.telling import as_table


def told(call: MadeCall[Selection]) -> str:
    """The rows, and how many there are."""
    found = call.result
    return "\n\n".join([as_table(found.columns, found.rows), f"{len(found.rows)} of {found.total} rows."])
