"""The model that a case scripts: its replies, one after another, with the ids that this run gave."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from adapters.model.base import ModelCancelled, ModelError, ModelRequest
from adapters.model.base import Reply as ModelReply
from adapters.model.scripted import ScriptError
from adapters.records import JsonValue
from evals.case import Reply

NAMED = re.compile(r"\$\{(\w+)\}")


class Crash(BaseException):
    """The program dies here, as by kill -9: nothing of ours catches it."""


class CaseModel:
    """Says what the case's turns say; what is asked beyond it is kept as unexpected."""

    name = "scripted"

    def __init__(self, wait_for_jobs: Callable[[], None]) -> None:
        self._wait_for_jobs = wait_for_jobs
        self.replies: list[Reply] = []
        self.unexpected: list[str] = []
        self.recorded: dict[str, Any] = {}
        self.renamed: dict[str, str] = {}
        self._n_calls = 0

    def most_usd(self, request: ModelRequest) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> ModelReply:
        """The next reply of the turn."""
        if not self.replies:
            self.unexpected.append(f"request after {len(request.messages)} messages has no reply")
            raise ScriptError("the case has no reply for this request")
        reply = self.replies.pop(0)
        if reply.crash:
            raise Crash
        if reply.fails is not None:
            raise ModelError(reply.fails)
        content = self._content(reply, request)
        told = ""
        for block in content:
            if block["type"] == "text":
                if cancel.is_set():
                    raise ModelCancelled(told)
                on_text(str(block["text"]))
                told += str(block["text"])
        has_calls = any(block["type"] == "tool_use" for block in content)
        return ModelReply(content, reply.stop_reason or ("tool_use" if has_calls else "end_turn"), dict(reply.usage))

    def _content(self, reply: Reply, request: ModelRequest) -> list[dict[str, JsonValue]]:
        self._learn_names(request)
        given = _given_values(request)

        def fill(value: Any) -> Any:
            return _map_texts(value, lambda text: NAMED.sub(lambda name: given.get(name[1], name[0]), text))

        if reply.wire is not None:
            renamed: list[dict[str, JsonValue]] = _map_texts(reply.wire, self._rename)
            if any(self._was_final(block) for block in renamed):
                self._wait_for_jobs()
            return renamed
        blocks: list[dict[str, JsonValue]] = []
        if reply.text is not None:
            blocks.append({"type": "text", "text": fill(reply.text)})
        for call in reply.calls:
            self._n_calls += 1
            call_id = call.id or f"call_{self._n_calls}"
            blocks.append({"type": "tool_use", "id": call_id, "name": call.name, "input": fill(call.arguments)})
        return blocks

    def _learn_names(self, request: ModelRequest) -> None:
        """Ids that the transcript's results had, with those that this run has given in their places."""
        for block in _results(request):
            recorded = self.recorded.get(str(block["tool_use_id"]))
            if recorded is not None and not block.get("is_error"):
                self.renamed |= dict(new_names(recorded, json.loads(str(block["content"]))))

    def _was_final(self, block: Mapping[str, Any]) -> bool:
        """True for a question about a job that had ended when it was asked: so it must have in the replay."""
        recorded = self.recorded.get(str(block.get("id")))
        return (
            block.get("name") == "poll_job"
            and isinstance(recorded, Mapping)
            and recorded.get("state") not in (None, "queued", "active")
        )

    def _rename(self, text: str) -> str:
        return str(with_paths(text, self.renamed))


def _given_values(request: ModelRequest) -> dict[str, str]:
    """The last text that the conversation's results gave under each key, such as quote_id."""
    found: dict[str, str] = {}
    for block in _results(request):
        found |= dict(re.findall(r'"(\w+)":"([^"]+)"', str(block.get("content", ""))))
    return found


def _results(request: ModelRequest) -> Iterator[Mapping[str, Any]]:
    for message in request.messages:
        content = message["content"]
        for block in content if isinstance(content, list) else []:
            if isinstance(block, dict) and block.get("type") == "tool_result":
                yield block


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _map_texts(item, change) for key, item in value.items()}
    return [_map_texts(item, change) for item in value] if isinstance(value, list) else value


def with_paths(value: Any, paths: Mapping[str, str]) -> Any:
    """The value with each of these texts replaced in all that it says: `${files}`, and the paths of a transcript."""

    # The longest first: a file's name may hold a model's.
    longest_first = sorted(paths.items(), key=lambda item: -len(item[0]))

    def change(text: str) -> str:
        for old, new in longest_first:
            text = text.replace(old, new)
        return text

    return _map_texts(value, change)


def with_sources(reply: Reply, sources: Mapping[str, str]) -> Reply:
    """The reply, its calls with these sources in place of those of their own."""

    def change(arguments: Any) -> Any:
        source = arguments.get("source") if isinstance(arguments, Mapping) else None
        return {**arguments, "source": sources[source]} if isinstance(source, str) and source in sources else arguments

    calls = tuple(call.model_copy(update={"arguments": change(call.arguments)}) for call in reply.calls)
    wire = reply.wire and [{**one, "input": change(one["input"])} if "input" in one else one for one in reply.wire]
    return reply.model_copy(update={"calls": calls, "wire": wire})


def new_names(recorded: Any, found: Any) -> Iterator[tuple[str, str]]:
    """Ids that the recorded result had, with those that stand in their places now."""
    if isinstance(recorded, str) and isinstance(found, str):
        if recorded != found and ID.fullmatch(recorded) and ID.fullmatch(found):
            yield recorded, found
    elif isinstance(recorded, Mapping) and isinstance(found, Mapping):
        for key in recorded.keys() & found.keys():
            yield from new_names(recorded[key], found[key])
    elif isinstance(recorded, Sequence) and isinstance(found, Sequence) and not isinstance(recorded, str):
        for one, other in zip(recorded, found, strict=False):
            yield from new_names(one, other)


ID = re.compile(r"\w+_[0-9a-f]{6,16}(?:\.\w+)?")
"""Ids of quotes, jobs, models and files end in random digits."""
VOLATILE = frozenset(
    "expires_at seconds created_at log_tail progress status price_age_days expected_seconds breakdown".split()
)
"""What depends on the machine's speed and the hour of the run, and so may differ when it is replayed."""


def steady(value: Any, renamed: Mapping[str, str]) -> Any:
    """The result without what depends on the hour and the machine, ids as they are called now."""
    if isinstance(value, Mapping):
        return {key: steady(item, renamed) for key, item in value.items() if key not in VOLATILE}
    if isinstance(value, list | tuple):
        return [steady(item, renamed) for item in value]
    return with_paths(value, renamed)
