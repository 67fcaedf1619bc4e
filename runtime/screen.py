"""What a turn looks like on a terminal: Markdown as it comes, one line a tool, files by their path."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.status import Status

from agent.events import Event, Flagged, Notice, TextDelta, ToolFinished, ToolProgress, ToolStarted
from prompts.cards import flagged_sentence
from prompts.visible import visible

MAX_ARGUMENTS = 80


class Screen:
    """Shows the events of one turn."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._text = ""
        self._status: Status | None = None

    def __enter__(self) -> Screen:
        self._wait("thinking")
        return self

    def __exit__(self, *failure: object) -> None:
        self._print_text(whole=True)
        self._wait(None)

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, TextDelta):
            self._text += visible(event.text)
            self._print_text(whole=False)
            return
        self._print_text(whole=True)
        if isinstance(event, ToolStarted):
            self._wait(event.name)
        elif isinstance(event, ToolProgress):
            share = "" if event.fraction is None else f" {event.fraction:.0%}"
            self._wait(f"{visible(event.sentence)}{share}")
        elif isinstance(event, ToolFinished):
            self._print_tool(event)
            self._wait("thinking")
        elif isinstance(event, Flagged):
            self._console.print(f"[yellow]{escape(flagged_sentence(event.numbers))}[/yellow]")
        elif isinstance(event, Notice):
            self._console.print(f"[yellow]{escape(visible(event.text))}[/yellow]")

    def _print_tool(self, event: ToolFinished) -> None:
        mark = "[red]✗[/red]" if event.is_error else "[green]✓[/green]"
        self._console.print(f"{mark} [dim]{escape(event.name)}  {event.seconds:.1f} s[/dim]")
        for artifact in event.artifacts:
            self._console.print(f"  {escape(visible(artifact.title))}: ", end="")
            self._console.print(str(artifact.path), markup=False, soft_wrap=True)

    def _print_text(self, whole: bool) -> None:
        """Print every paragraph that is complete; a paragraph, a list or a table is rendered in one piece."""
        while "\n\n" in self._text and self._text[: self._text.index("\n\n")].count("```") % 2 == 0:
            paragraph, self._text = self._text.split("\n\n", 1)
            self._print_markdown(paragraph)
        if whole and self._text.strip():
            self._print_markdown(self._text)
            self._text = ""

    def _print_markdown(self, text: str) -> None:
        if text.strip():
            self._console.print(Markdown(text))

    def _wait(self, sentence: str | None) -> None:
        """The moving line that says what is being done; only where someone watches."""
        if not self._console.is_terminal:
            return
        if self._status is not None:
            self._status.stop()
            self._status = None
        if sentence is not None:
            self._status = self._console.status(f"[dim]{escape(sentence[:MAX_ARGUMENTS])}[/dim]")
            self._status.start()
