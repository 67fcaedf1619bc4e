"""The screen that everything of ours is drawn on: no text on it moves the cursor, hides, or is a link."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from prompts.visible import visible

LEAST_WIDTH = 20
"""Columns below which no line can be read."""


class Terminal(Console):
    """A console whose text is visible. Colours are rich's own and stay; a picture is drawn past it."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments with what shows nothing as its escape; tables and Markdown have escaped theirs before."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else _shown(segment)


def open_terminal(err: bool = False) -> Terminal:
    """The terminal, or the pipe, that the program writes to."""
    terminal = Terminal(highlight=False, stderr=err)
    return terminal if terminal.width >= LEAST_WIDTH else Terminal(highlight=False, stderr=err, width=LEAST_WIDTH)


def _shown(segment: Segment) -> Segment:
    # A link is a code that names an address which nobody sees: its text says it, or it is none.
    style = segment.style.update_link(None) if segment.style is not None and segment.style.link else segment.style
    return Segment(visible(segment.text), style)
