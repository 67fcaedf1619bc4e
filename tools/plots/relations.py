"""Two columns together: scatter with fitted lines, residuals, and a line over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patches import Patch

from tools.plots.canvas import COUNTS, FONT, HEIGHT, PALETTE, Drawn, Sheet, dated, legend, new_sheet, one_line
from tools.plots.fit import Fit
from tools.plots.lines import Stroke, common_line, fit_line, group_lines
from tools.plots.notes import Notes, note_of_line
from tools.plots.values import (
    MAX_POINTS,
    Axis,
    Fetch,
    Group,
    NothingToDraw,
    grid_counts,
    groups,
    sample,
    total,
)
from tools.warned import Warned

CELLS = 60
MAX_STEPS = 400


@dataclass(frozen=True)
class Lines:
    """Which least-squares lines a scatter has: one of each group (without groups, of all), and one over all groups."""

    own: bool = True
    common: bool = False


def scatter(fetch: Fetch, x: Axis, y: Axis, color: Axis | None, title: str, lines: Lines = Lines()) -> Drawn:
    """A point a row, up to 5,000; beyond that all rows counted in a grid, or a sample where groups are coloured.

    The lines are over all rows, of each group its own: what holds over all groups can be wrong in each (Simpson 1951).
    """
    chosen, notes = groups(fetch, color, x.sql, y.sql)
    n = total(chosen)
    height = HEIGHT if color is None else HEIGHT + 0.15 * len(chosen)
    sheet = new_sheet(title, x.name, y.name, height)
    more = _cloud(sheet, fetch, (x, y), chosen, color)
    if x.is_time:
        dated(sheet.axes)
        return Drawn(sheet, n, (*notes, *more, *([Notes.NO_LINE_OVER_DATES()] if lines.own else [])))
    fits: tuple[Fit, ...] = ()
    if lines.own and color is not None:
        fits = group_lines(sheet.axes, fetch, (x, y), list(zip(chosen, PALETTE, strict=False)))
        more = (*more, Notes.LINES_BY_GROUP())
    if lines.common or (lines.own and color is None):
        over_grid = Stroke(PALETTE[1], "white" if n > MAX_POINTS else "black")
        stroke = over_grid if color is None else Stroke("black", "white", "--")
        fits = (*fits, *common_line(sheet.axes, fetch, (x, y), chosen, stroke))
    said = [note_of_line(fit, None if fit.group is None else one_line(fit.group), color is not None) for fit in fits]
    return Drawn(sheet, n, (*notes, *more, *said), fits)


def residuals(fetch: Fetch, x: Axis, y: Axis, title: str) -> Drawn:
    """What the least-squares line of y on x leaves over, against what it predicts; no shape should be seen in it."""
    chosen, notes = groups(fetch, None, x.sql, y.sql)
    line = fit_line(fetch, x.sql, y.sql)
    if line is None:
        raise NothingToDraw(f"{x.name} is constant: there is no line to take residuals from")
    fitted = f"({line.intercept!r} + {line.slope!r} * (({x.sql}) - {line.center!r}))"
    across, up = Axis(f"fitted {y.name}", fitted), Axis("residual", f"(({y.sql}) - {fitted})")
    sheet = new_sheet(title, across.name, up.name)
    more = _cloud(sheet, fetch, (across, up), chosen, None)
    sheet.axes.axhline(0, color="#D55E00", linewidth=1.5)
    return Drawn(sheet, total(chosen), (*notes, *more, Notes.RESIDUALS_OF(y=y.name, x=x.name)))


def line_chart(fetch: Fetch, x: Axis, y: Axis | None, color: Axis | None, title: str) -> Drawn:
    """The mean of y (without y, the number of rows) at each value of x; of more than 400 values, in equal steps."""
    present = [x.sql] if y is None else [x.sql, y.sql]
    chosen, notes = groups(fetch, color, *present)
    whole = " AND ".join(f"({sql}) IS NOT NULL" for sql in present)
    ends = f"min({x.sql}), max({x.sql}), approx_count_distinct({x.sql})"
    low, high, distinct = map(float, fetch(f"SELECT {ends} FROM data WHERE {whole}")[0])
    step = 0.0 if distinct <= MAX_STEPS else (high - low) / MAX_STEPS
    place = x.sql if step == 0 else f"({low!r} + (floor((({x.sql}) - {low!r}) / {step!r}) + 0.5) * {step!r})"
    sheet = new_sheet(title, x.name, "rows" if y is None else f"mean {y.name}")
    value = "count(*)" if y is None else f"avg({y.sql})"
    n_points = 0
    for group, shade in zip(chosen, PALETTE, strict=False):
        rows = fetch(f"SELECT {place}, {value} FROM data WHERE {whole} AND ({group.condition}) GROUP BY 1 ORDER BY 1")
        points = np.array(rows, dtype=np.float64).reshape(-1, 2)
        n_points += len(points)
        mark = "o" if len(points) <= 30 else ""
        sheet.axes.plot(points[:, 0], points[:, 1], color=shade, linewidth=1.8, marker=mark, markersize=4)
    if x.is_time:
        dated(sheet.axes)
    _legend(sheet, chosen, color)
    steps = Notes.STEPS_OF_DAYS if x.is_time else Notes.STEPS
    stepped = (steps(width=f"{step:.3g}"),) if step else ()
    if y is None or n_points < total(chosen):
        means = () if y is None else (Notes.MEANS(name=y.name),)
        return Drawn(sheet, total(chosen), (*notes, *means, *stepped))
    if not step:
        sheet.axes.set_ylabel(y.name, fontsize=FONT)
    return Drawn(sheet, total(chosen), (*notes, *stepped))


def _cloud(
    sheet: Sheet, fetch: Fetch, axes: tuple[Axis, Axis], chosen: list[Group], color: Axis | None
) -> tuple[Warned, ...]:
    """The points, or where there are too many their number in each cell of a grid; gives the notes."""
    (x, y), n = axes, total(chosen)
    if n > MAX_POINTS and color is None:
        _grid(sheet, fetch, x, y)
        return (Notes.GRID(n_cells=CELLS),)
    n_shown = 0
    for group, shade in zip(chosen, PALETTE, strict=False):
        # Each group keeps its share of the points.
        most = MAX_POINTS if color is None else max(1, MAX_POINTS * group.n // n)
        points, _ = sample(fetch, [x.sql, y.sql], group.condition, most)
        n_shown += len(points)
        size, alpha = (24, 0.65) if n <= 1_000 else (8, 0.4)
        sheet.axes.scatter(points[:, 0], points[:, 1], s=size, color=shade, alpha=alpha, linewidths=0)
    _legend(sheet, chosen, color)
    return (Notes.SAMPLE(n_drawn=n_shown, n_all=n),) if n > MAX_POINTS else ()


def _grid(sheet: Sheet, fetch: Fetch, x: Axis, y: Axis) -> None:
    edges = []
    for axis in (x, y):
        both = f"({x.sql}) + ({y.sql}) IS NOT NULL"
        low, high = map(float, fetch(f"SELECT min({axis.sql}), max({axis.sql}) FROM data WHERE {both}")[0])
        edges.append(np.linspace(low, high if high > low else low + 1, CELLS + 1))
    counts = grid_counts(fetch, x.sql, y.sql, (edges[0], edges[1]))
    shown = np.where(counts > 0, counts, np.nan).T
    mesh = sheet.axes.pcolormesh(
        edges[0], edges[1], shown, cmap=COUNTS, norm=LogNorm(vmin=1, vmax=max(2, counts.max()))
    )
    bar = sheet.figure.colorbar(mesh, ax=sheet.axes)
    bar.set_label("rows", fontsize=FONT)


def _legend(sheet: Sheet, chosen: list[Group], color: Axis | None) -> None:
    if color is not None:
        handles = [Patch(color=shade) for shade in PALETTE[: len(chosen)]]
        legend(sheet, [group.label for group in chosen], handles, color.name)
