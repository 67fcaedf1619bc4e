"""What kind of end a reply has, by which the loop goes on, and the sentence for each reply that is not kept."""

from __future__ import annotations

from typing import Literal

from adapters.model.base import Reply
from agent.validity import THOUGHTS

ReplyKind = Literal["act", "finish", "paused", "cut", "refused", "full", "incomplete", "odd"]

_BY_STOP_REASON: dict[str, ReplyKind] = {
    "pause_turn": "paused",
    "compaction": "paused",
    "max_tokens": "cut",
    "refusal": "refused",
    "model_context_window_exceeded": "full",
}
GIVEN_UP: dict[ReplyKind, str] = {
    "paused": "The model paused too often. Nothing was run; try again.",
    "cut": "The reply was too long even so, and is cut. Nothing of it was run.",
    "refused": "The model declined to answer this. Nothing was run; put it in other words.",
    "full": "The conversation has become too long for the model. Begin a new one with /new.",
    "incomplete": "The model's reply did not arrive whole. Nothing of it was run; try again.",
    "odd": "The model's reply has a form that its own service would not take back. Nothing of it was run; try again.",
}
ASKED_AGAIN: dict[ReplyKind, str] = {
    "cut": "The reply was cut at its length limit. Asking again with more room.",
    "odd": "The model's reply has a form that its own service would not take back; nothing of it was run. Asking "
    "again.",
    "incomplete": "The model's reply did not arrive whole; nothing of it was run. Asking again.",
}


def kind_of(reply: Reply) -> ReplyKind:
    """What the loop does with a reply (the table of stop reasons in shared/facts/claude-api.md)."""
    has_calls = any(block.get("type") == "tool_use" for block in reply.content)
    if reply.stop_reason == "tool_use" and has_calls and not reply.broken_calls:
        return "act"
    if reply.stop_reason in ("end_turn", "stop_sequence") and not has_calls:
        return "finish"
    return _BY_STOP_REASON.get(str(reply.stop_reason), "incomplete")


def holds_something(reply: Reply) -> bool:
    """True when it says or calls something; a reply of thoughts alone may not be sent back."""
    return any(block.get("type") not in THOUGHTS for block in reply.content)
