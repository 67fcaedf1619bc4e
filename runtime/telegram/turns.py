"""Turns of the people in Telegram: each update is answered once, from wherever a crash has left it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from adapters.data.base import Watch
from adapters.errors import AdapterError
from adapters.records import ApprovalState, Dataset, JsonValue
from adapters.store.conversations import ConversationError
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_limits import ErrorKind, Once, Told
from adapters.store.telegram_people import PeopleTable
from adapters.store.telegram_rows import CARD, OUTCOME, KeptUpdate, UpdateState
from agent.conversation import Conversation
from agent.events import TurnEnded
from agent.gate import Question
from runtime.answers import is_plain_no, is_plain_yes
from runtime.person import Person
from runtime.program import Program
from runtime.session import Session
from runtime.telegram.answer import Beside, answer
from runtime.telegram.asked import Asked, Heard, told
from runtime.telegram.cards import decided, outcomes, writer_name
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Message, says
from runtime.telegram.people import person_of, user_of
from runtime.telegram.preferences import Preferences, read_preferences
from tools.errors import ToolError

Sessions = Callable[[Program, Person], Session]
STRANGER = "This bot is private. Ask its operator for a pairing code and send it here. Your number is {user_id}."
EXAMPLE_TABLE = Path(__file__).with_name("flats.csv")
ERRORS = {"bug": ErrorKind.BUG, "failed": ErrorKind.OUTSIDE}
CLOSED = "This question is not yours to answer, or is no longer open."


class Turns:
    """Takes turns, each in a thread of the caller's; one at a time in a lane. `sessions` makes a person's view."""

    def __init__(self, program: Program, table: UpdateTable, sessions: Sessions = Session) -> None:
        self._program = program
        self._table = table
        self._sessions = sessions
        self._people = PeopleTable(program.database)
        self._is_ending = threading.Event()

    def leave_open(self) -> None:
        """From now on no turn finishes its update: it is answered when the bot runs again."""
        self._is_ending.set()

    def session(self, user_id: int) -> Session:
        """The person's view of the program."""
        person = person_of(self._program.settings, user_id, self.preferences(user_id))
        return self._sessions(self._program, person)

    def preferences(self, user_id: int) -> Preferences:
        """What the person has set for themselves."""
        return read_preferences(self._people, user_id)

    def prefer(self, user_id: int, chosen: Preferences) -> None:
        """Keep what they have set."""
        self._people.prefer(user_id, chosen.model_dump(mode="json"))

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
            refusal = self._decide(session, kept, question, is_plain_yes(words))
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
        """A button of a card: takes the decision; a sentence where it does not count."""
        session = self.session(user_id)
        row = session.gate.asked(nonce)
        if row is None:
            return CLOSED
        if row.state is not ApprovalState.PENDING:
            is_mine = kept.state is UpdateState.TAKEN  # it has decided, and then the bot died
            return None if is_mine else session.gate.decide(nonce, session.person.owner_id, yes)
        question = session.gate.pending(row.conversation_id)
        return CLOSED if question is None else self._decide(session, kept, question, yes)

    def _decide(self, session: Session, kept: KeptUpdate, question: Question, yes: bool) -> str | None:
        """Take the decision. After a crash between the two lines it is taken again: the question is still open then."""
        conversation = session.resume(question.row.conversation_id)
        if kept.state is UpdateState.WAITING:
            self._table.take_decision(kept.update_id, conversation.row, len(conversation.messages) - 1)
        refusal = session.gate.decide(question.row.nonce, session.person.owner_id, yes)
        for row, quote, _ in session.gate.questions([question.row.approval_id]):
            shown = [one.as_json() for one in decided(self._table, row, quote, writer_name(kept))]
            if refusal is None:
                key = OUTCOME + row.approval_id if row.state is ApprovalState.DENIED else None
                self._table.put(kept.lane, shown, session.clock(), key)
        return refusal

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
            self._count(session.command(conversation, line, tool, given, heard, asked.cancel))
        except (ToolError, AdapterError) as error:
            heard.notices.append(str(error))
        self.finish(kept, self.answer_of(session, conversation, place, heard), session)

    def answer_loaded(
        self, session: Session, kept: KeptUpdate, conversation: Conversation, heard: Heard, before: Sequence[str]
    ) -> None:
        """Answer an update by what was loaded for it; `before` is told first."""
        place = kept.from_position or 0
        is_silent = bool(before) and len(conversation.messages) <= place and not heard.notices
        found = [] if is_silent else self.answer_of(session, conversation, place, heard)
        self.finish(kept, [*told(before), *found], session)

    def example(self, asked: Asked, words: str) -> None:
        """An example that was tapped: its table is loaded where it is not there, then the words are asked."""
        kept, session = asked.kept, self.session(asked.user_id)
        conversation, heard = self.conversation(session, kept.lane, asked.user_id), Heard(asked.emit)
        place = len(conversation.messages)
        there = session.data_of(conversation.row.conversation_id).all()
        if EXAMPLE_TABLE.stem not in [dataset.name for dataset in there]:
            watch = Watch(asked.cancel, lambda sentence, fraction: None)
            source = session.data.receive(EXAMPLE_TABLE.name, iter([EXAMPLE_TABLE.read_bytes()]), watch)
            line = f"(took the example {EXAMPLE_TABLE.name})"
            session.command(conversation, line, "load_dataset", {"source": source}, heard, asked.cancel)
        session.turn(conversation, words, heard, asked.cancel)
        found = self.answer_of(session, conversation, place, heard)
        self.finish(kept, [*says(plain(f"› {words}")), *found], session)

    def reply(self, kept: KeptUpdate, user_id: int, messages: Sequence[Message]) -> None:
        """An answer that needs no turn."""
        self.finish(kept, messages, self.session(user_id))

    def tell(self, kept: KeptUpdate, words: str) -> None:
        """A sentence for somebody who may have no session."""
        self.put_answer(kept, says(plain(words)))

    def put_answer(self, kept: KeptUpdate, messages: Sequence[Message]) -> None:
        """These alone, and nothing about cards that stand there."""
        answer = [one.as_json() for one in messages]
        self._table.finish(kept.update_id, kept.lane, answer, self._program.clock())

    def tell_stranger(self, kept: KeptUpdate, user_id: int) -> None:
        """That the bot is private; once an hour, however often they write."""
        answer = [one.as_json() for one in says(plain(STRANGER.format(user_id=user_id)))]
        once = Once(user_id, Told.STRANGER, timedelta(hours=1))
        self._table.finish_once(kept.update_id, kept.lane, answer, self._program.clock(), once)

    def drop_undecided(self, kept: KeptUpdate, user_id: int) -> None:
        """A press that has decided nothing: what its card should say by now is said."""
        if self._table.get(kept.update_id).state is UpdateState.WAITING:
            self.finish(kept, [], self.session(user_id))

    def is_second_card(self, user_id: int, nonce: str, message_id: int) -> bool:
        """Whether a card of the person's that is decided stands there a second time, as a crash may leave it."""
        row = self.session(user_id).gate.asked(nonce)
        if row is None or row.state is ApprovalState.PENDING:
            return False
        shown = self._table.sent([CARD + row.approval_id])
        return any(one.message_id != message_id for one in shown.values())

    def give_out(self, kept: KeptUpdate, number: int) -> bool:
        """Send what was held back there; False where there is nothing of that number."""
        return self._table.give_out(number, kept.lane)

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
            self._count(session.turn(conversation, None, heard, cancel))
        place = kept.from_position or 0
        found = self.answer_of(session, conversation, place, heard, is_decision=kept.words_id is None)
        self.finish(kept, [*told(before), *found], session)

    def answer_of(
        self, session: Session, conversation: Conversation, place: int, heard: Heard, *, is_decision: bool = False
    ) -> list[Message]:
        """What the log says from that place on, and what was heard beside it."""
        likes = read_preferences(PeopleTable(self._program.database), user_of(session.person))
        beside = Beside(heard.notices, heard.contents, likes.rich_tables)
        return answer(session, conversation, place, beside, is_decision=is_decision)

    def _count(self, ended: TurnEnded) -> None:
        """For the operator: turns that a mistake of ours, or somebody outside, has ended."""
        kind = ERRORS.get(ended.reason)
        if kind is not None:
            self._table.count_error(kind, self._program.clock())

    def finish(self, kept: KeptUpdate, messages: Sequence[Message], session: Session) -> None:
        """The end of an update: its answer is to be sent, and what the cards that stand there should say by now."""
        if self._is_ending.is_set():
            return
        now = session.clock()
        sent = [one.as_json() for one in (*outcomes(session, self._table, kept), *messages)]
        self._table.finish(kept.update_id, kept.lane, sent, now)
