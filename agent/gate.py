"""May this call run? The only place that answers, and the only one that makes an Approval.

A call to a tool that spends stops the turn until a person has seen the price and said yes, through the front end's own
channel. Words of the model, of the user's message or of a file never count: what counts is a row, made here, that names
the quote, the exact arguments, the person and the time.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from adapters.records import Approval, ApprovalRow, ApprovalState, Quote
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import JobTable
from agent.not_run import NotRun
from tools.spec import Arguments, Tool

BY_SETTING = "the setting confirm: paid"

DECIDED: Mapping[ApprovalState, str] = {
    ApprovalState.GRANTED: "This question was answered already: yes.",
    ApprovalState.USED: "This question was answered already: yes.",
    ApprovalState.DENIED: "This question was answered already: no.",
    ApprovalState.CLOSED: "This question is closed: something else was asked for, or the offer has expired. Ask again.",
}
"""What is said to an answer that comes after the question was decided."""


@dataclass(frozen=True)
class Call:
    """One validated call of one conversation."""

    call_id: str
    conversation_id: str
    tool: Tool
    arguments: Arguments


@dataclass(frozen=True)
class Run:
    """The call may run, with the approval where it spends."""

    approval: Approval | None = None


@dataclass(frozen=True)
class Question:
    """A person must answer first."""

    row: ApprovalRow
    quote: Quote


@dataclass(frozen=True)
class Refused:
    """The call may not run; `reason` is for the model."""

    reason: str


Verdict = Run | Question | Refused


class Gate:
    """Answers for one owner."""

    def __init__(
        self,
        owner_id: str,
        approvals: ApprovalTable,
        jobs: JobTable,
        confirm: Literal["always", "paid"],
        clock: Callable[[], datetime],
    ) -> None:
        self._owner_id = owner_id
        self._approvals = approvals
        self._jobs = jobs
        self._confirm = confirm
        self._clock = clock

    def check(self, call: Call) -> Verdict:
        """Whether the call may run now, must be asked about first, or is refused."""
        if call.tool.effect_of(call.arguments) != "spend":
            return Run()
        row = self._approvals.approval(self._owner_id, call.conversation_id, call.call_id)
        if row is None:
            return self._first_time(call)
        if row.arguments_hash != hash_arguments(call):
            return Refused("not run: the arguments are not the ones that the user was asked about")
        return self._answered(row)

    def _first_time(self, call: Call) -> Verdict:
        quote_id = str(getattr(call.arguments, "quote_id", ""))
        quote = self._approvals.quote(self._owner_id, quote_id)
        if quote is None or quote.conversation_id != call.conversation_id:
            return Refused(f"not run: this conversation has no quote {quote_id[:80]!r}; use estimate_cost")
        if self._jobs.job_of_quote(self._owner_id, quote_id) is not None:
            return Refused("not run: the quote was used already; make a new one with estimate_cost")
        misfit = None if call.tool.misfit is None else call.tool.misfit(call.arguments, quote)
        if misfit is not None:
            return Refused(f"not run: {misfit}")
        now = self._clock()
        passes = self._confirm == "paid" and quote.cap_usd == 0
        question = ApprovalRow(
            approval_id=f"approval_{secrets.token_hex(8)}",
            owner_id=self._owner_id,
            conversation_id=call.conversation_id,
            call_id=call.call_id,
            quote_id=quote_id,
            arguments_hash=hash_arguments(call),
            nonce=secrets.token_urlsafe(24),
            state=ApprovalState.GRANTED if passes else ApprovalState.PENDING,
            decided_by=BY_SETTING if passes else None,
            created_at=now,
            decided_at=now if passes else None,
        )
        return self._answered(self._approvals.ask(question))

    def _answered(self, row: ApprovalRow) -> Verdict:
        quote = self._approvals.quote(self._owner_id, row.quote_id)
        if quote is None:
            return Refused("not run: the quote is gone")
        if row.state is ApprovalState.USED:
            # The crash came after the claim: the job ledger knows this approval's job and starts no second one.
            return Run(_approval(row))
        if row.state is ApprovalState.DENIED:
            return Refused(NotRun.SAID_NO)
        if not self._approvals.is_open(quote, self._clock()):
            self._approvals.close(row.approval_id, self._clock())
            return Refused("not run: the quote has expired; make a new one with estimate_cost")
        if row.state is ApprovalState.CLOSED:
            return Refused("not run: the question was withdrawn; make a new quote if the user still wants it")
        if row.state is ApprovalState.PENDING:
            return Question(row, quote)
        return Run(_approval(row))

    def decide(self, nonce: str, user_id: str, yes: bool) -> str | None:
        """Take a person's answer to the question that was shown with this nonce.

        Returns
        -------
        None if it counts, else one sentence that says why it does not.
        """
        row = self.asked(nonce)
        if row is None or row.owner_id != user_id:
            return "This question is not yours to answer, or is no longer open."
        if row.state is not ApprovalState.PENDING:
            return DECIDED[row.state]
        quote = self._approvals.quote(self._owner_id, row.quote_id)
        if quote is None or not self._approvals.is_open(quote, self._clock()):
            self._approvals.close(row.approval_id, self._clock())
            return "The offer has expired. Ask again for a fresh price."
        state = ApprovalState.GRANTED if yes else ApprovalState.DENIED
        if not self._approvals.decide(row.approval_id, state, user_id, self._clock()):
            return "This question was answered already."
        return None

    def asked(self, nonce: str) -> ApprovalRow | None:
        """The owner's question that was shown with this nonce, as it stands."""
        row = self._approvals.by_nonce(nonce)
        return row if row is not None and row.owner_id == self._owner_id else None

    def of_quote(self, quote_id: str) -> ApprovalRow | None:
        """The owner's newest question about that quote."""
        return self._approvals.of_quote(self._owner_id, quote_id)

    def holds(self, quote_id: str) -> bool | None:
        """Whether the owner's quote of that id still holds; None where there is none."""
        quote = self._approvals.quote(self._owner_id, quote_id)
        return None if quote is None else self._approvals.is_open(quote, self._clock())

    def questions(self, approval_ids: Sequence[str]) -> list[tuple[ApprovalRow, Quote, bool]]:
        """Those of these questions that are the owner's, as they stand, and whether their offer still holds."""
        found = []
        for row in self._approvals.approvals(self._owner_id, approval_ids):
            quote = self._approvals.quote(self._owner_id, row.quote_id)
            if quote is not None:
                found.append((row, quote, self._approvals.is_open(quote, self._clock())))
        return found

    def withdraw(self, conversation_id: str) -> None:
        """The user wrote something else instead of an answer: an open question is closed, and a later yes is void."""
        row = self._approvals.pending(self._owner_id, conversation_id)
        if row is not None:
            self._approvals.close(row.approval_id, self._clock())

    def pending(self, conversation_id: str) -> Question | None:
        """The question that the conversation waits for."""
        row = self._approvals.pending(self._owner_id, conversation_id)
        quote = None if row is None else self._approvals.quote(self._owner_id, row.quote_id)
        return None if row is None or quote is None else Question(row, quote)


def hash_arguments(call: Call) -> str:
    """SHA-256 of the tool's name and its validated arguments."""
    values = {"tool": call.tool.name, "arguments": call.arguments.model_dump(mode="json")}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _approval(row: ApprovalRow) -> Approval:
    return Approval(row.approval_id, row.owner_id, row.quote_id, row.call_id, row.arguments_hash)
