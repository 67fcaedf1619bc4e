"""A conversation read from the log as turns: what a person did, what the model said, what the tools gave."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.records import ApprovalState, JsonValue, Message
from adapters.secret_words import mask_keys
from agent.conversation import REFUSAL, said
from agent.kept_words import without_secrets
from runtime.session import Session
from tools.results import Artifact


@dataclass(frozen=True)
class DoneCall:
    """One call with its outcome; `content` is the text that the model read, None while it is open."""

    call_id: str
    name: str
    arguments: dict[str, JsonValue]
    content: str | None
    is_error: bool
    artifacts: tuple[Artifact, ...]

    @property
    def result(self) -> Any:
        """The outcome as an object; of a failed call {"error": …}."""
        if self.is_error or self.content is None:
            return {"error": self.content}
        return json.loads(self.content)


@dataclass
class RecordedTurn:
    """`did` is user, yes or no; `words` are the user's."""

    did: str
    words: str | None
    at: datetime
    replies: list[Message] = field(default_factory=list)
    calls: list[DoneCall] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that the model said in it."""
        return "\n\n".join(words for message in self.replies if (words := said(message.content)))


def read_turns(session: Session, conversation_id: str) -> list[RecordedTurn]:
    """The owner's conversation, turn by turn; ConversationError if there is none."""
    row, logged = session.read_conversation(conversation_id)
    # An earlier version's log may hold what is taken out today.
    messages = [replace(message, content=without_secrets(message.content)) for message in logged]
    ids = [str(block["id"]) for message in messages for block in message.content if block["type"] == "tool_use"]
    results = session.read_results(row, ids)
    turns: list[RecordedTurn] = []
    late: list[DoneCall] = []
    for place, message in enumerate(messages):
        assert message.created_at is not None  # noqa: S101 - it is in the log
        words = [str(block["text"]) for block in message.content if block["type"] == "text"]
        if message.role == "user" and words:
            turns.append(RecordedTurn("user", "\n".join(words), message.created_at, calls=late))
            late = []
        elif message.role in ("assistant", REFUSAL):
            turns[-1].replies.append(message)
            for block in message.content:
                if block["type"] != "tool_use":
                    continue
                answer = session.read_decision(conversation_id, str(block["id"]))
                has_words = any(b["type"] == "text" for after in messages[place + 1 : place + 2] for b in after.content)
                if answer is not None and answer.decided_at is not None and not (late or has_words):
                    turns.append(RecordedTurn(DECIDED[answer.state], None, answer.decided_at))
                call = _call(block, results.get(str(block["id"])))
                # Words in place of an answer close the call: it belongs to the turn that they begin.
                (late if late or (answer is not None and has_words) else turns[-1].calls).append(call)
    return turns


DECIDED = {
    ApprovalState.GRANTED: "yes",
    ApprovalState.USED: "yes",
    ApprovalState.DENIED: "no",
    ApprovalState.CLOSED: "yes",  # closed with no words after it: the answer came too late
}


def _call(block: dict[str, JsonValue], result: Any) -> DoneCall:
    given = block["input"]
    arguments = given if isinstance(given, dict) else {}
    call_id, name = str(block["id"]), str(block["name"])
    if result is None:
        return DoneCall(call_id, name, arguments, None, False, ())
    artifacts = tuple(Artifact(Path(str(a["path"])), str(a["kind"]), str(a["title"])) for a in result.artifacts)
    return DoneCall(call_id, name, arguments, mask_keys(result.content), result.is_error, artifacts)
