"""`statagent chat` at the prompt: type, watch, confirm, stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from agent.conversation import Conversation
from agent.gate import Question
from prompts.cards import confirm_card
from runtime.answers import is_plain_no, is_plain_yes
from runtime.app import App
from runtime.choose_model import LateModel
from runtime.reconciler import Reconciler
from runtime.screen import Screen

HELP = """/help  this page      /new  a new conversation      /quit  leave (or Ctrl-D)
Ctrl-C stops what is running. Anything else is said to the statistician, e.g. load evals/data/penguins.csv"""


def talk(app: App, conversation: Conversation, model: LateModel) -> int:
    """Read lines until the user leaves; gives the exit code."""
    console = Console(highlight=False)
    repl = Repl(app, conversation, console)
    console.print("[bold]statagent[/bold]  a statistician that you can talk to. /help for help, Ctrl-D to leave.")
    # scikit-learn and the model load while the person reads and types.
    threading.Thread(target=model.warm, daemon=True).start()
    repl.go_on()
    with Reconciler(app.jobs):
        for line in _lines(app):
            if not repl.take(line):
                break
    return 0


class Repl:
    """One conversation on a terminal."""

    def __init__(self, app: App, conversation: Conversation, console: Console) -> None:
        self._app = app
        self._conversation = conversation
        self._console = console

    def go_on(self) -> None:
        """Take over what jobs have done meanwhile, finish a turn that a crash cut off, put an open question again."""
        for view in self._app.jobs.reconcile():
            if view.job.state.is_final:
                self._console.print(f"[dim]{view.job.job_id} has ended meanwhile: {view.job.state.value}[/dim]")
        question = self._app.pending(self._conversation)
        if question is not None:
            self._show(question)
        elif self._conversation.open_calls():
            self._console.print("[dim]going on where the last run was cut off[/dim]")
            self._turn(None)

    def take(self, line: str) -> bool:
        """Act on one line; False when the user leaves."""
        words = line.strip()
        question = self._app.pending(self._conversation)
        if words in ("/quit", "/exit"):
            return False
        if words == "/help":
            self._console.print(HELP, markup=False)
        elif words == "/new":
            self._app.gate.withdraw(self._conversation.row.conversation_id)
            self._conversation = self._app.begin()
            self._console.print("[dim]a new conversation[/dim]")
        elif words.startswith("/"):
            self._console.print(f"There is no command {words.split()[0]}.\n{HELP}", markup=False)
        elif question is not None and (is_plain_yes(words) or is_plain_no(words)):
            refusal = self._app.gate.decide(question.row.nonce, self._app.settings.owner, is_plain_yes(words))
            if refusal is not None:
                self._console.print(refusal, markup=False)
            self._turn(None)
        elif words:
            self._turn(words)
        return True

    def _turn(self, words: str | None) -> None:
        cancel = threading.Event()
        with _stopped_by_ctrl_c(cancel), Screen(self._console) as screen:
            ended = self._app.turn(self._conversation, words, screen.show, cancel)
        if ended.reason == "stopped":
            self._console.print("[dim]stopped[/dim]")
        question = self._app.pending(self._conversation)
        if question is not None:
            self._show(question)
        if ended.usd:
            self._console.print(f"[dim]${ended.usd:.4f}, {ended.seconds:.1f} s[/dim]")

    def _show(self, question: Question) -> None:
        card = Panel(Text(confirm_card(question.quote)), title="This needs your yes", expand=False)
        self._console.print(card)
        self._console.print("Start it? Type [bold]yes[/bold] or [bold]no[/bold].")


def _lines(app: App) -> Iterator[str]:
    """What the person types; from a pipe, its lines."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        for line in sys.stdin:
            print(f"> {line.rstrip()}", flush=True)  # noqa: T201 - a pipe shows no echo of its own
            yield line
        return
    session: PromptSession[str] = PromptSession(history=FileHistory(str(app.settings.home / "history")))
    while True:
        try:
            yield session.prompt("> ")
        except KeyboardInterrupt:
            continue
        except EOFError:
            return


@contextmanager
def _stopped_by_ctrl_c(cancel: threading.Event) -> Iterator[None]:
    """Ctrl-C stops the turn; a second one, when the first does not help, leaves the program."""

    def stop(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            os._exit(130)  # the log is valid at every line: nothing is lost by leaving at once
        cancel.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
