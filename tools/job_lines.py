"""A job and a quote as tools and commands show them."""

from __future__ import annotations

from adapters.records import JsonValue, Quote
from tools.context import ToolContext
from tools.jobs.desk import JobView

MAX_LOG_CHARACTERS = 200


def job_line(view: JobView, context: ToolContext) -> dict[str, JsonValue]:
    """State, progress, metrics beside the baseline, dollars, log tail and model."""
    result = view.job.result or {}
    line: dict[str, JsonValue] = {
        "job_id": view.job.job_id,
        "state": view.job.state.value,
        "progress": view.progress,
        "status": view.status,
        "metrics": result.get("metrics"),
        "seconds": round(view.seconds, 2),
        "cost_usd": float(view.cost_usd),
        "log_tail": [text[:MAX_LOG_CHARACTERS] for text in view.log_tail],
    }
    model = result.get("model")
    if model is not None:
        line["model"] = model
        line["baseline"] = context.models.get(str(model)).metadata["baseline"]
    return line


def quote_line(quote: Quote) -> dict[str, JsonValue]:
    """A quote: the price, the machine, the time, and until when it is good."""
    return {
        "quote_id": quote.quote_id,
        "provider": quote.provider,
        "machine": quote.machine,
        "expected_usd": float(quote.expected_usd),
        "cap_usd": float(quote.cap_usd),
        "expected_seconds": quote.expected_seconds,
        "max_seconds": quote.max_seconds,
        "expires_at": quote.expires_at.isoformat(timespec="seconds"),
        "price_source": quote.price_source,
        "price_as_of": quote.price_as_of,
        "breakdown": list(quote.breakdown),
    }
