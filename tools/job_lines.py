"""A job and a quote as tools and commands show them."""

from __future__ import annotations

from typing import Any

from adapters.records import JsonValue, Model, Quote
from prompts.cards import names_by_kind
from tools.jobs.desk import JobView
from tools.models import Models
from tools.telling import Outcome, as_table, listed, warned

MAX_LOG_CHARACTERS = 200
EQUATION = (
    "penalty",
    "n_nonzero",
    "n_coefficients",
    "event",
    "reference",
    "intercept",
    "intercepts",
    "coefficients",
)
"""What a linear model is, in its metadata."""


def job_line(view: JobView, models: Models) -> dict[str, JsonValue]:
    """State, progress, dollars, log tail; of a model that is there what it is worth, and a linear one's equation."""
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
    if result.get("model") is not None:
        model = models.get(str(result["model"]))
        line |= {"model": model.model_id, **model_worth(model), **equation_of(model)}
    return line


def model_worth(model: Model) -> dict[str, JsonValue]:
    """Scores on how many test rows, how the model stands against its baseline, and what a person must know of it.

    What was trained by an earlier version has no `against_baseline`.
    """
    rows = model.metadata["rows"]
    assert isinstance(rows, dict)  # noqa: S101 - written by fit_job
    return {
        "metrics": model.metadata["metrics"],
        "baseline": model.metadata["baseline"],
        "test_rows": rows["test"],
        "against_baseline": model.metadata.get("against_baseline"),
        "warnings": model.metadata["warnings"],
    }


def equation_of(model: Model) -> dict[str, JsonValue]:
    """A linear model's penalty and coefficients, in the units of the table."""
    return {name: model.metadata[name] for name in EQUATION if name in model.metadata}


def quote_line(quote: Quote) -> dict[str, JsonValue]:
    """A quote: the price, the machine, the time, until when it is good, and how each feature is read."""
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
        "kinds": {kind: list(names) for kind, names in names_by_kind(quote.job).items()},
    }


def job_told(outcome: Outcome[Any]) -> str:
    """How a job stands, in words."""
    result = outcome.result
    state, seconds = str(result["state"]), result["seconds"]
    if state == "succeeded":
        metrics, baseline = result["metrics"], result.get("baseline") or {}
        rows = [[name, value, baseline.get(name)] for name, value in metrics.items()]
        table = as_table([f"on {result['test_rows']} test rows", "model", "baseline"], rows)
        done = f"Done in {seconds} s for ${result['cost_usd']:.2f}: **{result['model']}**."
        return "\n\n".join([done, table, *warned(listed(result, "warnings"))])
    if state in ("queued", "active"):
        cost = f"${result['cost_usd']:.2f} so far"
        return f"Still running: {result['status']}, {result['progress']:.0%} after {seconds} s, {cost}."
    why = "" if result["status"] == state else f": {result['status']}"
    return f"The job ended without a model ({state.replace('_', ' ')}){why}."
