"""Claude in a loop. Read this file first.

A conversation is an append-only log, and each entry is committed before anything acts on it. So the program may die at
any line and go on: a call left open in the log is the saved state.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.model.base import ModelCancelled, ModelError, ModelRequest, Outcome, Reply
from adapters.records import JsonValue, Message
from adapters.secret_words import mask
from adapters.store.conversations import ConversationError, ConversationTable
from adapters.store.inbox import InboxTable
from adapters.store.turns import Turns
from agent.acting import Actor, Emit
from agent.asking import Asker, LimitReached
from agent.conversation import REFUSAL, Conversation, result_block, said, text_block
from agent.events import EndReason, Notice, TakenBack, TextDelta, TurnEnded
from agent.hearing import Hearing, Spoken
from agent.kept_words import without_secrets
from agent.limits import Limits, Meter
from agent.reply_kind import ASKED_AGAIN, GIVEN_UP, ReplyKind, holds_something, kind_of
from agent.stopping import LeftOpenError, is_for_later
from agent.validity import broken_by_reply, broken_rules, sendable

MAX_PAUSES = 5

KEPT_FOR_LATER = "What you wrote is kept, and comes first when you go on here."
SAID_NOTHING = "The model ended its turn without a word. Say what to go on with."
CANNOT_GO_ON = (
    "This conversation cannot go on: an earlier entry of its log has a form that the model does not take. Nothing was "
    "sent or run. Begin a new one (/new at the prompt, or `statagent chat` without --resume and --session); datasets, "
    "jobs and models are still there."
)


class InvalidRequestError(Exception):
    """The log does not make a valid request: an older program, which did not look, wrote it; it is not sent."""


@dataclass(frozen=True)
class ReplySize:
    """How many tokens a reply may have, and how many after it was cut once."""

    max_tokens: int = 8_192
    max_tokens_again: int = 32_768


@dataclass(frozen=True)
class Log:
    """Where a conversation is kept: its messages, what waits to become one, and whose turn it is."""

    messages: ConversationTable
    inbox: InboxTable
    turns: Turns


@dataclass
class _Turn:
    """One turn: where it is taken, who hears of it, what stops it, what it has used."""

    conversation: Conversation
    emit: Emit
    cancel: threading.Event
    meter: Meter

    def take_back(self, reply: Reply) -> None:
        """What the reply said was told as it came, and does not count."""
        if said(reply.content):
            self.emit(TakenBack())

    def end(self, reason: EndReason, text: str = "", outcome: Outcome = Outcome.DONE) -> TurnEnded:
        """How it ended."""
        return TurnEnded(reason, self.meter.usd, self.meter.seconds, self.meter.n_steps, text, outcome)


class Agent:
    """Takes the turns of one owner's conversations."""

    def __init__(
        self,
        asker: Asker,
        actor: Actor,
        log: Log,
        limits: Limits,
        clock: Callable[[], datetime],
        size: ReplySize | None = None,
    ) -> None:
        self._asker = asker
        self._actor = actor
        self._log = log.messages
        self._inbox = log.inbox
        self._turns = log.turns
        self._limits = limits
        self._clock = clock
        self._size = size or ReplySize()

    def run(self, conversation: Conversation, words: str | None, emit: Emit, cancel: threading.Event) -> TurnEnded:
        """Take one turn: until the model has nothing more to do, a person must answer, or the turn is stopped.

        Parameters
        ----------
        words : str or None
            What the user wrote, committed before anything else; None to go on where the log stands, after a decision
            or a crash.
        cancel : Event
            Set to stop the turn: within a second it ends, what was said is kept, and the log is valid. A `Stop` may
            say that the turn is taken up later.
        """
        turn = _Turn(conversation, emit, cancel, Meter(self._limits))
        hearing = Hearing(self._inbox, conversation, words, emit, self._clock)

        def waits() -> None:
            emit(Notice("Another window is in the middle of this conversation; waiting for it …"))

        try:
            with self._turns.hold(conversation.row.conversation_id, cancel, waits, hearing.keep):
                self._catch_up(conversation)
                spoken = self._hear(conversation, hearing)
                if conversation.is_answered():
                    return self._say_again(turn, words)
                return self._take_turn(turn, spoken)
        except ConversationError as busy:
            hearing.keep()
            emit(Notice(str(busy)))
            if conversation.waiting:
                emit(Notice(KEPT_FOR_LATER))
            return turn.end("failed")
        except LeftOpenError:
            return turn.end("stopped")
        except LimitReached as limit:
            emit(Notice(str(limit)))
            return turn.end("limit")
        except InvalidRequestError as broken:
            logging.getLogger(__name__).error("%s: %s", conversation.row.conversation_id, broken)
            emit(Notice(CANNOT_GO_ON))
            return turn.end("failed")
        except ModelError as error:
            emit(Notice(str(error)))
            return turn.end("failed")

    def _hear(self, conversation: Conversation, hearing: Hearing) -> Spoken:
        """Commit what was said: to the log, or where open calls must be answered first, so that it comes after them."""
        if conversation.open_calls():
            hearing.keep()
            return hearing.take()
        spoken = hearing.take()
        if spoken.words:
            self._commit(conversation, conversation.next_message("user", spoken.blocks()), spoken.words_ids)
            hearing.tell_kept()
        return Spoken()

    def _say_again(self, turn: _Turn, words: str | None) -> TurnEnded:
        """The model has had the last word; to words of this turn too, where another window took them along."""
        answer = said(turn.conversation.messages[-1].content)
        if words is not None:
            turn.emit(TextDelta(answer))
        return turn.end("done", answer)

    def _take_turn(self, turn: _Turn, spoken: Spoken) -> TurnEnded:
        conversation = turn.conversation
        while True:
            if conversation.open_calls():
                ask = self._actor.act(conversation, turn.emit, turn.cancel, wrote_instead=bool(spoken.words))
                if ask is not None:
                    turn.emit(ask)
                    return turn.end("asked")
                self._answer_calls(conversation, spoken)
                spoken = Spoken()
            if turn.cancel.is_set():
                return turn.end("stopped")
            try:
                reply, kind = self._ask(turn)
            except ModelCancelled as stopped:
                if stopped.text.strip() and not is_for_later(turn.cancel):
                    self._append(conversation, "assistant", [text_block(stopped.text)], complete=False)
                return turn.end("stopped", mask(stopped.text))
            if kind not in ("act", "finish"):
                return self._give_up(turn, reply, kind)
            self._append_reply(conversation, reply)
            if kind == "finish":
                return self._finish(turn, reply)

    def _finish(self, turn: _Turn, reply: Reply) -> TurnEnded:
        """The end of a turn; one without a word is told, and is no success."""
        words = said(reply.content)
        if words.strip():
            return turn.end("done", words, reply.outcome)
        turn.emit(Notice(SAID_NOTHING))
        return turn.end("done", words, Outcome.NOT_DONE)

    def _catch_up(self, conversation: Conversation) -> None:
        """Take in what another program has added since this one looked."""
        stored = self._log.messages(conversation.row)
        if len(stored) > len(conversation.messages):
            conversation.messages[:] = stored

    def _ask(self, turn: _Turn) -> tuple[Reply, ReplyKind]:
        """A reply that may be kept, or the reason why there is none.

        A pause is asked again, a cut reply once with more room, one that is odd or did not arrive whole once.
        """
        n_pauses, max_tokens, was_asked_again = 0, self._size.max_tokens, False
        while True:
            request = self._request(turn.conversation, max_tokens)
            reply = self._asker.ask(turn.conversation.row, request, turn.meter, turn.emit, turn.cancel)
            reply = replace(reply, content=sendable(without_secrets(reply.content)))
            kind = kind_of(reply)
            if kind in ("act", "finish") and _is_odd(turn.conversation, request, reply):
                kind = "odd"
            if kind == "paused" and n_pauses < MAX_PAUSES:
                n_pauses += 1
            elif kind == "cut" and max_tokens < self._size.max_tokens_again:
                max_tokens = self._size.max_tokens_again
            elif kind in ("odd", "incomplete") and not was_asked_again:
                was_asked_again = True
            else:
                return reply, kind
            turn.take_back(reply)
            if kind in ASKED_AGAIN:
                turn.emit(Notice(ASKED_AGAIN[kind]))

    def _give_up(self, turn: _Turn, reply: Reply, kind: ReplyKind) -> TurnEnded:
        """Leave a valid log: nothing of the reply is run; words that were cut are kept, a refused turn is not."""
        words = said(reply.content) if kind == "cut" else ""
        if words.strip():
            self._append(turn.conversation, "assistant", [text_block(words)], complete=False)
        else:
            turn.take_back(reply)
        turn.emit(Notice(GIVEN_UP[kind]))
        if kind != "refused":
            return turn.end("failed", words)
        self._append(turn.conversation, REFUSAL, [])
        return turn.end("refused")

    def _request(self, conversation: Conversation, max_tokens: int) -> ModelRequest:
        row = conversation.row
        request = ModelRequest(self._asker.model.name, row.system, row.tools, conversation.to_send(), max_tokens)
        broken = broken_rules(request.body())
        if broken:
            raise InvalidRequestError("; ".join(broken))
        return request

    def _answer_calls(self, conversation: Conversation, spoken: Spoken) -> None:
        """One user message with every result, results first, then what the user wrote instead of a decision."""
        calls = conversation.open_calls()
        results = self._log.results(conversation.row, [call.call_id for call in calls])
        content = [
            result_block(call.call_id, results[call.call_id].content, results[call.call_id].is_error) for call in calls
        ]
        answer = conversation.next_message("user", [*content, *spoken.blocks()])
        self._commit(conversation, answer, spoken.words_ids)

    def _append_reply(self, conversation: Conversation, reply: Reply) -> None:
        """The reply as received; one that says and calls nothing may not be sent and is left out."""
        if holds_something(reply):
            message = conversation.next_message(
                "assistant", reply.content, stop_reason=reply.stop_reason, usage=reply.usage, usd=reply.usd
            )
            self._commit(conversation, message)

    def _append(
        self, conversation: Conversation, role: str, content: list[dict[str, JsonValue]], complete: bool = True
    ) -> None:
        self._commit(conversation, conversation.next_message(role, content, complete=complete))

    def _commit(self, conversation: Conversation, message: Message, words_ids: Sequence[str] = ()) -> None:
        now = self._clock()
        message = replace(message, content=without_secrets(message.content))
        self._log.append(conversation.row, message, now, words_ids)
        conversation.messages.append(replace(message, created_at=now))
        conversation.waiting.difference_update(words_ids)


def _is_odd(conversation: Conversation, request: ModelRequest, reply: Reply) -> bool:
    """True when the log could not be sent any more with this reply in it."""
    if not holds_something(reply):
        return False
    broken = broken_by_reply(request.body(), reply.content, conversation.call_ids())
    if broken:
        where = conversation.row.conversation_id
        logging.getLogger(__name__).warning("an odd reply in %s: %s", where, "; ".join(broken))
    return bool(broken)
