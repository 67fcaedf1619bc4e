"""The slash commands of the prompt: each does one thing and prints it; the prompt itself changes the conversation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.records import Quote
from agent.conversation import Conversation
from prompts.dollars import dollars
from prompts.visible import visible
from runtime import listings
from runtime.command_words import AT_THE_PROMPT as COMMANDS
from runtime.command_words import HOW_TOOLS, unknown_command
from runtime.export import FORMATS, export
from runtime.exported_model import HOW, WORD, exported_model
from runtime.rendering import result_view, table_of
from runtime.session import Session
from runtime.tool_help import help_text
from tools import TOOLS, find_tool
from tools.errors import ToolError

LABEL_WIDTH = 13
"""Characters of the card that its labels stand in; where a name is longer than the screen, it goes on beside them."""
HINT = (
    "Anything else is said to the statistician. Tab completes, Alt-Enter begins a line, Ctrl-C stops what is running."
)


class Commands:
    """Runs the commands that only look."""

    def __init__(self, session: Session, console: Console) -> None:
        self._session = session
        self._console = console

    def run(self, name: str, words: str, conversation: Conversation) -> None:
        """Run `/name words`.

        Raises
        ------
        ToolError
            If there is no such command, or it cannot be done.
        """
        seen_by = conversation.row.conversation_id
        lookers: Mapping[str, Callable[[], None]] = {
            "help": lambda: self._help(words.strip().removeprefix("/")),
            "datasets": lambda: self._list(listings.datasets(self._session, seen_by), "Nothing is loaded yet."),
            "models": lambda: self._list(listings.models(self._session), "There is no model yet."),
            "jobs": lambda: self._list(listings.jobs(self._session), "There is no job yet."),
            "sessions": lambda: self._list(listings.conversations(self._session), "Nothing was said yet."),
            "cost": lambda: self._cost(conversation),
            "export": lambda: self._export(words, conversation),
        }
        if name not in lookers:
            raise ToolError(unknown_command(name, COMMANDS))
        lookers[name]()

    def show_card(self, quote: Quote, asks: bool = True) -> None:
        """The question, as our own code puts it; `asks` where a person can answer."""
        self._console.print(Panel(_card_view(self._session.card(quote)), title="This needs your yes", expand=False))
        if asks:
            self._console.print("Start it? Type [bold]yes[/bold] or [bold]no[/bold].")

    def _help(self, name: str) -> None:
        if name in COMMANDS:
            self._console.print(f"/{name}: {COMMANDS[name]}", markup=False)
            return
        if name:
            self._console.print(help_text(find_tool(name), self._console.width), markup=False, highlight=False)
            return
        self._console.print(table_of([{"command": f"/{name}", "": text} for name, text in COMMANDS.items()]))
        self._console.print(f"\n{HOW_TOOLS}", markup=False, highlight=False)
        self._console.print(Text("  ".join(f"/{tool.name}" for tool in TOOLS), style="dim"))
        self._console.print(HINT)

    def _list(self, records: listings.Records, nothing: str) -> None:
        self._console.print(table_of(records) if records else nothing)

    def _cost(self, conversation: Conversation) -> None:
        spent = sum((message.usd for message in conversation.messages), Decimal(0))
        self._console.print(f"This conversation: {dollars(spent, 4)}")
        self._console.print(result_view(listings.costs(self._session)))

    def _export(self, words: str, conversation: Conversation) -> None:
        parts = words.split(maxsplit=1)
        if parts and parts[0] == WORD:
            artifact = exported_model(self._session, "".join(parts[1:]).strip())
            self._console.print(f"written: {escape(visible(str(artifact.path)))}", soft_wrap=True)
            return
        if not parts or parts[0] not in FORMATS:
            raise ToolError(f"/export {'|'.join(FORMATS)} [FILE], or {HOW}")
        wished = Path(parts[1]).expanduser() if len(parts) > 1 else None
        done = export(self._session, conversation.row.conversation_id, parts[0], wished)
        self._console.print(f"written: {escape(visible(str(done.path)))}", soft_wrap=True)
        if done.beside is not None:
            self._console.print(f"It reads {escape(visible(str(done.beside)))}: keep both together.", soft_wrap=True)


def _card_view(card: str) -> RenderableType:
    """The card, whose first column holds our labels and nothing else at any width."""
    head, *lines = card.splitlines()
    grid = Table.grid()
    grid.add_column(min_width=LABEL_WIDTH, no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        grid.add_row(Text(line[:LABEL_WIDTH]), Text(line[LABEL_WIDTH:]))
    return Group(Text(head), grid)
