"""What is sent after a turn: read from the log, so that it is the same when the turn was cut off and finished later."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.json_text import parse_json
from adapters.records import Json
from adapters.store.conversations import ToolResult
from agent.command import is_command
from agent.conversation import Conversation, OpenCall, calls_in, said
from runtime.session import Session
from runtime.telegram.cards import card
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import GONE, Message, hands_over, in_albums, says
from runtime.telegram.table_messages import Looks, tells
from tools import find_tool
from tools.errors import ToolError
from tools.results import Artifact, MadeCall

SILENT = "Nothing came of it."
LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Beside:
    """What a turn has told beside its log: notices, and results as tools gave them, which the log holds cut to size."""

    notices: Sequence[str] = ()
    contents: Mapping[str, Json] = field(default_factory=dict)
    wants_rich: bool = True


def answer(
    session: Session, conversation: Conversation, from_position: int, beside: Beside, *, is_decision: bool
) -> list[Message]:
    """Words, files and tables of the log from that place on, then notices, then the question that is open.

    A decision's turn begins with the reply that has asked: its words were sent before, what comes of its calls was not.
    """
    entries = [message for message in conversation.messages if message.position >= from_position]
    calls = [call for entry in entries if entry.role == "assistant" for call in calls_in(entry.content)]
    results = session.read_results(conversation.row, [call.call_id for call in calls])
    composer = _Composer(session, results, beside)
    found: list[Message] = []
    is_told = is_decision
    for entry in entries:
        if entry.role != "assistant":
            continue
        if not is_told:
            found += composer.words(said(entry.content))
        here = calls_in(entry.content)
        # What a person called is shown itself; the word after it is for the log.
        is_told = any(is_command(call.call_id) for call in here)
        for call in here:
            found += composer.of_call(call)
    found = in_albums(found)
    found += [part for notice in beside.notices for part in says(plain(notice))]
    question = session.pending(conversation)
    if question is not None:
        found += card(session, question)
    return found or says(plain(SILENT))


class _Composer:
    """Puts replies and results of one answer into messages."""

    def __init__(self, session: Session, results: Mapping[str, ToolResult], beside: Beside) -> None:
        self._results = results
        self._contents = beside.contents
        self._folder = session.artifacts
        self._looks = Looks(beside.wants_rich, session.clock())
        self._found: list[Json] = []
        """What the calls until here have given."""

    def words(self, markdown: str) -> list[Message]:
        """A reply; behind its tables may stand what tools have found before."""
        return tells(markdown, self._found, self._looks)

    def of_call(self, call: OpenCall) -> Iterator[Message]:
        """The result of a call, where the person made it; and its files."""
        result = self._results.get(call.call_id)
        if result is None:
            return
        content = self._content(call, result)
        if content is not None:
            self._found.append(content)
        if is_command(call.call_id) and result.is_error:
            yield from says(plain(result.content))
        elif is_command(call.call_id):
            found = [] if content is None else [content]
            yield from tells(_told(call, content, result.content), found, self._looks, call.name)
        for one in result.artifacts:
            yield from self._file(Artifact(Path(str(one["path"])), str(one["kind"]), str(one["title"])))

    def _file(self, artifact: Artifact) -> list[Message]:
        """A file of this person's folder; never one of anybody else, whatever the log says."""
        if artifact.path.resolve().is_relative_to(self._folder.resolve()):
            return hands_over(artifact)
        LOG.error("%s is not in %s: not sent", artifact.path, self._folder)
        return says(plain(GONE.format(name=artifact.path.name)))

    def _content(self, call: OpenCall, result: ToolResult) -> Json | None:
        """The result as the tool gave it; after a crash as the log holds it."""
        if result.is_error or call.call_id in self._contents:
            return None if result.is_error else self._contents[call.call_id]
        parsed = parse_json(result.content)
        return parsed if isinstance(parsed, dict) else None


def _told(call: OpenCall, content: Json | None, kept: str) -> str:
    """The result in the tool's own words; as it stands where it was too long to be kept whole."""
    try:
        tool = find_tool(call.name)
        told = tool.told
        values: Any = content
        return kept if told is None else told(MadeCall(call.arguments, tool.read(values)))
    except (ToolError, ValidationError):
        return kept
