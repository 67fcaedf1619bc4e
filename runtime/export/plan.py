"""A conversation as a plan: the calls that worked, in their order, which `statagent plan FILE` makes again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from adapters.records import JobState
from runtime.export.record import DoneCall, read_turns
from runtime.session import Session
from runtime.way_out import to_json

VERSION = 1
LOOKS = frozenset(["show_spending", "list_models", "model_card"])
"""What these tell is not about the data."""
SOURCE = "source"
"""The argument that says where a file is: never a reference."""
ID_KEYS = ("quote_id", "job_id", "model", "dataset")
REFERENCE = re.compile(r"\$\{(\d+)\.([\w.]+)\}")


def plan(session: Session, conversation_id: str, beside: Path | None = None) -> str:
    """The plan as JSON: {"plan": 1, "steps": [{"tool", "arguments"}, …]}.

    `${2.quotes.0.quote_id}` stands for what step 2 (counted from 0) gives there when the plan runs: quotes, jobs and
    models get new names each time. A source stands literally: no step's result chooses what is read. A launch in a plan
    asks for its yes like any other, and so does an address.
    """
    calls = [call for turn in read_turns(session, conversation_id) for call in turn.calls if is_kept(call)]
    steps, given = [], dict[str, str]()
    for number, call in enumerate(calls):
        steps.append({"tool": call.name, "arguments": _with_references(call.arguments, given)})
        if call.name != "load_dataset":
            given |= {value: f"${{{number}.{way}}}" for way, value in ids_in(call.result)}
    return to_json({"plan": VERSION, "steps": steps}, indent=2) + "\n"


def is_kept(call: DoneCall) -> bool:
    """A call that did something and worked; of a job that was asked about often, only the last answer counts."""
    if call.content is None or call.is_error or call.name in LOOKS:
        return False
    return call.name != "poll_job" or JobState(call.result["state"]).is_final


def ids_in(value: Any, way: str = "") -> Iterator[tuple[str, str]]:
    """(way, id) for each name that the result gave to something new."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key in ID_KEYS and isinstance(item, str):
                yield f"{way}{key}", item
            else:
                yield from ids_in(item, f"{way}{key}.")
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from ids_in(item, f"{way}{place}.")


def _with_references(value: Any, given: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: item if key == SOURCE else _with_references(item, given)
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [_with_references(item, given) for item in value]
    return given.get(value, value) if isinstance(value, str) else value
