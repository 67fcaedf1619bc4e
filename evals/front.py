"""The front end that a case is played through: the terminal, or the bot on Telegram."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Protocol

from agent.conversation import Conversation
from agent.events import Event, Notice, TurnEnded
from evals.case import Reply, Turn
from evals.script import Crash
from runtime.program import Program
from runtime.session import Session

NOTHING = TurnEnded("done", Decimal(0), 0.0, 0, "")
DIED = TurnEnded("bug", Decimal(0), 0.0, 0, "the program died")


@dataclass
class Person:
    """One person's session and conversation, and what they were told in a turn."""

    session: Session
    conversation: Conversation
    events: list[Event] = field(default_factory=list)


class FrontEnd(Protocol):
    """What a person does comes to the program by it, and what the program says to the person."""

    def settings(self) -> Mapping[str, Any]:
        """Settings that it needs."""

    def start(self, program: Program) -> None:
        """Serve this program from now on."""

    def stop(self) -> None:
        """The program ends, as it would when it is killed."""

    def join(self, name: str) -> Person:
        """A person, with a conversation of their own."""

    def go_on(self, name: str, before: Person) -> Person:
        """The same after the program was started again: the conversation goes on."""

    def prepare(self, name: str, turn: Turn) -> list[Reply]:
        """What must be there before the turn; gives the script's replies as they are to be made here."""

    def close(self) -> None:
        """The case is over."""

    def act(self, name: str, person: Person, turn: Turn) -> tuple[TurnEnded, str]:
        """Do what the turn says; gives how it ended, and what stood in the way of a decision."""


class Terminal:
    """The program is asked directly, as the prompt asks it."""

    def __init__(self) -> None:
        self._program: Program | None = None

    def settings(self) -> Mapping[str, Any]:
        """None."""
        return {}

    def start(self, program: Program) -> None:
        """There is nothing to start."""
        self._program = program

    def stop(self) -> None:
        """There is nothing to stop."""
        self._program = None

    def join(self, name: str) -> Person:
        """The owner of that name."""
        session = self._session(name)
        return Person(session, session.begin())

    def go_on(self, name: str, before: Person) -> Person:
        """The log's conversation."""
        session = self._session(name)
        return Person(session, session.resume(before.conversation.row.conversation_id))

    def _session(self, name: str) -> Session:
        assert self._program is not None
        return Session(self._program, replace(self._program.settings.person(), owner_id=name))

    def prepare(self, name: str, turn: Turn) -> list[Reply]:
        """Files are read where they are."""
        return list(turn.replies)

    def close(self) -> None:
        """There is nothing to end."""

    def act(self, name: str, person: Person, turn: Turn) -> tuple[TurnEnded, str]:
        """A turn; a decision before it."""
        if turn.decision is not None:
            question = person.session.pending(person.conversation)
            if question is None:
                return NOTHING, "no question is open"
            refusal = person.session.gate.decide(question.row.nonce, name, turn.decision == "yes")
            if refusal is not None:
                person.events.append(Notice(refusal))
        try:
            return person.session.turn(person.conversation, turn.user, person.events.append, threading.Event()), ""
        except Crash:
            return DIED, ""
