"""The model that a case scripts: its replies, one after another, with the ids that this run gave."""

from __future__ import annotations

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

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.unexpected: list[str] = []
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
        given = _given_values(request)

        def fill(value: Any) -> Any:
            return _map_texts(value, lambda text: NAMED.sub(lambda name: given.get(name[1], name[0]), text))

        if reply.wire is not None:
            renamed: list[dict[str, JsonValue]] = _map_texts(reply.wire, self._rename)
            return renamed
        blocks: list[dict[str, JsonValue]] = []
        if reply.text is not None:
            blocks.append({"type": "text", "text": fill(reply.text)})
        for call in reply.calls:
            self._n_calls += 1
            call_id = call.id or f"call_{self._n_calls}"
            blocks.append({"type": "tool_use", "id": call_id, "name": call.name, "input": fill(call.arguments)})
        return blocks

    def _rename(self, text: str) -> str:
        for old, new in self.renamed.items():
            text = text.replace(old, new)
        return text


def _given_values(request: ModelRequest) -> dict[str, str]:
    """The last text that the conversation's results gave under each key, such as quote_id."""
    found: dict[str, str] = {}
    for message in request.messages:
        content = message["content"]
        for block in content if isinstance(content, list) else []:
            if isinstance(block, dict) and block.get("type") == "tool_result":
                found |= dict(re.findall(r'"(\w+)":"([^"]+)"', str(block.get("content", ""))))
    return found


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _map_texts(item, change) for key, item in value.items()}
    return [_map_texts(item, change) for item in value] if isinstance(value, list) else value


def with_folder(value: Any, folder: str) -> Any:
    """The case's own words and arguments, `${files}` being the folder of its files."""
    return _map_texts(value, lambda text: text.replace("${files}", folder))


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
    if isinstance(value, str):
        for old, new in renamed.items():
            value = value.replace(old, new)
    return value
