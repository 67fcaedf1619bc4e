"""Acting on the calls of a reply: gate, run, keep each result as it comes."""

from __future__ import annotations

import logging
import queue
import secrets
import shlex
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from adapters.names import name_choices
from adapters.records import Approval, JsonValue
from adapters.secret_words import holds_mask, mask, mask_results
from adapters.store.conversations import ConversationTable, ToolResult
from agent.conversation import Conversation, OpenCall
from agent.events import Ask, Event, Notice, ToolFinished, ToolProgress, ToolStarted
from agent.gate import Call, Gate, Question, Refused
from agent.not_run import NotRun
from agent.stopping import LeftOpenError, is_for_later
from prompts.cards import confirm_card
from prompts.visible import visible
from tools.context import ToolContext
from tools.errors import ToolError
from tools.results import Fields, ToolOutput, to_json
from tools.spec import Arguments, Tool

GRACE_S = 0.5
STOPPED = "stopped by the user; its result is not known"
CLOSED = (
    "What you wrote is neither a plain yes nor a plain no: nothing was started, and the question is closed. To have it "
    "put again: say `ask me again`, or until {expires:%H:%M:%S} UTC /{command}."
)

Emit = Callable[[Event], None]
Reveal = Callable[[dict[str, JsonValue]], dict[str, JsonValue]]
"""A call's arguments as they are run: an address that the person typed has its signature in memory alone."""
ContextMaker = Callable[[str, threading.Event, Callable[[str, float | None], None]], ToolContext]


class ToolBugError(Exception):
    """A tool failed in a way that nobody foresaw; the call is answered, the turn must end."""


@dataclass(frozen=True)
class _Ready:
    """A call that the gate lets run."""

    call: OpenCall
    tool: Tool
    arguments: Arguments
    approval: Approval | None


