"""A recorded Claude: replays replies in order, and fails on a request too many and on a reply too few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.json_text import parse_json
from adapters.model.base import ModelCancelled, ModelError, ModelRequest, Reply
from adapters.records import JsonValue


class ScriptError(Exception):
    """The conversation and the script do not fit: a mistake in one of them, never to be answered or retried."""


Step = Reply | ModelError | Callable[[ModelRequest], Reply]
"""A reply, a failure in its place, or a reply made from the request (it may need an id that a tool gave)."""


class ScriptedModel:
    """Takes its steps one by one, and keeps what it was asked."""

    name = "scripted"

    def __init__(self, replies: Sequence[Step]) -> None:
        self._replies = list(replies)
        self.requests: list[ModelRequest] = []

    def most_usd(self, request: ModelRequest) -> Decimal:
        """Nothing."""
        return Decimal(0)

    def stream(self, request: ModelRequest, on_text: Callable[[str], None], cancel: threading.Event) -> Reply:
        """The next reply of the script, its text in pieces of a word."""
        self.requests.append(request)
        if not self._replies:
            raise ScriptError(f"the script has no reply {len(self.requests)}: an unexpected request")
        reply = self._replies.pop(0)
        if isinstance(reply, ModelError):
            raise reply
        if not isinstance(reply, Reply):
            reply = reply(request)
        told = ""
        for block in reply.content:
            if block["type"] == "text":
                for word in str(block["text"]).splitlines(keepends=True):
                    if cancel.is_set():
                        raise ModelCancelled(told)
                    on_text(word)
                    told += word
        return reply

    def check_finished(self) -> None:
        """Raise ScriptError if replies are left."""
        if self._replies:
            raise ScriptError(f"{len(self._replies)} replies of the script were never asked for")


def read_script(path: Path) -> ScriptedModel:
    """The script in a JSON-lines file: one reply a line, {"content": […], "stop_reason": "…"}.

    Raises
    ------
    ScriptError
        If a line is no such reply; names it.
    """
    replies: list[Step] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ScriptError(f"{path.name} cannot be read as text: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value: Any = parse_json(line)
            replies.append(Reply(value["content"], value.get("stop_reason"), value.get("usage", {})))
        except (ValueError, KeyError, TypeError) as error:
            raise ScriptError(f"{path.name}, line {number}: not a reply: {error}") from error
    return ScriptedModel(replies)


def say(text: str) -> Reply:
    """A reply of words."""
    return Reply([{"type": "text", "text": text}], "end_turn")


def call(*calls: tuple[str, str, dict[str, JsonValue]], text: str | None = None) -> Reply:
    """A reply of tool calls, each (id, name, input), after a few words."""
    content: list[dict[str, JsonValue]] = [] if text is None else [{"type": "text", "text": text}]
    content += [{"type": "tool_use", "id": call_id, "name": name, "input": given} for call_id, name, given in calls]
    return Reply(content, "tool_use")
