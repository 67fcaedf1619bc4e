"""What is told of a result of estimate_cost without Claude."""

from __future__ import annotations

from tools.estimate_cost.result import Quoted
from tools.results import MadeCall
from tools.telling import as_table


def told(call: MadeCall[Quoted]) -> str:
    """The sentences and tables."""
    rows = [[quote.machine, quote.expected_usd, quote.cap_usd, quote.expected_seconds] for quote in call.result.quotes]
    table = as_table(["machine", "expected $", "at most $", "expected seconds"], rows)
    return f"{table}\n\nNothing was started. Say `train …` to be asked for a yes."
