"""What is told of a result of query without Claude."""

from __future__ import annotations

from typing import Any

from tools.telling import Outcome, as_table, listed


def told(outcome: Outcome[Any]) -> str:
    """The sentences and tables."""
    result = outcome.result
    table = as_table(listed(result, "columns"), listed(result, "rows"))
    return "\n\n".join([table, f"{len(listed(result, 'rows'))} of {result['total']} rows."])
