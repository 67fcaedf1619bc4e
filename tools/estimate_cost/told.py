"""What is told of a result of estimate_cost without Claude."""

from __future__ import annotations

from tools.estimate_cost.result import Quoted
from tools.telling import Outcome, as_table


def told(outcome: Outcome[Quoted]) -> str:
    """The sentences and tables."""
    rows = [
        [quote.machine, quote.expected_usd, quote.cap_usd, quote.expected_seconds] for quote in outcome.result.quotes
    ]
    table = as_table(["machine", "expected $", "at most $", "expected seconds"], rows)
    return f"{table}\n\nNothing was started. Say `train …` to be asked for a yes."
