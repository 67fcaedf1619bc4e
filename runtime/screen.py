"""What a turn looks like on a terminal: Markdown as it comes, a status line, a line a tool, pictures."""

from __future__ import annotations

import threading
import time
from functools import cached_property

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.markup import escape
from rich.spinner import Spinner
from rich.text import Text

from agent.events import Event, Flagged, Notice, TakenBack, TextDelta, ToolFinished, ToolProgress, ToolStarted
from agent.not_run import NotRun
from prompts.cards import flagged_sentence
from prompts.dollars import dollars
from prompts.visible import one_line, visible
from runtime.pictures import How, find_how, show_picture
from runtime.rendering import FoldingMarkdown, result_view
from tools.results import Artifact

LOOKS_A_SECOND = 10
MAX_TITLE = 120
DOES_NOT_COUNT = "What stands above of this reply does not count."


class StatusLine:
    """What is being done, for how long, and what the conversation has cost so far; drawn anew at each look."""

    def __init__(self, usd_before: float) -> None:
        self.what = "thinking"
        self.usd = usd_before
        self._started = time.monotonic()
        self._spinner = Spinner("dots")

    def begin(self, what: str) -> None:
        """Something else is being done from now on."""
        if what != self.what:
            self.what, self._started = what, time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        seconds = time.monotonic() - self._started
        cost = f"  {dollars(self.usd, 4)}" if self.usd else ""
        line = f"{self.what}  {seconds:.1f} s{cost}"
        mark = self._spinner.render(time.monotonic())
        yield Text.assemble(mark if isinstance(mark, Text) else "", " ", (line[: options.max_width - 3], "dim"))


class Screen:
    """Shows the events of one turn."""

    def __init__(
        self, console: Console, pictures: str = "auto", usd_before: float = 0.0, shows_results: bool = False
    ) -> None:
        self._shows_results = shows_results
        self._console = console
        self._wish = pictures
        self._text = ""
        self._has_printed = False  # of the reply that comes
        self._status = StatusLine(usd_before)
        self._live: Live | None = None
        # Where the moving lines are drawn anew while something is printed above them, parts of them stay behind.
        self._drawing = threading.RLock()
        self._is_over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="screen", daemon=True)

    def __enter__(self) -> Screen:
        if self._console.is_terminal:
            self._live = Live(console=self._console, transient=True, auto_refresh=False, get_renderable=self._now)
            self._live.start()
            self._ticker.start()
        return self

    def __exit__(self, *failure: object) -> None:
        with self._drawing:
            self._print_text(whole=True)
        if self._live is not None:
            self._is_over.set()
            self._ticker.join()
            self._live.stop()

    def _tick(self) -> None:
        """Draw the moving lines again and again, in a thread of its own."""
        while not self._is_over.wait(1 / LOOKS_A_SECOND):
            with self._drawing:
                if self._live is not None and self._live.is_started:
                    self._live.refresh()

    def show(self, event: Event) -> None:
        """Show one event."""
        with self._drawing:
            self._show(event)

    def _show(self, event: Event) -> None:
        if isinstance(event, TextDelta):
            self._text += event.text
            self._status.begin("answering")
            self._print_text(whole=False)
            return
        if isinstance(event, TakenBack):
            self._take_back()
            return
        self._print_text(whole=True)
        self._has_printed = False
        if isinstance(event, ToolStarted):
            self._status.begin(event.name)
        elif isinstance(event, ToolProgress):
            share = "" if event.fraction is None else f" {event.fraction:.0%}"
            self._status.what = f"{visible(event.sentence)}{share}"
        elif isinstance(event, ToolFinished):
            self._print_tool(event)
            self._status.begin("thinking")
        elif isinstance(event, Flagged):
            self._console.print(f"[yellow]{escape(flagged_sentence(event.numbers))}[/yellow]")
        elif isinstance(event, Notice):
            self._console.print(f"[yellow]{escape(visible(event.text))}[/yellow]")

    def _take_back(self) -> None:
        """Words that are still coming go; of a paragraph that has scrolled away it is said."""
        self._text = ""
        if self._has_printed:
            self._console.print(f"[yellow]{DOES_NOT_COUNT}[/yellow]")
        self._has_printed = False

    def _now(self) -> RenderableType:
        """The words that are still coming, and the status line below them."""
        if not self._text.strip():
            return self._status
        # The end of a long paragraph is what is being read; Live cannot draw more than a screen.
        lines = self._text.splitlines()[-max(3, self._console.height - 4) :]
        return Group(FoldingMarkdown("\n".join(lines)), self._status)

    def _print_tool(self, event: ToolFinished) -> None:
        self._console.print(_line_of(event))
        if self._shows_results:
            error = escape(visible(str(event.content.get("error"))))
            self._console.print(f"[red]{error}[/red]" if event.is_error else result_view(event.content))
        if not event.artifacts:
            return
        # A picture moves the cursor by itself: the moving line makes room for it.
        if self._live is not None:
            self._live.stop()
        for artifact in event.artifacts:
            show_artifact(artifact, self._console, self._how)
        if self._live is not None:
            self._live.start()

    @cached_property
    def _how(self) -> How:
        return find_how(self._wish)

    def _print_text(self, whole: bool) -> None:
        """Print every paragraph that is complete; a paragraph, a list or a table is rendered in one piece."""
        while "\n\n" in self._text and self._text[: self._text.index("\n\n")].count("```") % 2 == 0:
            paragraph, self._text = self._text.split("\n\n", 1)
            self._print_markdown(paragraph)
        if whole and self._text.strip():
            text, self._text = self._text, ""
            self._print_markdown(text)

    def _print_markdown(self, text: str) -> None:
        if text.strip():
            self._has_printed = True
            self._console.print(FoldingMarkdown(text))


def _line_of(event: ToolFinished) -> str:
    """A tick or a cross with the tool's name and its seconds; of a call that a person did not want, that."""
    why = str(event.content.get("error")) if event.is_error else ""
    if why in (NotRun.SAID_NO, NotRun.WROTE_INSTEAD):
        return f"[dim]– {escape(event.name)}  {escape(why)}[/dim]"
    mark = "[red]✗[/red]" if event.is_error else "[green]✓[/green]"
    return f"{mark} [dim]{escape(event.name)}  {event.seconds:.1f} s[/dim]"


def show_artifact(artifact: Artifact, console: Console, how: How) -> None:
    """The picture where the terminal can, and the path in any case."""
    if artifact.kind == "png":
        show_picture(artifact.path, console, how)
    console.print(f"  {escape(one_line(artifact.title, MAX_TITLE))}: ", end="")
    console.print(visible(str(artifact.path)), markup=False, soft_wrap=True)
