"""`statagent chat` at the prompt: type, watch, confirm, stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import FrameType

from rich.console import Console
from rich.markup import escape

from adapters.data.base import Data
from adapters.errors import AdapterError
from adapters.secret_words import mask, mask_word
from agent.acting import Emit
from agent.conversation import Conversation
from agent.events import Kept, TurnEnded
from agent.gate import Question
from prompts.cards import ended_card
from prompts.dollars import dollars
from prompts.visible import visible
from runtime import standard_input
from runtime.all_jobs import AllJobs
from runtime.answers import how_to_confirm, is_plain_no, is_plain_yes
from runtime.choose_model import LateModel, choose_model
from runtime.commands import Commands
from runtime.completion import Words
from runtime.line_editor import LineEditor, forget_typed
from runtime.reconciler import Reconciler
from runtime.screen import Screen
from runtime.session import Session
from runtime.settings import SettingsError
from runtime.terminal import open_terminal
from runtime.tool_help import HELP_WORDS
from runtime.tool_words import read_arguments
from runtime.way_out import say, say_json
from tools import TOOLS, find_tool
from tools.errors import ToolError
from tools.job_lines import job_line
from tools.jobs.following import JobView
from tools.quote_lines import quote_line

LOOK_EVERY_S = 3.0
INTERRUPTED = 130
CONFIRMATION_NEEDED = 3
NOBODY_SEES = "Nothing was started: only a person who sees the question, on a terminal, can answer it."


def talk(session: Session, conversation: Conversation, model: LateModel) -> int:
    """Read lines until the user leaves; gives the exit code."""
    console = open_terminal()
    repl = Repl(session, conversation, console, is_person=standard_input.is_person())
    console.print("[bold]statagent[/bold]  a statistician that you can talk to. /help for help, Ctrl-D to leave.")
    # scikit-learn and the model load while the person reads and types.
    threading.Thread(target=model.warm, daemon=True).start()
    if not conversation.messages:
        repl.tell_what_is_there()
    repl.go_on()
    if repl.is_over:
        return repl.exit_code
    with Reconciler(AllJobs(session.program), LOOK_EVERY_S, repl.announce):
        for line in _lines(repl):
            if line is None:
                return INTERRUPTED
            if not repl.take(line):
                break
    return repl.exit_code


class Repl:
    """One conversation whose lines are typed.

    Parameters
    ----------
    is_person : bool
        Whether who types also sees what is shown. Where it goes into a file or a pipe, each line is shown there once it
        is committed, and a question ends the run: nobody can have read it.
    """

    def __init__(self, session: Session, conversation: Conversation, console: Console, *, is_person: bool) -> None:
        self.session = session
        self.exit_code = 0
        self.is_over = False
        self._is_person = is_person
        self._unshown: str | None = None
        self._conversation = conversation
        self._console = console
        self._commands = Commands(session, console)
        self._usd = sum((message.usd for message in conversation.messages), Decimal(0))
        self.look_again: Callable[[], None] = lambda: None

    @property
    def data(self) -> Data:
        """The datasets as this conversation sees them."""
        return self.session.data_of(self._conversation.row.conversation_id)

    @property
    def status(self) -> str:
        """What stands below the prompt: who answers, the newest dataset, jobs that run, dollars."""
        datasets, running = self.data.all(), [job for job in self.session.jobs.all() if not job.state.is_final]
        newest = f"{datasets[0].name} (newest of {len(datasets)})" if len(datasets) > 1 else ""
        parts = [self.session.model.name, newest or (datasets[0].name if datasets else "nothing loaded")]
        parts += [f"{len(running)} running"] if running else []
        parts += [dollars(self._usd, 4)] if self._usd else []
        return visible("  ".join(parts))

    def go_on(self) -> None:
        """Take over what jobs have done meanwhile, finish a turn that a crash cut off, put an open question again."""
        for view in AllJobs(self.session.program).reconcile():
            if view.job.state.is_final:
                self.announce(view)
        question = self.session.pending(self._conversation)
        if question is not None and not self._conversation.waiting:
            self._put(question)
        elif self._conversation.open_calls() or self._conversation.waiting:
            self._console.print("[dim]going on where the last run was cut off[/dim]")
            self._turn(None)

    def tell_what_is_there(self) -> None:
        """A new conversation does not begin with nothing: one line."""
        there = self.session.what_is_there()
        if there:
            self._console.print(f"[dim]loaded already: {escape(visible(', '.join(there)))}[/dim]")

    def announce(self, view: JobView) -> None:
        """A job has ended while the person types; another owner's is nothing to this one."""
        if view.job.owner_id != self.session.person.owner_id:
            return
        self.look_again()
        passed = self.session.purse.passed_by(view.job.cost_usd, view.job.finished_at)
        is_told = self.session.has_file_of(view.job)
        words = ended_card(job_line(view, self.session.models).as_json(), passed, is_told)
        self._console.print(words, style="green", markup=False)

    def take(self, line: str) -> bool:
        """Act on one line; False when the user leaves."""
        words = line.strip()
        if words in ("/quit", "/exit"):
            return False
        self._unshown = None if self._is_person else line.rstrip()
        try:
            if words.startswith("/"):
                self._command(words)
            elif words:
                self._say(words)
        except (ToolError, AdapterError, SettingsError) as error:
            self._show_line()
            self._console.print(visible(mask(str(error))), markup=False)
        return not self.is_over

    def _put(self, question: Question) -> None:
        """Put the question; where no person sees it, this is the end."""
        if self._is_person:
            forget_typed()
        self._commands.show_card(question.quote, asks=self._is_person)
        if self._is_person:
            return
        how = how_to_confirm(self._conversation.row.conversation_id, question.quote)
        say_json(quote_line(question.quote).as_json(), indent=2)
        self._console.print(f"{NOBODY_SEES} {how}", markup=False, soft_wrap=True)
        self.is_over, self.exit_code = True, CONFIRMATION_NEEDED

    def _show_line(self) -> None:
        """The terminal's own echo goes to the terminal; what is shown here is committed."""
        if self._unshown is not None:
            say(f"> {mask(self._unshown)}")
            self._unshown = None

    def _command(self, line: str) -> None:
        name, _, words = mask_word(line[1:]).partition(" ")
        is_tool = any(tool.name == name for tool in TOOLS)
        if is_tool and words.strip() in HELP_WORDS:
            name, words, is_tool = "help", name, False
        if not is_tool:
            self._show_line()
        if name == "new":
            self._begin(self.session.begin())
            self._console.print("[dim]a new conversation[/dim]")
            self.tell_what_is_there()
        elif name == "resume":
            self._begin(self.session.resume(words.strip() or self._before_this()))
            begins = next((entry.begins for entry in self.session.conversations() if self._is_this(entry)), "")
            self._console.print(f"going on with: {visible(begins)}", markup=False)
            self.go_on()
        elif name == "model":
            self._change_model(words.strip())
        elif is_tool:
            self._tool(line, name, words)
        else:
            self._commands.run(name, words, self._conversation)

    def _begin(self, conversation: Conversation) -> None:
        """Go over to another conversation; a question that is open in this one is withdrawn."""
        self.session.gate.withdraw(self._conversation.row.conversation_id)
        self._conversation = conversation
        self._usd = sum((message.usd for message in conversation.messages), Decimal(0))

    def _before_this(self) -> str | None:
        """The conversation that was used before this one."""
        others = [entry.conversation_id for entry in self.session.conversations() if not self._is_this(entry)]
        return others[0] if others else None

    def _is_this(self, entry: object) -> bool:
        return getattr(entry, "conversation_id", None) == self._conversation.row.conversation_id

    def _change_model(self, name: str) -> None:
        if not name:
            self._console.print(f"{self.session.model.name} answers.", markup=False)
            return
        # A conversation's beginning is bound to the model that it began with: another one begins anew.
        session = Session(self.session.program, self.session.person, choose_model(name, self.session.settings))
        self.session.gate.withdraw(self._conversation.row.conversation_id)
        self.session, self._commands = session, Commands(session, self._console)
        self._conversation, self._usd = session.begin(), Decimal(0)
        self._console.print(f"a new conversation; {session.model.name} answers", markup=False)
        self.tell_what_is_there()

    def _say(self, words: str) -> None:
        question = self.session.pending(self._conversation)
        if question is not None and (is_plain_yes(words) or is_plain_no(words)):
            refusal = self.session.gate.decide(question.row.nonce, self.session.person.owner_id, is_plain_yes(words))
            self._show_line()
            if refusal is not None:
                self._console.print(refusal, markup=False)
            self._turn(None)
        else:
            self._turn(words)

    def _tool(self, line: str, name: str, words: str) -> None:
        """A tool that the person calls: a turn of its own, which the model reads when it is asked next."""
        arguments = read_arguments(find_tool(name), words, [dataset.name for dataset in self.data.all()])
        self._take(
            lambda emit, cancel: self.session.command(self._conversation, line, name, arguments, emit, cancel), True
        )

    def _turn(self, words: str | None) -> None:
        self._take(lambda emit, cancel: self.session.turn(self._conversation, words, emit, cancel), False)

    def _take(self, turn: Callable[[Emit, threading.Event], TurnEnded], shows_results: bool) -> None:
        cancel = threading.Event()
        screen = Screen(self._console, self.session.settings.pictures, float(self._usd), shows_results)
        with _stopped_by_ctrl_c(cancel), screen:
            ended = turn(lambda event: self._show_line() if isinstance(event, Kept) else screen.show(event), cancel)
        self._usd += ended.usd
        if ended.reason == "stopped":
            self._console.print("[dim]stopped[/dim]")
        question = self.session.pending(self._conversation)
        if ended.usd:
            self._console.print(f"[dim]{dollars(ended.usd, 4)}, {ended.seconds:.1f} s[/dim]")
        if question is not None:
            self._put(question)


def _lines(repl: Repl) -> Iterator[str | None]:
    """What the person types, None when they leave by Ctrl-C; no editor where it would draw into a pipe."""
    if standard_input.is_person():
        history = repl.session.settings.home / "history"
        editor = LineEditor(history, lambda: Words(repl.session, repl.data), lambda: repl.status)
        repl.look_again = editor.look_again
        yield from editor.lines()
        return
    yield from sys.stdin


@contextmanager
def _stopped_by_ctrl_c(cancel: threading.Event) -> Iterator[None]:
    """Ctrl-C stops the turn; a second one, when the first does not help, leaves the program."""

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            os._exit(INTERRUPTED)  # the log is valid at every line: nothing is lost by leaving at once
        cancel.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
