"""A conversation as a test has it: words in, events kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.model.base import ModelRequest
from adapters.model.scripted import Step, call, say
from adapters.records import JsonValue
from agent.conversation import Conversation
from agent.events import Ask, Event, Notice, TakenBack, TextDelta, ToolFinished, TurnEnded
from agent.validity import broken_rules
from runtime.session import Session


def last_value(request: ModelRequest, key: str) -> str:
    """The last value that a tool result of the conversation gives for a key, such as quote_id."""
    values: list[str] = re.findall(rf'"{key}":"([^"]+)"', "".join(_results(request)))
    return values[-1]


def training(n: int, job: JsonValue) -> list[Step]:
    """What a model that was asked for a training does, from the quote to its end; `n` tells its calls apart."""
    return [
        call((f"q{n}", "estimate_cost", {"job": job})),
        lambda request: call((f"l{n}", "launch_training", {"quote_id": last_value(request, "quote_id")})),
        lambda request: call((f"p{n}", "poll_job", {"job_id": last_value(request, "job_id"), "wait_s": 90})),
        say("It is trained."),
    ]


def _results(request: ModelRequest) -> Iterator[str]:
    for message in request.messages:
        content = message["content"]
        assert isinstance(content, list)
        yield from (str(block.get("content", "")) for block in content if isinstance(block, dict))


class Talk:
    """One conversation with a program."""

    def __init__(self, session: Session, conversation: Conversation | None = None, *, is_alone: bool = True) -> None:
        self._is_alone = is_alone
        self.session = session
        self.conversation = conversation or session.begin()
        self.events: list[Event] = []
        self.cancel = threading.Event()

    def say(self, words: str | None) -> TurnEnded:
        """Take one turn; afterwards the log must be fit to be sent."""
        ended = self.session.turn(self.conversation, words, self.events.append, self.cancel)
        self.check_log()
        return ended

    def answer(self, yes: bool) -> TurnEnded:
        """Answer the open question and go on."""
        assert self.session.gate.decide(self.asked().nonce, self.session.person.owner_id, yes) is None
        return self.say(None)

    def asked(self) -> Ask:
        """The last question."""
        return [event for event in self.events if isinstance(event, Ask)][-1]

    def notices(self) -> list[str]:
        """What the program said to the person."""
        return [event.text for event in self.events if isinstance(event, Notice)]

    def text(self) -> str:
        """What the model said, without what was taken back."""
        told, coming = "", ""
        for event in self.events:
            if isinstance(event, TextDelta):
                coming += event.text
            elif isinstance(event, TakenBack):
                coming = ""
            elif not isinstance(event, Notice):
                told, coming = told + coming, ""
        return told + coming

    def results(self, name: str) -> list[Mapping[str, Any]]:
        """The results of a tool."""
        return [event.content for event in self.events if isinstance(event, ToolFinished) and event.name == name]

    def check_log(self) -> None:
        """The log, with a next word of the user, makes a request that breaks no rule."""
        sent = self.conversation.to_send()
        if not self.conversation.open_calls():
            sent = [*sent, {"role": "user", "content": [{"type": "text", "text": "go on"}]}]
            row = self.conversation.row
            broken = broken_rules(
                {"model": row.model, "max_tokens": 1, "system": row.system, "tools": row.tools, "messages": sent}
            )
            assert broken == []
        stored = self.session.resume(self.conversation.row.conversation_id)
        kept, own = ([(m.role, m.content) for m in one.messages] for one in (stored, self.conversation))
        # Another window may have gone on by now: then the log only begins with what this one has.
        assert (kept if self._is_alone else kept[: len(own)]) == own
