"""What is sent after a turn: read from the log, so that it is the same when the turn was cut off and finished later."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from adapters.store.conversations import ToolResult
from agent.command import is_command
from agent.conversation import Conversation, OpenCall, calls_in, said
from agent.gate import Question
from prompts.cards import confirm_card
from runtime.session import Session
from runtime.telegram.formatting import fixed, format_markdown, plain
from runtime.telegram.outgoing import Button, Message, hands_over, says
from tools import find_tool
from tools.errors import ToolError
from tools.results import Artifact, MadeCall

SILENT = "Nothing came of it."
LAUNCH, CANCEL = "Launch", "Cancel"


def answer(
    session: Session, conversation: Conversation, from_position: int, notices: Sequence[str], *, is_decision: bool
) -> list[Message]:
    """Words, files and tables of the log from that place on, then notices, then the question that is open.

    A decision's turn begins with the reply that has asked: its words were sent before, what comes of its calls was not.
    """
    entries = [message for message in conversation.messages if message.position >= from_position]
    calls = [call for entry in entries if entry.role == "assistant" for call in calls_in(entry.content)]
    results = session.read_results(conversation.row, [call.call_id for call in calls])
    found: list[Message] = []
    is_told = is_decision
    for entry in entries:
        if entry.role != "assistant":
            continue
        if not is_told:
            found += says(format_markdown(said(entry.content)))
        here = calls_in(entry.content)
        # What a person called is shown itself; the word after it is for the log.
        is_told = any(is_command(call.call_id) for call in here)
        for call in here:
            found += _of_call(call, results.get(call.call_id))
    found += [part for notice in notices for part in says(plain(notice))]
    question = session.pending(conversation)
    if question is not None:
        found += card(question)
    return found or says(plain(SILENT))


def card(question: Question) -> list[Message]:
    """The price, as our own code puts it, with buttons; a press holds nothing but the question's nonce."""
    nonce = question.row.nonce
    return says(fixed(confirm_card(question.quote)), [Button(LAUNCH, f"y:{nonce}"), Button(CANCEL, f"n:{nonce}")])


def _of_call(call: OpenCall, result: ToolResult | None) -> Iterator[Message]:
    if result is None:
        return
    if is_command(call.call_id):
        yield from says(plain(result.content) if result.is_error else format_markdown(_told(call, result.content)))
    for one in result.artifacts:
        yield from hands_over(Artifact(Path(str(one["path"])), str(one["kind"]), str(one["title"])))


def _told(call: OpenCall, content: str) -> str:
    """The result in the tool's own words; as it stands where it was too long to be kept whole."""
    try:
        tool = find_tool(call.name)
        told = tool.told
        return content if told is None else told(MadeCall(call.arguments, tool.read(json.loads(content))))
    except (ToolError, ValidationError):
        return content
