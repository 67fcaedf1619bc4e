"""One person's view of the program: what a front end sees."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from adapters.data.base import Data
from adapters.data.duck import DuckData
from adapters.errors import AdapterError
from adapters.json_text import parse_json
from adapters.model.base import LanguageModel
from adapters.records import ApprovalRow, Job, JsonValue, Message, Quote
from adapters.secret_words import mask
from adapters.store.approvals import ApprovalTable
from adapters.store.conversations import ConversationEntry, ConversationRow, ConversationTable, ToolResult
from adapters.store.datasets import DatasetTable
from adapters.store.inbox import InboxTable, WaitingWords
from adapters.store.jobs import JobTable
from adapters.store.models import ModelTable
from adapters.store.spending import SpendingTable
from agent.acting import Actor, Emit
from agent.asking import Asker
from agent.breaker import Breaker
from agent.command import CommandModel
from agent.conversation import Conversation
from agent.events import Flagged, Notice, TurnEnded
from agent.gate import Call, Gate, Question, Refused
from agent.loop import Agent, Log
from agent.number_check import unsupported_numbers
from prompts import render
from prompts.cards import confirm_card
from prompts.visible import one_line
from runtime.confirmation import Confirmation, ConfirmationNeeded
from runtime.masked_telling import MaskedTelling
from runtime.person import Person
from runtime.program import Program
from runtime.standard_output import OutputLostError
from runtime.typed_addresses import TypedAddresses
from tools import TOOLS, find_tool
from tools.context import ToolContext
from tools.errors import ToolError
from tools.jobs.desk import Desk
from tools.jobs.means import Means
from tools.models import Models
from tools.predictions.kept import Keeping
from tools.purse import Purse
from tools.results import Fields, ToolOutput

Progress = Callable[[str, float | None], None]
TOOL_CONVERSATION = "tool"
MOST_TOLD = 20
"""Datasets that a new conversation is told of: the newest."""


class Session:
    """What a front end sees: one person's data, models, jobs and conversations; cheap to make, and to forget.

    Parameters
    ----------
    person : Person or None
        Whoever is at this terminal by default.
    model : LanguageModel or None
        Who answers; the program's by default.
    """

    def __init__(self, program: Program, person: Person | None = None, model: LanguageModel | None = None) -> None:
        settings, database, clock = program.settings, program.database, program.clock
        self.program = program
        self.person = person = person or settings.person()
        self.settings = settings
        self.clock = clock
        self.model = model or program.model
        owner, home = person.owner_id, settings.home
        rows, rules = DatasetTable(database), person.remote or settings.remote_rules()
        disk = person.disk or settings.disk_rules()
        self.data = DuckData(rows, owner, home, person.roots, clock, rules, disk=disk)
        self.models = Models(ModelTable(database), owner, home, program.key, clock, settings.max_models_bytes)
        self.keeping = Keeping(self.data, self.artifacts, settings.raw_csv)
        approvals, jobs = ApprovalTable(database), JobTable(database)
        self._approvals = approvals
        self.jobs = Desk(
            Means(
                owner_id=owner,
                rows=jobs,
                approvals=approvals,
                backends=program.backends,
                data=self.data,
                models=self.models,
                keeping=self.keeping,
                clock=clock,
                budgets=person.budgets,
                health=program.health,
            )
        )
        self._spending = SpendingTable(database)
        self.purse = Purse(owner, self._spending, person.limits.max_day_usd, person.budgets, clock)
        self.gate = Gate(owner, approvals, jobs, person.confirm, clock)
        self._log, self._inbox = ConversationTable(database), InboxTable(database)
        self._typed = TypedAddresses()
        self._actor = Actor(TOOLS, self.gate, self._log, self.context, clock, self._typed.reveal)
        self._agent = self._agent_of(self.model, program.breaker if model is None else Breaker(clock))

    def _agent_of(self, model: LanguageModel, breaker: Breaker) -> Agent:
        asker = Asker(model, self._spending, self.clock, breaker, self.settings.first_wait_s)
        state = Log(self._log, self._inbox, self.program.turns)
        return Agent(asker, self._actor, state, self.person.limits, self.clock)

    @property
    def artifacts(self) -> Path:
        """The folder of this person's pictures and files."""
        return self.settings.home / "artifacts" / f"user_{self.person.owner_id}"

    def what_is_there(self) -> tuple[str, ...]:
        """The datasets that a new conversation finds, the newest first, each with its rows."""
        return tuple(f"{one_line(dataset.name)} ({dataset.rows:,} rows)" for dataset in self.data.all()[:MOST_TOLD])

    def begin(self) -> Conversation:
        """A new conversation, with the system prompt and the tools as they are now, frozen."""
        system = render("system", datasets=self.what_is_there())
        row = self._log.begin(self.person.owner_id, self.model.name, system, self.program.tool_schemas, self.clock())
        return Conversation(row)

    def resume(self, conversation_id: str | None = None) -> Conversation:
        """The conversation of that id, or the last one; ConversationError if there is none."""
        owner = self.person.owner_id
        row = self._log.latest(owner) if conversation_id is None else self._log.get(owner, conversation_id)
        conversation = Conversation(row, self._log.messages(row))
        conversation.waiting.update(entry.words_id for entry in self.words_waiting(conversation))
        return conversation

    def words_waiting(self, conversation: Conversation) -> list[WaitingWords]:
        """What a person wrote in it and no message holds yet."""
        return self._inbox.waiting(conversation.row)

    def conversations(self, most: int = 20) -> tuple[ConversationEntry, ...]:
        """The owner's conversations, the one used last first."""
        return self._log.recent(self.person.owner_id, most)

    def read_conversation(self, conversation_id: str) -> tuple[ConversationRow, list[Message]]:
        """The owner's conversation as the log has it; ConversationError if there is none."""
        row = self._log.get(self.person.owner_id, conversation_id)
        return row, self._log.messages(row)

    def read_results(self, row: ConversationRow, call_ids: list[str]) -> dict[str, ToolResult]:
        """What came of these calls, as far as something did."""
        return self._log.results(row, call_ids)

    def read_decision(self, conversation_id: str, call_id: str) -> ApprovalRow | None:
        """The question that was asked about the call, with its answer."""
        return self._approvals.approval(self.person.owner_id, conversation_id, call_id)

    def keep(self, conversation: Conversation, words: str, emit: Emit) -> str:
        """Commit what a person typed before its turn comes; gives its id, for `Conversation.waiting`."""
        return self._inbox.put(conversation.row, self.without_secrets(words, emit), self.clock())

    def forget(self, conversation: Conversation, words_id: str) -> None:
        """Words that were kept and are not to be said after all."""
        self._inbox.forget(conversation.row, words_id)

    def turn(self, conversation: Conversation, words: str | None, emit: Emit, cancel: threading.Event) -> TurnEnded:
        """Take one turn; whatever goes wrong in it ends in a sentence for the user and a log that is valid."""
        return self._take(self._agent, conversation, words, emit, cancel)

    def command(
        self,
        conversation: Conversation,
        words: str | None,
        tool: str,
        arguments: dict[str, JsonValue],
        emit: Emit,
        cancel: threading.Event,
    ) -> TurnEnded:
        """A turn in which the person calls the tool: `words` are what they typed, and the model reads it all later.

        With None the words stand in the log already, and nothing came of them.
        """
        return self._take(
            self._agent_of(CommandModel(tool, arguments), Breaker(self.clock)), conversation, words, emit, cancel
        )

    def finish_command(self, conversation: Conversation, emit: Emit, cancel: threading.Event) -> TurnEnded:
        """Go on with such a turn that a crash has cut off after its call was made."""
        return self._take(self._agent_of(CommandModel(), Breaker(self.clock)), conversation, None, emit, cancel)

    def _take(
        self, agent: Agent, conversation: Conversation, words: str | None, emit: Emit, cancel: threading.Event
    ) -> TurnEnded:
        started = time.monotonic()
        emit = telling = MaskedTelling(emit)
        cleaned = None if words is None else self.without_secrets(words, emit)
        try:
            ended = agent.run(conversation, cleaned, emit, cancel)
            telling.finish()
            if ended.reason == "done" and self.settings.check_numbers:
                _flag_numbers(conversation, ended.text, emit)
            return ended
        except AdapterError as error:
            emit(Notice(str(error)))
            return TurnEnded("failed", Decimal(0), time.monotonic() - started, 0, "")
        except OutputLostError:
            raise  # nobody is there to be told anything
        except Exception:  # the front end's one handler
            error_id = secrets.token_hex(4)
            logging.getLogger(__name__).exception("error %s in a turn", error_id)
            emit(Notice(f"Sorry, that is a mistake of mine (error {error_id}); what was done so far is kept."))
            return TurnEnded("bug", Decimal(0), time.monotonic() - started, 0, "")

    def without_secrets(self, words: str, emit: Emit) -> str:
        """What may be kept of what was typed."""
        typed = _clean(words)
        self._typed.remember(typed)
        cleaned = mask(typed)
        if cleaned != typed:
            emit(Notice("That looked like a key or a password: I took it out and did not keep it. Change it soon."))
        return cleaned

    def pending(self, conversation: Conversation) -> Question | None:
        """The question that the conversation waits for."""
        return self.gate.pending(conversation.row.conversation_id) if conversation.open_calls() else None

    def card(self, quote: Quote) -> str:
        """The price as a person reads it before saying yes, with what their day has left."""
        return confirm_card(quote, self.purse.left_for_jobs())

    def data_of(self, conversation_id: str) -> Data:
        """The datasets as that conversation sees them; a tool that is called alone sees what is current."""
        return self.data if conversation_id == TOOL_CONVERSATION else self.data.seen_by(conversation_id)

    def context(self, conversation_id: str, cancel: threading.Event, progress: Progress) -> ToolContext:
        """What one tool call may reach."""
        return ToolContext(
            owner_id=self.person.owner_id,
            conversation_id=conversation_id,
            data=self.data_of(conversation_id),
            models=self.models,
            jobs=self.jobs,
            purse=self.purse,
            artifacts=self.artifacts,
            clock=self.clock,
            raw_csv=self.settings.raw_csv,
            has_typed=lambda address: (
                conversation_id == TOOL_CONVERSATION or self._has_typed(conversation_id, mask(address))
            ),
            cancel=cancel,
            progress=progress,
        )

    def _has_typed(self, conversation_id: str, address: str) -> bool:
        row = self._log.get(self.person.owner_id, conversation_id)
        return Conversation(row, self._log.messages(row)).has_typed(address)

    def has_file_of(self, job: Job) -> bool:
        """Whether the job's conversation has its file of predictions already: what is quick is waited for in a turn."""
        file = self.jobs.file_of(job)
        if file is None or job.conversation_id == TOOL_CONVERSATION:
            return False
        row = self._log.get(self.person.owner_id, job.conversation_id)
        # Two files of one second have one name: the call has named the job, or the quote that it began with.
        asked = {job.job_id, job.quote_id}
        return any(file.path.name in told for told in Conversation(row, self._log.messages(row)).told_of(asked))

    def call_tool(
        self,
        name: str,
        arguments: str,
        confirmation: Confirmation | None,
        may_fetch: Callable[[str], bool] = lambda address: True,
    ) -> ToolOutput[Fields]:
        """Run one tool without a model, through the gate.

        Parameters
        ----------
        arguments : str
            A JSON object.
        may_fetch : callable
            Whether a file may be fetched from an address: from any where the person wrote the call.

        Raises
        ------
        ToolError
            If there is no such tool, the arguments are no JSON object or do not fit, or the tool cannot do it.
        ConfirmationNeeded, OverBudget
            If it spends and no yes covers it.
        """
        tool = find_tool(name)
        try:
            raw = parse_json(arguments)
        except ValueError as error:
            raise ToolError(f"the arguments are not JSON: {error}") from error
        if not isinstance(raw, dict):
            raise ToolError(f"the arguments must be a JSON object, got {type(raw).__name__}")
        parsed = tool.parse(raw)
        call = Call(f"tool_{secrets.token_hex(8)}", TOOL_CONVERSATION, tool, parsed)
        verdict = self.gate.check(call)
        if isinstance(verdict, Question):
            if confirmation is None:
                raise ConfirmationNeeded(verdict.quote)
            confirmation.check(verdict.quote)
            refusal = self.gate.decide(verdict.row.nonce, self.person.owner_id, yes=True)
            if refusal is not None:
                raise ToolError(refusal)
            verdict = self.gate.check(call)
        if isinstance(verdict, Refused):
            raise ToolError(verdict.reason)
        assert not isinstance(verdict, Question)  # noqa: S101 - it was just answered
        context = self.context(TOOL_CONVERSATION, threading.Event(), lambda sentence, fraction: None)
        return tool.call(parsed, replace(context, has_typed=may_fetch), verdict.approval)


def _flag_numbers(conversation: Conversation, reply: str, emit: Emit) -> None:
    """Tell and log the numbers of the reply that nothing gives."""
    numbers = unsupported_numbers(reply, conversation.messages[:-1])
    if numbers:
        emit(Flagged(tuple(numbers)))
        where = conversation.row.conversation_id
        logging.getLogger(__name__).warning("numbers without a source in %s: %s", where, ", ".join(numbers))


def _clean(words: str) -> str:
    """What was typed, without half characters that no request may hold."""
    return words.encode("utf-8", "replace").decode()
