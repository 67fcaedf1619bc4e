"""Turns of the people in Telegram: each update is answered once, from wherever a crash has left it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from adapters.errors import AdapterError
from adapters.records import Dataset, Json, JsonValue
from adapters.store.conversations import ConversationError
from adapters.store.telegram import KeptUpdate, UpdateState, UpdateTable
from adapters.store.telegram_limits import Once, Told
from adapters.store.telegram_people import PeopleTable
from agent.acting import Emit
from agent.conversation import Conversation
from agent.events import Event, Flagged, Notice, ToolFinished
from agent.gate import Question
from prompts.cards import flagged_sentence
from runtime.answers import is_plain_no, is_plain_yes
from runtime.person import Person
from runtime.program import Program
from runtime.session import Session
from runtime.telegram.answer import Beside, answer
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Message, says
from runtime.telegram.people import person_of, user_of
from runtime.telegram.preferences import read_preferences
from tools.errors import ToolError

Sessions = Callable[[Program, Person], Session]
STRANGER = "This bot is private. Ask its operator for a pairing code and send it here. Your number is {user_id}."
CLOSED = "This question is not yours to answer, or is no longer open."


@dataclass
class Heard:
    """What is heard of a turn: its notices are kept for the answer, all else goes on to whoever shows it."""

    emit: Emit
    notices: list[str] = field(default_factory=list)
    contents: dict[str, Json] = field(default_factory=dict)
    """What calls have given, whole: the log holds it cut to size."""

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, ToolFinished):
            self.contents[event.call_id] = event.content
        if isinstance(event, Notice):
            self.notices.append(event.text)
        elif isinstance(event, Flagged):
            self.notices.append(flagged_sentence(event.numbers))
        else:
            self.emit(event)


@dataclass(frozen=True)
class Asked:
    """One update that a turn answers: whose it is, who shows the turn, and what stops it."""

    kept: KeptUpdate
    user_id: int
    emit: Emit
    cancel: threading.Event


class Turns:
    """Takes turns, each in a thread of the caller's; one at a time in a lane. `sessions` makes a person's view."""

    def __init__(self, program: Program, table: UpdateTable, sessions: Sessions = Session) -> None:
        self._program = program
        self._table = table
        self._sessions = sessions

    def session(self, user_id: int) -> Session:
        """The person's view of the program."""
        return self._sessions(self._program, person_of(self._program.settings, user_id))

    def conversation(self, session: Session, lane: str, user_id: int) -> Conversation:
        """The one that the person has there; a new one where they have none."""
        found = self._table.conversation_of(lane, user_id)
        if found is not None:
            try:
                return session.resume(found)
            except ConversationError:
                pass  # of an earlier database
        return self.begin(session, lane, user_id)

    def begin(self, session: Session, lane: str, user_id: int) -> Conversation:
        """A new one; a question that is open in the one before is withdrawn."""
        before = self._table.conversation_of(lane, user_id)
        if before is not None:
            session.gate.withdraw(before)
        conversation = session.begin()
        self._table.hold(lane, user_id, conversation.row.conversation_id)
        return conversation

    def say(self, asked: Asked, words: str) -> None:
        """The person's words, or their plain yes or no to the question that is open there."""
        kept, session = asked.kept, self.session(asked.user_id)
        conversation, heard = self.conversation(session, kept.lane, asked.user_id), Heard(asked.emit)
        question = session.pending(conversation)
        if question is not None and kept.words_id is None and (is_plain_yes(words) or is_plain_no(words)):
            refusal = self._decide(session, kept, conversation, question, is_plain_yes(words))
            heard.notices += [] if refusal is None else [refusal]
        else:
            self.take(session, kept, conversation, words, heard)
        self._go_on(session, self._table.get(kept.update_id), heard, asked.cancel)

    def take(
        self, session: Session, kept: KeptUpdate, conversation: Conversation, words: str, heard: Heard
    ) -> KeptUpdate:
        """Keep the words in the conversation, once; the update as it stands then."""
        if kept.state is UpdateState.WAITING:
            cleaned = session.without_secrets(words, heard)
            place = len(conversation.messages) if kept.from_position is None else kept.from_position
            self._table.take(kept.update_id, conversation.row, cleaned, place, session.clock())
        return self._table.get(kept.update_id)

    def answer_taken(
        self, session: Session, kept: KeptUpdate, heard: Heard, cancel: threading.Event, before: Sequence[str]
    ) -> None:
        """Answer words that were taken; `before` is told first."""
        self._go_on(session, kept, heard, cancel, before)

    def press(self, kept: KeptUpdate, user_id: int, nonce: str, yes: bool) -> str | None:
        """A button of a card: takes the decision; a sentence where it does not count, and then nothing goes on."""
        session = self.session(user_id)
        conversation = self.conversation(session, kept.lane, user_id)
        question = session.pending(conversation)
        if question is None or question.row.nonce != nonce:
            return None if kept.state is UpdateState.TAKEN else CLOSED
        return self._decide(session, kept, conversation, question, yes)

    def _decide(
        self, session: Session, kept: KeptUpdate, conversation: Conversation, question: Question, yes: bool
    ) -> str | None:
        """Take the decision. After a crash between the two lines it is taken again: the question is still open then."""
        if kept.state is UpdateState.WAITING:
            self._table.take_decision(kept.update_id, conversation.row, len(conversation.messages) - 1)
        return session.gate.decide(question.row.nonce, session.person.owner_id, yes)

    def go_on(self, asked: Asked) -> None:
        """What comes after a button."""
        kept = self._table.get(asked.kept.update_id)
        self._go_on(self.session(asked.user_id), kept, Heard(asked.emit), asked.cancel)

    def call(
        self, asked: Asked, line: str, tool: str, arguments: Callable[[Sequence[Dataset]], dict[str, JsonValue]]
    ) -> None:
        """A tool that the person calls."""
        kept, session = asked.kept, self.session(asked.user_id)
        conversation, heard = self.conversation(session, kept.lane, asked.user_id), Heard(asked.emit)
        place = len(conversation.messages)
        try:
            given = arguments(session.data_of(conversation.row.conversation_id).all())
            session.command(conversation, line, tool, given, heard, asked.cancel)
        except (ToolError, AdapterError) as error:
            heard.notices.append(str(error))
        self._finish(kept, self._answer(session, conversation, place, heard), session)

    def answer_loaded(
        self, session: Session, kept: KeptUpdate, conversation: Conversation, heard: Heard, before: Sequence[str]
    ) -> None:
        """Answer an update by what was loaded for it; `before` is told first."""
        place = kept.from_position or 0
        is_silent = bool(before) and len(conversation.messages) <= place and not heard.notices
        found = [] if is_silent else self._answer(session, conversation, place, heard)
        self._finish(kept, [*told(before), *found], session)

    def reply(self, kept: KeptUpdate, user_id: int, messages: Sequence[Message]) -> None:
        """An answer that needs no turn."""
        self._finish(kept, messages, self.session(user_id))

    def tell(self, kept: KeptUpdate, words: str) -> None:
        """A sentence for somebody who may have no session."""
        now = self._program.clock()
        self._table.finish(kept.update_id, kept.lane, [one.as_json() for one in says(plain(words))], now)

    def tell_stranger(self, kept: KeptUpdate, user_id: int) -> None:
        """That the bot is private; once an hour, however often they write."""
        answer = [one.as_json() for one in says(plain(STRANGER.format(user_id=user_id)))]
        once = Once(user_id, Told.STRANGER, timedelta(hours=1))
        self._table.finish_once(kept.update_id, kept.lane, answer, self._program.clock(), once)

    def drop(self, kept: KeptUpdate) -> None:
        """Nothing is answered."""
        self._table.finish(kept.update_id, kept.lane, [], self._program.clock())

    def _go_on(
        self,
        session: Session,
        kept: KeptUpdate,
        heard: Heard,
        cancel: threading.Event,
        before: Sequence[str] = (),
    ) -> None:
        conversation = session.resume(kept.conversation_id)
        waiting = {entry.words_id for entry in session.words_waiting(conversation)}
        conversation.waiting = waiting & {kept.words_id or ""}
        if conversation.waiting or (conversation.messages and not conversation.is_answered()):
            session.turn(conversation, None, heard, cancel)
        place = kept.from_position or 0
        found = self._answer(session, conversation, place, heard, is_decision=kept.words_id is None)
        self._finish(kept, [*told(before), *found], session)

    def _answer(
        self, session: Session, conversation: Conversation, place: int, heard: Heard, *, is_decision: bool = False
    ) -> list[Message]:
        likes = read_preferences(PeopleTable(self._program.database), user_of(session.person))
        beside = Beside(heard.notices, heard.contents, likes.rich_tables)
        return answer(session, conversation, place, beside, is_decision=is_decision)

    def _finish(self, kept: KeptUpdate, messages: Sequence[Message], session: Session) -> None:
        now = session.clock()
        self._table.finish(kept.update_id, kept.lane, [one.as_json() for one in messages], now)


def told(sentences: Sequence[str]) -> list[Message]:
    """Sentences of ours as messages."""
    return says(plain("\n".join(sentences))) if sentences else []
