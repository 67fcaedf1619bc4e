"""What is told of a result of estimate_cost without Claude."""

from __future__ import annotations

from adapters.compute.registered import REGISTERED
from tools.estimate_cost.result import Quoted
from tools.results import MadeCall
from tools.telling import as_table, warned


def told(call: MadeCall[Quoted]) -> str:
    """The sentences and tables."""
    rows = [
        [quote.provider, quote.machine, quote.expected_usd, quote.cap_usd, quote.expected_seconds]
        for quote in call.result.quotes
    ]
    table = as_table(["where", "machine", "expected $", "at most $", "expected seconds"], rows)
    said = f"Nothing was started. Say `{_next(call)}` to be asked for a yes."
    return "\n\n".join([table, *warned(call.result.warnings), said])


def _next(call: MadeCall[Quoted]) -> str:
    """The sentence that puts the question."""
    job = call.arguments["job"]
    if call.result.checked is None or not isinstance(job, dict):
        return "train …"
    places = dict.fromkeys(quote.provider for quote in call.result.quotes)
    return "` or `".join(f"predict {job['dataset']} {REGISTERED[place].where}" for place in places)
