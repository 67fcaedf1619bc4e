"""The sheet that every picture is drawn on: readable on a phone, in colours that the colour-blind tell apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from prompts.visible import visible
from tools.plots.fit import Fit
from tools.warned import Warned

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
"""Okabe and Ito (2008), without the yellow that is lost on white."""
MAX_GROUPS = len(PALETTE)
COUNTS = "cividis"
"""The colour map for counts: even in lightness, the same to all eyes."""
WIDTH, HEIGHT, DPI = 5.0, 4.0, 240
FONT, SMALL = 12, 9
MAX_LABEL = 32
MAX_CAPTION = 800
"""Characters: a line of each of eight groups with long names, and what was left out."""


@dataclass(frozen=True)
class Sheet:
    """A figure with one set of axes."""

    figure: Figure
    axes: Axes


@dataclass(frozen=True)
class Drawn:
    """A finished sheet: `n` values are in it, and what was left out, binned or sampled is noted."""

    sheet: Sheet
    n: int
    noted: tuple[Warned, ...] = ()
    lines: tuple[Fit, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is noted, in words."""
        return tuple(one.words for one in self.noted)


def new_sheet(title: str, x_label: str, y_label: str, height: float = HEIGHT) -> Sheet:
    """An empty sheet with its words; `height` in inches, the width is always 5."""
    figure = new_figure(height)
    axes = figure.add_subplot()
    axes.set_title(words(title, 60), fontsize=FONT + 1, loc="left", wrap=True)
    axes.set_xlabel(words(x_label), fontsize=FONT)
    axes.set_ylabel(words(y_label), fontsize=FONT)
    axes.tick_params(labelsize=FONT - 1)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    return Sheet(figure, axes)


def new_figure(height: float) -> Figure:
    """An empty figure; `height` in inches, the width is always 5."""
    # matplotlib has read a matplotlibrc of the current folder, which may be somebody else's: nothing of it holds.
    matplotlib.rcdefaults()
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(drawn: Drawn, path: Path) -> None:
    """Write the sheet as PNG, 1200 pixels wide, with n and the notes below it."""
    caption = "; ".join([f"n = {drawn.n:,}", *drawn.notes])
    drawn.sheet.figure.supxlabel(
        words(caption, MAX_CAPTION), fontsize=SMALL, color="#555555", ha="left", x=0.01, wrap=True
    )
    # Laid out twice: a caption of several lines changes the ticks, and wider ones would push a label off the sheet.
    _lay_out(drawn.sheet.figure)
    drawn.sheet.figure.savefig(path, format="png")


def _lay_out(figure: Figure) -> None:
    """Find a place for everything on the figure, which drawing it would do too, at twice the time."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)


def legend(sheet: Sheet, labels: Sequence[str], handles: Sequence[Artist], title: str) -> None:
    """Which colour is which group; above the axes, where it hides nothing."""
    shown = [words(label) for label in labels]
    # matplotlib leaves out labels that begin with an underscore.
    shown = [f" {label}" if label.startswith("_") else label for label in shown]
    columns = 1 if max(map(len, shown)) > 18 else 2 if max(map(len, shown)) > 9 else 3
    sheet.axes.legend(
        handles,
        shown,
        title=words(title),
        fontsize=SMALL + 1,
        title_fontsize=SMALL + 1,
        ncols=min(columns, len(shown)),
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        borderaxespad=0.2,
    )
    n_lines = 1 + math.ceil(len(shown) / columns)
    sheet.axes.set_title(sheet.axes.get_title(loc="left"), fontsize=FONT + 1, loc="left", pad=10 + 15 * n_lines)


def dated(axes: Axes) -> None:
    """Show the x axis, in days since 1970, as dates."""
    locator = AutoDateLocator(minticks=3, maxticks=8)  # type: ignore[no-untyped-call]  # matplotlib has no types there
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # matplotlib has no types there


def words(text: str, most: int = MAX_LABEL) -> str:
    """A text out of data as a label: one line, cut to size, and a dollar sign is a dollar sign, never a formula."""
    cut = one_line(text, most)
    return cut.replace("$", r"\$")


def one_line(text: str, most: int = MAX_LABEL) -> str:
    """A text out of data within a note: one line, cut to size."""
    line = visible(text.replace("\n", " ").replace("\t", " "))
    # The end is kept too: long names often differ there.
    return line if len(line) <= most else f"{line[: most - 1 - most // 3]}…{line[len(line) - most // 3 :]}"