class Actor:
    """Runs the open calls of one owner's conversations."""

    def __init__(
        self,
        tools: Sequence[Tool],
        gate: Gate,
        log: ConversationTable,
        make_context: ContextMaker,
        clock: Callable[[], datetime],
        reveal: Reveal = dict,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._gate = gate
        self._log = log
        self._make_context = make_context
        self._clock = clock
        self._reveal = reveal

    def act(
        self, conversation: Conversation, emit: Emit, cancel: threading.Event, *, wrote_instead: bool = False
    ) -> Ask | None:
        """Give every open call a result in the log, or stop at the first that a person must answer.

        Calls that only read run side by side, calls with effects alone, all in the order of the reply. What has a
        result already, from before a crash, is not run again.

        Parameters
        ----------
        wrote_instead : bool
            The user wrote something in place of an answer: a call that waits for a yes is closed instead.

        Raises
        ------
        LeftOpenError
            If the turn is taken up later; what has no result yet is run then.

        Returns
        -------
        Ask or None
            The question, when one is open; None when every call has its result.
        """
        done = self._log.results(conversation.row, [call.call_id for call in conversation.open_calls()])
        waiting = [call for call in conversation.open_calls() if call.call_id not in done]
        for batch in self._batches(waiting):
            ready = []
            for call in batch:
                verdict = self._check(conversation, call, emit, wrote_instead)
                if isinstance(verdict, Ask):
                    return verdict
                if isinstance(verdict, str):
                    self._keep_error(conversation, call, verdict, emit)
                elif is_for_later(cancel):
                    raise LeftOpenError
                elif cancel.is_set():
                    self._keep_error(conversation, call, NotRun.STOPPED, emit)
                else:
                    ready.append(verdict)
            self._run(conversation, ready, emit, cancel)
        return None

    def _batches(self, calls: Sequence[OpenCall]) -> Iterator[list[OpenCall]]:
        reads: list[OpenCall] = []
        for call in calls:
            tool = self._tools.get(call.name)
            if tool is None or tool.effect == "read":
                reads.append(call)
                continue
            if reads:
                yield reads
                reads = []
            yield [call]
        if reads:
            yield reads

    def _check(self, conversation: Conversation, call: OpenCall, emit: Emit, wrote_instead: bool) -> _Ready | Ask | str:
        """The call ready to run, the question that must come first, or why it is not run."""
        tool = self._tools.get(call.name)
        if tool is None:
            return f"no tool {call.name[:80]!r}; {name_choices(call.name, self._tools)}"
        given = self._reveal(call.arguments)
        if holds_mask(given):
            return NotRun.KEY_TAKEN_OUT
        try:
            arguments = tool.parse(given)
        except ToolError as error:
            return str(error)
        verdict = self._gate.check(Call(call.call_id, conversation.row.conversation_id, tool, arguments))
        if isinstance(verdict, Refused):
            return verdict.reason
        if isinstance(verdict, Question):
            if wrote_instead:
                self._gate.withdraw(conversation.row.conversation_id)
                quote = verdict.quote
                emit(Notice(CLOSED.format(expires=quote.expires_at, command=_in_words(tool, arguments))))
                return NotRun.WROTE_INSTEAD
            row = verdict.row
            return Ask(row.approval_id, row.nonce, verdict.quote, confirm_card(verdict.quote))
        return _Ready(call, tool, arguments, verdict.approval)

    def _run(self, conversation: Conversation, ready: Sequence[_Ready], emit: Emit, cancel: threading.Event) -> None:
        news: queue.Queue[ToolProgress | tuple[_Ready, ToolOutput[Fields] | Exception]] = queue.Queue()
        started = time.monotonic()
        for one in ready:
            emit(ToolStarted(one.call.call_id, one.call.name, one.call.arguments))
            threading.Thread(target=self._call, args=(conversation, one, cancel, news), daemon=True).start()
        running = {one.call.call_id: one for one in ready}
        stopped_at: float | None = None
        bug: Exception | None = None
        while running:
            try:
                item = news.get(timeout=0.05)
            except queue.Empty:
                stopped_at = stopped_at or (time.monotonic() if cancel.is_set() else None)
                if stopped_at is not None and time.monotonic() - stopped_at > GRACE_S:
                    self._abandon(conversation, running, emit, cancel)
                continue
            if isinstance(item, ToolProgress):
                emit(item)
            elif isinstance(item[1], Exception) and is_for_later(cancel):
                raise LeftOpenError
            elif item[0].call.call_id in running:
                del running[item[0].call.call_id]
                bug = self._keep(conversation, item[0].call, item[1], emit, time.monotonic() - started) or bug
        if bug is not None:
            raise ToolBugError from bug

    def _call(
        self,
        conversation: Conversation,
        one: _Ready,
        cancel: threading.Event,
        news: queue.Queue[ToolProgress | tuple[_Ready, ToolOutput[Fields] | Exception]],
    ) -> None:
        def progress(sentence: str, fraction: float | None) -> None:
            news.put(ToolProgress(one.call.call_id, sentence, fraction))

        try:
            context = self._make_context(conversation.row.conversation_id, cancel, progress)
            news.put((one, one.tool.call(one.arguments, context, one.approval)))
        except Exception as error:  # noqa: BLE001 - carried over to the thread of the turn, which logs and ends it
            news.put((one, error))

    def _abandon(
        self, conversation: Conversation, running: dict[str, _Ready], emit: Emit, cancel: threading.Event
    ) -> None:
        """The user does not wait for what only reads or writes; a launch is waited for, it is short."""
        for call_id, one in list(running.items()):
            if one.approval is None and is_for_later(cancel):
                raise LeftOpenError
            if one.approval is None:
                del running[call_id]
                self._keep_error(conversation, one.call, STOPPED, emit)

    def _keep(
        self,
        conversation: Conversation,
        call: OpenCall,
        outcome: ToolOutput[Fields] | Exception,
        emit: Emit,
        seconds: float,
    ) -> Exception | None:
        """Commit the outcome; gives it back when it is a bug."""
        if isinstance(outcome, ToolOutput):
            artifacts = [{**asdict(artifact), "path": str(artifact.path)} for artifact in outcome.artifacts]
            content = mask_results(outcome.content)
            result = ToolResult(call.call_id, to_json(content), False, artifacts)
            self._log.add_result(conversation.row, result, self._clock())
            emit(ToolFinished(call.call_id, call.name, content, False, outcome.artifacts, seconds))
            return None
        if isinstance(outcome, ToolError):
            self._keep_error(conversation, call, str(outcome), emit, seconds, outcome.fields)
            return None
        error_id = secrets.token_hex(4)
        logging.getLogger(__name__).error("error %s in %s", error_id, call.name, exc_info=outcome)
        self._keep_error(conversation, call, f"{call.name} failed: a mistake of the program (error {error_id})", emit)
        return outcome

    def _keep_error(
        self,
        conversation: Conversation,
        call: OpenCall,
        reason: str,
        emit: Emit,
        seconds: float = 0.0,
        fields: Mapping[str, JsonValue] | None = None,
    ) -> None:
        # Names and values of files stand in it, and no JSON that would escape what shows nothing.
        reason = visible(mask(reason))
        self._log.add_result(conversation.row, ToolResult(call.call_id, reason, True, []), self._clock())
        content = {"error": reason, **mask_results(fields or {})}
        emit(ToolFinished(call.call_id, call.name, content, True, (), seconds))


def _in_words(tool: Tool, arguments: Arguments) -> str:
    """The call as a person types it: its one argument, or each by its name."""
    given = [(name, str(getattr(arguments, name))) for name in sorted(arguments.model_fields_set)]
    words = [value if len(given) == 1 else f"{name}={shlex.quote(value)}" for name, value in given]
    return " ".join([tool.name, *words])
