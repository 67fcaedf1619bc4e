"""Categories: bars of counts or means, and heat maps of counts and of correlations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Patch
from scipy import stats

from tools.plots.canvas import COUNTS, FONT, PALETTE, SMALL, Drawn, Sheet, legend, new_sheet, words
from tools.plots.near_one import near_one
from tools.plots.notes import Notes
from tools.plots.values import Axis, Correlate, Fetch, Floats, NothingToDraw, count, groups
from tools.stats.floats import LEVEL
from tools.stats.powers_of_two import times
from tools.stats.summary import Row
from tools.warned import Warned

MAX_BARS = 20
MAX_NAMES = 25


def bars(fetch: Fetch, x: Axis, y: Axis | None, color: Axis | None, title: str, ordered: bool) -> Drawn:
    """The number of rows in each category, or the mean of y with its 95 % interval (Student's t).

    Parameters
    ----------
    ordered : bool
        The categories have an order of their own (numbers, dates); else the most frequent comes first.
    """
    present = x.sql if y is None else y.sql
    chosen, notes = groups(fetch, color, *([x.sql] if y is None else [x.sql, y.sql]))
    labels, left = _categories(fetch, x.sql, present, ordered)
    lying = max(map(len, labels)) * len(labels) > 40
    name = "rows" if y is None else f"mean {y.name}"
    height = 1.6 + 0.3 * len(labels) * max(1, 0.6 * len(chosen)) if lying else 4.0
    sheet = new_sheet(title, name if lying else x.name, x.name if lying else name, height=min(12.0, max(4.0, height)))
    thick, n = 0.8 / len(chosen), 0
    for index, (group, shade) in enumerate(zip(chosen, PALETTE, strict=False)):
        found = {label: value for label, *value in _values(fetch, x.sql, y, group.condition)}
        values = [found.get(label, [0, math.nan, math.nan]) for label in labels]
        n += sum(value[0] for value in values)
        places: Floats = np.arange(len(labels), dtype=np.float64) + (index - (len(chosen) - 1) / 2) * thick
        _draw_bars(sheet, places, values, y is not None, lying, thick, shade)
    shown = [words(label, 24) for label in labels]
    if lying:
        sheet.axes.set_yticks(range(len(labels)), shown)
        sheet.axes.invert_yaxis()
    else:
        sheet.axes.set_xticks(range(len(labels)), shown)
    if color is not None:
        legend(sheet, [group.label for group in chosen], [Patch(color=s) for s in PALETTE[: len(chosen)]], color.name)
    interval = (Notes.MEANS_AND_INTERVALS(),) if y is not None else ()
    return Drawn(sheet, n, (*notes, *left, *interval))


def count_map(fetch: Fetch, x: Axis, y: Axis, title: str, ordered: tuple[bool, bool]) -> Drawn:
    """How many rows have each pair of categories; the 20 most frequent of each column."""
    _, notes = count(fetch, x.sql, y.sql)
    across, left_x = _categories(fetch, x.sql, y.sql, ordered[0], x.name)
    up, left_y = _categories(fetch, y.sql, x.sql, ordered[1], y.name)
    rows = fetch(
        f"SELECT CAST({x.sql} AS VARCHAR), CAST({y.sql} AS VARCHAR), count(*) FROM data "
        f"WHERE ({x.sql}) IS NOT NULL AND ({y.sql}) IS NOT NULL GROUP BY 1, 2"
    )
    counts = np.zeros((len(up), len(across)))
    for a, b, number in rows:
        if a in across and b in up:
            counts[up.index(b), across.index(a)] = number
    sheet = new_sheet(title, x.name, y.name, height=max(4.0, 1.8 + 0.3 * len(up)))
    draw_map(
        sheet, counts, across, up, [[f"{value:.0f}" for value in row] for row in counts], COUNTS, (0.0, counts.max())
    )
    return Drawn(sheet, int(counts.sum()), (*notes, *left_x, *left_y))


def correlation_map(fetch: Fetch, columns: Sequence[Axis], title: str, correlate: Correlate) -> Drawn:
    """Pearson's r of each pair of columns over the rows where both are present; blank where one is constant.

    n counts the rows that at least one pair rests on.
    """
    if len(columns) < 2:
        raise NothingToDraw("a heat map of correlations needs two columns of numbers")
    left = len(columns) - MAX_NAMES
    columns = columns[:MAX_NAMES]
    n_present = " + ".join(f"(({axis.sql}) IS NOT NULL)::INTEGER" for axis in columns)
    n, notes = count(fetch, f"CASE WHEN {n_present} >= 2 THEN 1 END")
    matrix = correlations(columns, correlate)
    names = [axis.name for axis in columns]
    sheet = new_sheet(title, "", "", height=max(4.0, 1.8 + 0.28 * len(columns)))
    texts = [["" if math.isnan(r) else f"{r:.2f}" for r in row] for row in matrix]
    draw_map(sheet, matrix, names, names, texts, "RdBu_r", (-1.0, 1.0))
    more = (Notes.OTHER_COLUMNS(n_left=left),) if left > 0 else ()
    return Drawn(sheet, n, (Notes.R_OF_PRESENT(), *notes, *more))


def correlations(columns: Sequence[Axis], correlate: Correlate) -> Floats:
    """Pearson's r of each pair, shape (n_columns, n_columns); NaN where it is not defined."""
    pairs = [(i, j) for i in range(len(columns)) for j in range(i + 1)]
    matrix = np.full((len(columns), len(columns)), math.nan)
    for (i, j), r in zip(pairs, correlate(columns, pairs), strict=True):
        matrix[i, j] = matrix[j, i] = math.nan if r is None else r
    return matrix


def _categories(
    fetch: Fetch, sql: str, present: str, ordered: bool, name: str | None = None
) -> tuple[list[str], tuple[Warned, ...]]:
    """The categories to draw, and a note about the others, which names the column where a name is given."""
    found = fetch(
        f"SELECT CAST({sql} AS VARCHAR), count(*), row_number() OVER (ORDER BY min({sql})) FROM data "
        f"WHERE ({sql}) IS NOT NULL AND ({present}) IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 3"
    )
    kept = sorted(found[:MAX_BARS], key=lambda row: row[2]) if ordered else found[:MAX_BARS]
    n_left = sum(row[1] for row in found[MAX_BARS:])
    others = Notes.OTHER_CATEGORIES if name is None else Notes.OTHER_CATEGORIES_OF
    note = others(name=name, most=MAX_BARS, n_values=len(found), n_rows=n_left)
    return [row[0] for row in kept], (note,) if n_left else ()


def _values(fetch: Fetch, x: str, y: Axis | None, condition: str) -> list[Row]:
    """Each category with its number of rows, and of y the mean and the standard deviation (None where it has none)."""
    if y is None:
        return fetch(
            f"SELECT CAST({x} AS VARCHAR), count(*), 0, 0 FROM data WHERE {_there(x)} AND ({condition}) GROUP BY 1"
        )
    whole = f"{_there(x)} AND {_there(y.sql)} AND ({condition})"
    ((sql, power),) = near_one(fetch, [y.sql], whole)
    rows = fetch(
        f"SELECT CAST({x} AS VARCHAR), count(*), avg({sql}), stddev_samp({sql}) FROM data WHERE {whole} GROUP BY 1"
    )
    return [(name, n, *(times(size, power) for size in sizes)) for name, n, *sizes in rows]


def _there(sql: str) -> str:
    return f"({sql}) IS NOT NULL"


def _draw_bars(
    sheet: Sheet,
    places: Floats,
    values: Sequence[Sequence[float | None]],
    has_means: bool,
    lying: bool,
    thick: float,
    shade: str,
) -> None:
    sizes = np.array(values, dtype=np.float64)
    counts, lengths = sizes[:, 0], sizes[:, 1 if has_means else 0]
    draw = sheet.axes.barh if lying else sheet.axes.bar
    drawn = draw(places, np.nan_to_num(lengths), thick, color=shade, alpha=0.85)
    if has_means:
        with np.errstate(invalid="ignore", divide="ignore"):
            half = stats.t.ppf((1 + LEVEL) / 2, np.maximum(counts - 1, 1)) * sizes[:, 2] / np.sqrt(counts)
        half = np.nan_to_num(np.where(counts > 1, half, 0.0))
        across, up = (lengths, places) if lying else (places, lengths)
        wide, tall = (half, None) if lying else (None, half)
        sheet.axes.errorbar(across, up, tall, wide, fmt="none", ecolor="black", elinewidth=1.2, capsize=3)
    elif len(places) <= MAX_BARS and thick > 0.5:
        labels = [f"{value:,.0f}" for value in counts]
        sheet.axes.bar_label(drawn, labels, fontsize=SMALL, padding=2)


def draw_map(
    sheet: Sheet,
    values: Floats,
    across: Sequence[str],
    up: Sequence[str],
    texts: Sequence[Sequence[str]],
    colors: str,
    limits: tuple[float, float],
) -> None:
    """A coloured cell for each pair of names, with its text where there is room."""
    image = sheet.axes.imshow(values, cmap=colors, vmin=limits[0], vmax=limits[1], aspect="auto")
    sheet.axes.set_xticks(range(len(across)), [words(name, 18) for name in across], rotation=45, ha="right")
    sheet.axes.set_yticks(range(len(up)), [words(name, 18) for name in up])
    sheet.axes.tick_params(labelsize=FONT - 2)
    sheet.axes.grid(visible=False)
    sheet.figure.colorbar(image, ax=sheet.axes)
    if len(across) > 12:
        return
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            red, green, blue, _ = image.cmap(image.norm(values[row, column]))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
            sheet.axes.text(
                column, row, text, ha="center", va="center", fontsize=SMALL, color="white" if dark else "black"
            )
