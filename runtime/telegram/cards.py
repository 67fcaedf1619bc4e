"""The card that asks for a yes, and what it says afterwards: who decided, and what came of it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence

from adapters.records import ApprovalRow, ApprovalState, Job, Json, Quote, TrainingSpec
from adapters.store.conversations import ConversationError, ToolResult
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import CARD, OUTCOME, KeptUpdate
from agent.gate import Question
from prompts import render
from prompts.visible import one_line
from runtime.session import Session
from runtime.telegram.formatting import fixed
from runtime.telegram.outgoing import Button, Message, says
from runtime.telegram.tables import WIDTH

LAUNCH, CANCEL, OTHER = "Launch", "Cancel", "Other options"
YES, NO, OPTIONS = "y", "n", "o"
"""What a press of these buttons begins with; the question's nonce follows, and nothing else."""
LABELS = 13
"""Letters that the card's labels take."""
KEPT = "\0"
"""Stands for a blank while lines are cut; the card holds no controls."""
ANSWERS: Mapping[ApprovalState, str] = {
    ApprovalState.GRANTED: "yes",
    ApprovalState.USED: "yes",
    ApprovalState.DENIED: "no",
}


def card(session: Session, question: Question) -> list[Message]:
    """The price, as our own code puts it, with buttons."""
    nonce = question.row.nonce
    buttons = [Button(LAUNCH, f"{YES}:{nonce}"), Button(CANCEL, f"{NO}:{nonce}")]
    if isinstance(question.quote.job.work, TrainingSpec):
        buttons.append(Button(OTHER, f"{OPTIONS}:{nonce}"))
    *before, last = says(fixed(_folded(session.card(question.quote))), buttons)
    return [*before, last.model_copy(update={"key": CARD + question.row.approval_id})]


def _folded(text: str) -> str:
    """Lines that fit a phone, cut between clauses; a value goes on below itself, so that labels are ours alone."""
    lines = []
    for line in text.splitlines():
        indent = " " * LABELS if line.startswith(" ") else ""
        whole = line[: len(indent)] + _whole_clauses(line[len(indent) :])
        lines += textwrap.wrap(whole, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines).replace(KEPT, " ")


def _whole_clauses(value: str) -> str:
    """The value with the blanks within its shorter clauses as something that no line is cut at."""
    clauses = re.split(r"(?<=,) | (?=\()", value)
    return " ".join(one.replace(" ", KEPT) if len(one) <= WIDTH - LABELS else one for one in clauses)


def decided(table: UpdateTable, row: ApprovalRow, quote: Quote, who: str) -> list[Message]:
    """The card right after an answer: without its buttons, and with who gave it; nothing where it was never sent."""
    shown = table.sent([CARD + row.approval_id])
    return [_closed(row, one.content, _words(row, quote, who, None, None)) for one in shown.values()]


def outcomes(session: Session, table: UpdateTable, kept: KeptUpdate) -> list[Message]:
    """Edits of the cards that stand where the update came from, and whose question is decided, withdrawn or expired."""
    approval_ids = table.open_cards(kept.lane)
    if not approval_ids:
        return []
    shown = table.sent([CARD + approval_id for approval_id in approval_ids])
    started = {job.approval_id: job for job in session.jobs.all()}
    found = []
    for row, quote, is_open in session.gate.questions(approval_ids):
        if row.state is ApprovalState.PENDING and is_open:
            continue
        result = _result(session, row)
        if row.state is ApprovalState.GRANTED and result is None:
            continue  # its turn was cut off, and is still to come
        words = _words(row, quote, writer_name(kept), started.get(row.approval_id), result)
        edit = _closed(row, shown[CARD + row.approval_id].content, words)
        found.append(edit.model_copy(update={"key": OUTCOME + row.approval_id}))
    return found


def _result(session: Session, row: ApprovalRow) -> ToolResult | None:
    try:
        conversation, _ = session.read_conversation(row.conversation_id)
    except ConversationError:
        return None
    return session.read_results(conversation, [row.call_id]).get(row.call_id)


def _words(row: ApprovalRow, quote: Quote, who: str, job: Job | None, result: ToolResult | None) -> str:
    is_error = result is not None and result.is_error
    answer = ANSWERS.get(row.state)
    is_over = row.state is ApprovalState.PENDING or (row.decided_at is not None and row.decided_at >= quote.expires_at)
    return render(
        "question_closed",
        who=one_line(who),
        answer=answer,
        job_id=None if job is None else job.job_id,
        reason=one_line(result.content, 400) if result is not None and is_error and answer == "yes" else None,
        expired=f"{quote.expires_at:%H:%M:%S}" if answer is None and is_over else None,
    )


def _closed(row: ApprovalRow, content: Json, words: str) -> Message:
    """The card as it was shown, without buttons, and what is to be said below it."""
    was = Message.model_validate(content)
    text = f"{was.text}\n\n{words}"
    return was.model_copy(update={"text": text, "buttons": (), "key": None, "edits": CARD + row.approval_id})


def writer_name(kept: KeptUpdate) -> str:
    """Who wrote or pressed."""
    parts: Sequence[object] = []
    for kind in ("message", "callback_query"):
        content = kept.content.get(kind)
        person = content.get("from") if isinstance(content, dict) else None
        if isinstance(person, dict):
            parts = [person.get("first_name"), person.get("last_name")]
    return " ".join(str(part) for part in parts if part) or "you"
