"""What can be chosen below a card: another option than the one on it, or a fresh price where it has expired."""

from __future__ import annotations

from adapters.errors import AdapterError
from adapters.records import ApprovalState, JsonValue, Quote
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import CARD
from runtime.session import Session
from runtime.telegram.asked import Asked, Heard
from runtime.telegram.formatting import plain
from runtime.telegram.options import other_options, quoted, refusal_of, starting
from runtime.telegram.outgoing import says
from runtime.telegram.turns import Turns
from tools.errors import ToolError

OTHER_CHOSEN, FRESH_WANTED = "(chose another option)", "(wants the price as it is now)"


class Choices:
    """What one bot's people choose; called in the threads of turns."""

    def __init__(self, turns: Turns, table: UpdateTable) -> None:
        self._turns = turns
        self._table = table

    def options(self, asked: Asked, nonce: str) -> None:
        """What else could be chosen than what a card is about; the question stays as it is."""
        session = self._turns.session(asked.user_id)
        try:
            found = other_options(session, nonce)
        except ToolError as error:
            found = says(plain(str(error)))
        self._turns.finish(asked.kept, found, session)

    def refusal(self, user_id: int, quote_id: str) -> str | None:
        """Why the option cannot be chosen; None where it can, also where a crash came before its card was sent."""
        session = self._turns.session(user_id)
        row = session.gate.of_quote(quote_id)
        is_cut_off = row is not None and not self._table.sent([CARD + row.approval_id])
        return None if is_cut_off else refusal_of(session, quote_id)

    def choose(self, asked: Asked, quote_id: str) -> None:
        """Another option: its price is put as a question, and the one that was open is withdrawn."""
        kept, session = asked.kept, self._turns.session(asked.user_id)
        conversation, heard = self._turns.conversation(session, kept.lane, asked.user_id), Heard(asked.emit)
        place = len(conversation.messages)
        if session.gate.of_quote(quote_id) is None:
            session.gate.withdraw(conversation.row.conversation_id)
            given: dict[str, JsonValue] = {"quote_id": quote_id}
            session.command(conversation, OTHER_CHOSEN, "launch_training", given, heard, asked.cancel)
        self._turns.finish(kept, self._turns.answer_of(session, conversation, place, heard), session)

    def is_expired(self, user_id: int, nonce: str) -> bool:
        """Whether it is a question of this person's whose offer ran out before it was answered or withdrawn."""
        session = self._turns.session(user_id)
        row = session.gate.asked(nonce)
        found = [] if row is None else session.gate.questions([row.approval_id])
        return any(
            one.state in (ApprovalState.PENDING, ApprovalState.CLOSED)
            and (one.decided_at or session.clock()) >= quote.expires_at
            for one, quote, _ in found
        )

    def fresh(self, asked: Asked, nonce: str) -> None:
        """The price as it is now of what an expired card is about, as a question of its own; nothing was started."""
        session = self._turns.session(asked.user_id)
        row = session.gate.asked(nonce)
        questions = [] if row is None else session.gate.questions([row.approval_id])
        self._ask_anew(asked, session, next((quote for _, quote, _ in questions), None))

    def of_job(self, asked: Asked, job_id: str) -> None:
        """The price as it is now of what a job was to do that found no machine at the price that was agreed to."""
        session = self._turns.session(asked.user_id)
        job = next((job for job in session.jobs.all() if job.job_id == job_id), None)
        self._ask_anew(asked, session, None if job is None else session.jobs.quote_of(job))

    def _ask_anew(self, asked: Asked, session: Session, quote: Quote | None) -> None:
        kept = asked.kept
        conversation, heard = self._turns.conversation(session, kept.lane, asked.user_id), Heard(asked.emit)
        place = len(conversation.messages)
        try:
            # Where a question is open, another tap or a crash before this one has put it.
            if quote is not None and session.pending(conversation) is None:
                lines = quoted(session, quote, quote.job.work.model, conversation.row.conversation_id)
                best = min(lines, key=lambda one: (one.expected_usd, one.expected_seconds))
                tool, given = starting(quote, best.quote_id)
                session.command(conversation, FRESH_WANTED, tool, given, heard, asked.cancel)
            found = self._turns.answer_of(session, conversation, place, heard)
        except (ToolError, AdapterError) as error:
            found = says(plain(str(error)))
        self._turns.finish(kept, found, session)
