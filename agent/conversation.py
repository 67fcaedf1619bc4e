"""One conversation as plain data: append-only, and a call left open in it is the saved state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.records import Json, JsonValue, Message
from adapters.store.conversations import ConversationRow
from agent.others_words import own_words

REFUSAL = "refusal"
"""The role of an entry that is never sent: it takes the turn that the model refused out of what is sent."""

QUOTES = "\"'`<>()[]“”«»"
ENDS = ".,;:!?"


@dataclass(frozen=True)
class OpenCall:
    """A tool_use of the last reply that no message answers yet."""

    call_id: str
    name: str
    arguments: dict[str, JsonValue]


@dataclass
class Conversation:
    """The frozen beginning and the log so far; grows by `Agent`, which commits each entry first."""

    row: ConversationRow
    messages: list[Message] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    """What this window has to say next, as ids of the inbox: what waited when it was opened, and what it put there."""

    def open_calls(self) -> list[OpenCall]:
        """The calls of the last reply, if nothing was said after it."""
        if not self.messages or self.messages[-1].role != "assistant":
            return []
        return calls_in(self.messages[-1].content)

    def call_ids(self) -> set[str]:
        """The ids of all calls, those of turns that the model refused too."""
        return {
            str(block["id"]) for message in self.messages for block in message.content if block["type"] == "tool_use"
        }

    def is_answered(self) -> bool:
        """True when the model has had the last word: nobody waits for anything."""
        return bool(self.messages) and self.messages[-1].role == "assistant" and not self.open_calls()

    def has_typed(self, address: str) -> bool:
        """True when the user wrote the address, as a word of a message; files and what they passed on do not count."""
        return any(
            address == word.strip(QUOTES) or address == word.strip(QUOTES + ENDS)
            for message in self.messages
            if message.role == "user"
            for block in message.content
            if block["type"] == "text"
            for word in own_words(str(block["text"])).split()
        )

    def told_of(self, names: Collection[str]) -> list[str]:
        """The results of all calls that had one of these names, an id for instance, as an argument."""
        calls = {
            call.call_id
            for message in self.messages
            for call in calls_in(message.content)
            if any(value in names for value in call.arguments.values() if isinstance(value, str))
        }
        blocks = (block for message in self.messages for block in message.content)
        return [str(block["content"]) for block in blocks if block.get("tool_use_id") in calls]

    def to_send(self) -> list[dict[str, JsonValue]]:
        """The messages as the API takes them: everything but the turns that the model refused."""
        sent: list[Message] = []
        for message in self.messages:
            if message.role == REFUSAL:
                del sent[_last_turn(sent) :]
            else:
                sent.append(message)
        return [{"role": message.role, "content": list(message.content)} for message in sent]

    def next_message(
        self,
        role: str,
        content: Sequence[dict[str, JsonValue]],
        *,
        stop_reason: str | None = None,
        complete: bool = True,
        usage: Json | None = None,
        usd: Decimal = Decimal(0),
    ) -> Message:
        """The message that would come next; `complete` is False for one that was stopped or cut."""
        return Message(len(self.messages), role, list(content), stop_reason, complete, dict(usage or {}), usd)


def text_block(text: str) -> dict[str, JsonValue]:
    """Words as a content block, without half characters, which no request may hold."""
    return {"type": "text", "text": text.encode("utf-8", "replace").decode()}


def result_block(call_id: str, content: str, is_error: bool) -> dict[str, JsonValue]:
    """A call's outcome as a content block."""
    block: dict[str, JsonValue] = {"type": "tool_result", "tool_use_id": call_id, "content": content}
    return {**block, "is_error": True} if is_error else block


def calls_in(content: Sequence[dict[str, JsonValue]]) -> list[OpenCall]:
    """The calls of a reply."""
    return [
        OpenCall(str(block["id"]), str(block["name"]), _mapping(block["input"]))
        for block in content
        if block["type"] == "tool_use"
    ]


def said(content: Sequence[dict[str, JsonValue]]) -> str:
    """The words of a reply."""
    return "\n".join(str(block.get("text") or "") for block in content if block.get("type") == "text")


def _last_turn(sent: Sequence[Message]) -> int:
    """Where the last turn begins: at the last message of the user that is no answer to a call."""
    for index in range(len(sent) - 1, -1, -1):
        kinds = [block["type"] for block in sent[index].content]
        if sent[index].role == "user" and "tool_result" not in kinds:
            return index
    return 0


def _mapping(value: JsonValue) -> dict[str, JsonValue]:
    return value if isinstance(value, dict) else {}
