"""Other options than the one on a card: the other models that the same data can go to, quoted by estimate_cost itself.

Looking changes nothing: the question stays open. Choosing one puts its price as a question of its own, and withdraws
the first, which its card then says.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from adapters.errors import AdapterError
from adapters.records import ApprovalState, JsonValue, PredictionSpec, Quote
from prompts import render
from prompts.visible import one_line
from runtime.session import Session
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Button, Message, says
from tools import find_tool, ml
from tools.errors import ToolError
from tools.estimate_cost.result import Quoted
from tools.quote_lines import QuoteLine

TAKES = "q"
"""What a press that chooses an option begins with; the id of its quote follows."""
MOST = 6
"""Options with a button: the cheapest, then the fastest."""
PLACES = "It can run on this machine only: no other place is set up."
TAKEN = "This one was chosen already; its price stands below."
GONE = "This option has expired. Press Other options again for fresh prices."
NOT_YOURS = "Only the person who asked can choose."


def other_options(session: Session, nonce: str) -> list[Message]:
    """What else could be chosen than what the question with that nonce is about.

    Raises
    ------
    ToolError
        If it is not a question of this person's.
    """
    row = session.gate.asked(nonce)
    found = [] if row is None else session.gate.questions([row.approval_id])
    if not found:
        raise ToolError(NOT_YOURS)
    [(row, quote, is_open)] = found
    lines: list[tuple[str, QuoteLine]] = []
    refused: dict[str, str] = {}
    for model in _others(quote):
        try:
            lines += [(model, line) for line in quoted(session, quote, model, quote.conversation_id)]
        except (ToolError, AdapterError) as error:
            refused[model] = str(error)
    lines.sort(key=lambda one: (one[1].expected_usd, one[1].expected_seconds))
    more = [model for model, _ in lines[MOST:]]
    lines = lines[:MOST]
    text = render(
        "other_options",
        model=quote.job.work.model,
        seconds=quote.expected_seconds,
        cap_usd=quote.cap_usd,
        options=[
            {
                "model": model,
                "seconds": line.expected_seconds,
                "expected_usd": line.expected_usd,
                "cap_usd": line.cap_usd,
                "machine": line.machine,
            }
            for model, line in lines
        ],
        refused={model: one_line(reason, 200) for model, reason in refused.items()},
        more=more,
        places=PLACES,
        is_open=is_open and row.state is ApprovalState.PENDING,
        expires=f"{quote.expires_at:%H:%M:%S}",
    )
    return says(plain(text), [Button(model, f"{TAKES}:{line.quote_id}") for model, line in lines])


def refusal_of(session: Session, quote_id: str) -> str | None:
    """Why the option cannot be chosen; None where it can."""
    holds = session.gate.holds(quote_id)
    if holds is None:
        return NOT_YOURS
    if session.gate.of_quote(quote_id) is not None:
        return TAKEN
    return None if holds else GONE


def _others(quote: Quote) -> list[str]:
    """The types of model that do the same task, without the one of the quote."""
    training = quote.job.work
    if isinstance(training, PredictionSpec):
        return []
    fitting = [model.name for model in ml.JOB_MODELS if training.task in model.estimators]
    return [name for name in fitting if name != training.model]


def quoted(session: Session, quote: Quote, model: str, conversation_id: str) -> Sequence[QuoteLine]:
    """Prices for the same data with that model, for that conversation.

    Raises
    ------
    ToolError, AdapterError
        What estimate_cost says where there is none.
    """
    tool = find_tool("estimate_cost")
    context = session.context(conversation_id, threading.Event(), lambda sentence, fraction: None)
    made = tool.call(tool.parse({"job": job_of(quote, model)}), context).result
    return made.quotes if isinstance(made, Quoted) else ()


def job_of(quote: Quote, model: str) -> dict[str, JsonValue]:
    """The job of a quote as estimate_cost takes it, with all that it says, for that model."""
    training = quote.job.work
    if isinstance(training, PredictionSpec):
        return {
            "kind": "prediction",
            "dataset": quote.job.dataset,
            "model": training.model_id,
            "each_class": training.each_class,
            "threshold": training.threshold,
            "event": training.event,
        }
    kinds, preparation = training.kinds, training.preparation
    return {
        "kind": "training",
        "dataset": quote.job.dataset,
        "target": training.target,
        "features": list(kinds),
        "without": None,
        "categories": [name for name, kind in kinds.items() if kind == "category"],
        "numbers": [name for name, kind in kinds.items() if kind == "number"],
        "model": model,
        "params": [one.model_dump() for one in training.params] if model == training.model else None,
        "test_size": training.test_size,
        "seed": training.seed,
        "stratify": training.stratify,
        "shuffle": training.shuffle,
        "groups": training.groups,
        "time": training.time,
        "weights": training.weights,
        "defaults": training.defaults,
        "task": training.task,
        "cv": None if training.cv is None else training.cv.model_dump(),
        "tune": None if training.tune is None else training.tune.model_dump(),
        **preparation.model_dump(exclude={"fill_value"}),
        "fill_value": preparation.fill_value if preparation.missing == "constant" else None,
    }


def starting(quote: Quote, quote_id: str) -> tuple[str, dict[str, JsonValue]]:
    """The tool that starts what a quote is about, and its arguments for another quote of the same."""
    if isinstance(quote.job.work, PredictionSpec):
        return "predict", {"model": quote.job.work.model_id, "quote_id": quote_id}
    return "launch_training", {"quote_id": quote_id}
