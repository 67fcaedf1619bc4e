"""A table as pictures for a phone: numbers to the right, long ones folded into parts that each bear the head."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.patches import Rectangle
from matplotlib.textpath import TextPath

from tools.plots.canvas import WIDTH, new_figure

FONT_SIZE = 10
"""Points: about 10 of a phone's own, at its width of 375."""
LINE = 1.5 * FONT_SIZE / 72
MARGIN, GAP = 0.08, 0.14
"""Inches at the edges, and between columns."""
MAX_CELL = 22
"""Letters in a line of a cell: longer ones are folded."""
MAX_CELL_LINES = 4
MAX_LINES = 40
"""Lines of a part: with more it would be too small to be read where it is shown whole."""
MAX_PARTS = 10
HEAD_COLOUR, STRIPE = "#e8eef4", "#f6f6f6"

Cells = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Part:
    """Which rows and columns stand on one picture; the first column stands on each."""

    rows: range
    columns: tuple[int, ...]


def can_draw(cells: Cells) -> bool:
    """Whether the font has every letter."""
    letters = {ord(letter) for row in cells for cell in row for letter in cell if letter not in "\n\t"}
    return letters <= _letters()


@cache
def _letters() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())


def table_parts(head: Sequence[str], rows: Cells) -> list[Part]:
    """How the table is divided, at most ten parts: all columns of the first rows, then those of the next."""
    folded = [[_folded(cell) for cell in row] for row in (head, *rows)]
    widths = [max(_width(row[at]) for row in folded) for at in range(len(head))]
    sheaves = _sheaves(widths)
    heights = [max(cell.count("\n") + 1 for cell in row) for row in folded]
    blocks: list[range] = []
    start, used = 0, heights[0]
    for place, height in enumerate(heights[1:]):
        if used + height > MAX_LINES and place > start:
            blocks.append(range(start, place))
            start, used = place, heights[0]
        used += height
    blocks.append(range(start, len(rows)))
    return [Part(block, columns) for block in blocks for columns in sheaves][:MAX_PARTS]


def _sheaves(widths: Sequence[float]) -> list[tuple[int, ...]]:
    """Columns that fit beside one another, after the first."""
    room = WIDTH - 2 * MARGIN - widths[0]
    sheaves: list[list[int]] = [[]]
    used = 0.0
    for at in range(1, len(widths)):
        if sheaves[-1] and used + GAP + widths[at] > room:
            sheaves.append([])
            used = 0.0
        sheaves[-1].append(at)
        used += GAP + widths[at]
    return [(0, *sheaf) for sheaf in sheaves]


def draw_table(head: Sequence[str], rows: Cells, to_right: Sequence[bool], part: Part) -> bytes:
    """One part as PNG, 1200 pixels wide."""
    chosen = [[_folded(row[at]) for at in part.columns] for row in (head, *(rows[at] for at in part.rows))]
    sides = [to_right[at] for at in part.columns]
    heights = [LINE * max(cell.count("\n") + 1 for cell in row) + 0.4 * LINE for row in chosen]
    widths = [max(_width(row[at]) for row in chosen) for at in range(len(sides))]
    spare = max(0.0, WIDTH - 2 * MARGIN - sum(widths) - GAP * (len(widths) - 1))
    gap = GAP + min(0.5, spare / max(1, len(widths) - 1))
    lefts = [MARGIN + sum(widths[:at]) + gap * at for at in range(len(widths))]
    figure = new_figure(sum(heights) + 2 * MARGIN)
    figure.set_layout_engine("none")
    top = MARGIN
    for place, (row, height) in enumerate(zip(chosen, heights, strict=True)):
        _band(figure, top, height, HEAD_COLOUR if place == 0 else STRIPE if place % 2 == 0 else "white")
        for cell, left, width, is_right in zip(row, lefts, widths, sides, strict=True):
            figure.text(
                (left + width if is_right else left) / WIDTH,
                1 - (top + 0.2 * LINE) / figure.get_figheight(),
                cell.replace("$", r"\$"),
                fontsize=FONT_SIZE,
                weight="bold" if place == 0 else "normal",
                ha="right" if is_right else "left",
                va="top",
            )
        top += height
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _band(figure: Figure, top: float, height: float, colour: str) -> None:
    full = figure.get_figheight()
    place = (0, 1 - (top + height) / full)
    figure.add_artist(Rectangle(place, 1, height / full, facecolor=colour, transform=figure.transFigure, zorder=-1))


def _folded(cell: str) -> str:
    """The cell in lines that are not too long; of very long ones the beginning, and a sign that there is more."""
    lines = [part for line in cell.split("\n") for part in textwrap.wrap(line, MAX_CELL) or [""]]
    if len(lines) > MAX_CELL_LINES:
        lines = [*lines[: MAX_CELL_LINES - 1], f"{lines[MAX_CELL_LINES - 1]}…"]
    return "\n".join(lines)


def _width(cell: str) -> float:
    """Inches of the longest line, as bold as the head."""
    return max(map(_line_width, cell.split("\n")))


@cache
def _line_width(line: str) -> float:
    if not line.strip():
        return 0.0
    path = TextPath((0, 0), line.replace("$", r"\$"), size=FONT_SIZE, prop=FontProperties(weight="bold"))
    return float(path.get_extents().x1) / 72
