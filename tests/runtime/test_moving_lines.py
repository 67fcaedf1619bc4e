"""The moving lines of a turn leave nothing behind, also where they are drawn while something is being printed."""

from __future__ import annotations

import io
import re
import time

from rich.console import ConsoleOptions, RenderableType
from rich.segment import Segment

from agent.events import TextDelta
from runtime.screen import Screen
from runtime.terminal import Terminal

CODE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


class Slow(Terminal):
    """A terminal on which what is printed takes as long to make as a large table does; the moving lines do not."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> list[Segment]:
        """The segments, after a while where they hold the word."""
        segments = list(super().render(renderable, options))
        if any("slowly" in segment.text for segment in segments) and "Markdown" in type(renderable).__name__:
            time.sleep(0.35)
        return segments


def seen(written: str) -> list[str]:
    """What stands on a screen that got these codes: lines without the empty ones."""
    lines, row, column = [""], 0, 0
    place = 0
    while place < len(written):
        code = CODE.match(written, place)
        if code is not None:
            n = int(code[1]) if code[1].isdigit() else 1
            if code[2] == "A":
                row = max(0, row - n)
            elif code[2] == "K":
                lines[row] = lines[row][:column] if code[1] in ("", "0") else ""
            place = code.end()
            continue
        sign = written[place]
        place += 1
        if sign == "\r":
            column = 0
        elif sign == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        else:
            lines[row] = lines[row][:column].ljust(column) + sign + lines[row][column + 1 :]
            column += 1
    return [line.strip() for line in lines if line.strip()]


def test_a_paragraph_that_comes_while_another_is_printed_is_shown_once() -> None:
    file = io.StringIO()
    console = Slow(file=file, width=60, height=30, force_terminal=True, color_system=None)
    with Screen(console, pictures="path") as screen:
        for text in (
            "First of all, slowly.",
            "\n\n",
            "Then another",
            " line of words",
            ", and\nmore",
            " of it, slowly.\n\n",
        ):
            screen.show(TextDelta(text))
            time.sleep(0.15)
        screen.show(TextDelta("The end."))
    lines = seen(file.getvalue())
    assert lines == ["First of all, slowly.", "Then another line of words, and more of it, slowly.", "The end."]


def test_the_screen_that_judges_takes_lines_back() -> None:
    assert seen("a\nb\r\x1b[2Kc\x1b[1A\r\x1b[2Kd\n") == ["d", "c"]
