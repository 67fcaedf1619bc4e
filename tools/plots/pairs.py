"""A few columns of numbers, each against each: points below the diagonal, histograms on it, r above."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tools.plots.canvas import FONT, PALETTE, SMALL, WIDTH, Drawn, Sheet, new_figure, words
from tools.plots.notes import Notes
from tools.plots.tables import correlations
from tools.plots.values import Axis, Correlate, Fetch, Floats, Group, NothingToDraw, groups, sample, total

MAX_COLUMNS = 6
MAX_POINTS = 1_500


def pair_plot(fetch: Fetch, columns: Sequence[Axis], color: Axis | None, title: str, correlate: Correlate) -> Drawn:
    """Scatters, histograms and Pearson's r (of all rows where both are present) of two to six columns.

    Points and histograms are of the rows where all are present, a sample where there are many.
    """
    if not 2 <= len(columns) <= MAX_COLUMNS:
        raise NothingToDraw(f"a pair plot takes 2 to {MAX_COLUMNS} columns of numbers; there are {len(columns)}")
    sqls = [axis.sql for axis in columns]
    chosen, notes = groups(fetch, color, *sqls)
    parts = [sample(fetch, sqls, group.condition, MAX_POINTS // len(chosen)) for group in chosen]
    n_there = total(chosen)
    r = correlations(columns, correlate)
    k = len(columns)
    figure = new_figure(WIDTH + 0.6)
    grid = np.asarray(figure.subplots(k, k, sharex="col", squeeze=False))
    room = "" if color is None else "\n\n\n"  # for the legend, between the title and the grid
    figure.suptitle(words(title, 44) + room, fontsize=FONT + 1, x=0.01, ha="left")
    arrays = [values for values, _ in parts]
    for row, column in product(range(k), range(k)):
        names = (columns[column].name if row == k - 1 else None, columns[row].name if column == 0 else None)
        _prepare(grid[row, column], *names, has_ticks=column == 0 and row > 0)
        if row > column:
            for values, shade in zip(arrays, PALETTE, strict=False):
                grid[row, column].plot(values[:, column], values[:, row], ".", color=shade, markersize=2, alpha=0.5)
        elif row < column:
            _say_r(grid[row, column], float(r[row, column]))
    for place in range(k):
        _histograms(grid[place, place], [values[:, place] for values in arrays])
    if color is not None:
        _legend(figure, chosen, color)
    n_shown = sum(map(len, arrays))
    sampled = (Notes.POINTS_OF_A_SAMPLE(n_drawn=n_shown),) if n_shown < n_there else ()
    said = Notes.R_ABOVE() if color is None else Notes.R_OF_ALL_ABOVE()
    return Drawn(Sheet(figure, grid[0, 0]), n_there, (said, *sampled, *notes))


def _prepare(axes: Axes, across: str | None, up: str | None, has_ticks: bool) -> None:
    axes.tick_params(labelsize=SMALL - 3)
    axes.spines[["top", "right"]].set_visible(False)
    if not has_ticks:
        axes.set_yticklabels([])
    if across is not None:
        axes.set_xlabel(words(across, 14), fontsize=SMALL - 1)
    if up is not None:
        axes.set_ylabel(words(up, 14), fontsize=SMALL - 1)


def _histograms(axes: Axes, values: Sequence[Floats]) -> None:
    everything = np.concatenate(values)
    low, high = float(everything.min()), float(everything.max())
    edges = list(np.linspace(low, high if high > low else low + 1, 21))
    for part, shade in zip(values, PALETTE, strict=False):
        axes.hist(part, bins=edges, color=shade, alpha=0.6)
    axes.set_yticks([])


def _say_r(axes: Axes, r: float) -> None:
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(bottom=False, labelbottom=False)
    shade = "#555555" if math.isnan(r) else PALETTE[0] if r >= 0 else PALETTE[1]
    text = "–" if math.isnan(r) else f"{r:.2f}"
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=FONT - 1, color=shade)


def _legend(figure: Figure, chosen: Sequence[Group], color: Axis) -> None:
    handles = [Line2D([], [], marker="o", linestyle="", color=shade) for shade in PALETTE[: len(chosen)]]
    labels = [f" {words(group.label, 18)}" for group in chosen]  # a leading underscore would be left out
    figure.legend(
        handles, labels, title=words(color.name), fontsize=SMALL, title_fontsize=SMALL,
        ncols=min(4, len(labels)), frameon=False, loc="upper left", bbox_to_anchor=(0.0, 0.965), alignment="left",
    )  # fmt: skip
