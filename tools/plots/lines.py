"""Least-squares lines through a cloud of points: of each group, and over all groups where that is asked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from tools.plots.fit import Fit
from tools.plots.near_one import near_one
from tools.plots.values import Axis, Fetch, Group
from tools.stats.correlation import r_of_sums
from tools.stats.powers_of_two import times


@dataclass(frozen=True)
class Line:
    """The least-squares line y = intercept + slope (x - center), and Pearson's r; None where y is constant."""

    center: float
    intercept: float
    slope: float
    r: float | None


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: its colour, the colour at its edges that sets it off from the points, and its style."""

    shade: str
    edge: str = "black"
    style: str = "-"


def fit_line(fetch: Fetch, x: str, y: str, condition: str = "true") -> Line | None:
    """Least squares over the rows where both are present, from centred sums; None where x is constant, or where
    float64 cannot hold the slope.
    """
    both = f"({x}) IS NOT NULL AND ({y}) IS NOT NULL AND ({condition})"
    (x, x_power), (y, y_power) = near_one(fetch, (x, y), both)
    n, mean_x, mean_y = fetch(f"SELECT count(*), favg({x}), favg({y}) FROM data WHERE {both}")[0]
    dx, dy = f"(({x}) - {mean_x!r})", f"(({y}) - {mean_y!r})"
    sums = fetch(f"SELECT fsum({dx} * {dx}), fsum({dx} * {dy}), fsum({dy} * {dy}) FROM data WHERE {both}")[0]
    sxx, sxy, syy = map(float, sums)
    if n < 2 or sxx <= 0 or not all(map(math.isfinite, (sxx, sxy, syy, sxy / sxx))):
        return None
    r = r_of_sums(sxx, syy, sxy) if syy > 0 else None
    center, intercept = times(mean_x, x_power), times(mean_y, y_power)
    slope = times(sxy / sxx, y_power - x_power)
    if center is None or intercept is None or slope is None:
        return None
    return Line(center, intercept, slope, r)


def draw_line(axes: Axes, fetch: Fetch, columns: tuple[Axis, Axis], group: Group, stroke: Stroke) -> Line | None:
    """The line of that group over its own range of x; None where it has none."""
    x, y = columns
    line = fit_line(fetch, x.sql, y.sql, group.condition)
    if line is None:
        return None
    both = f"({x.sql}) IS NOT NULL AND ({y.sql}) IS NOT NULL AND ({group.condition})"
    ends = list(map(float, fetch(f"SELECT min({x.sql}), max({x.sql}) FROM data WHERE {both}")[0]))
    heights = [line.intercept + line.slope * (end - line.center) for end in ends]
    axes.plot(ends, heights, color=stroke.edge, linewidth=3)
    axes.plot(ends, heights, color=stroke.shade, linewidth=1.6, linestyle=stroke.style)
    return line


def group_lines(
    axes: Axes, fetch: Fetch, columns: tuple[Axis, Axis], drawn: Sequence[tuple[Group, str]]
) -> tuple[Fit, ...]:
    """A line for each group in its colour."""
    lines = [(group, draw_line(axes, fetch, columns, group, Stroke(shade))) for group, shade in drawn]
    return tuple(fitted(group.label, group.n, line) for group, line in lines)


def common_line(
    axes: Axes, fetch: Fetch, columns: tuple[Axis, Axis], chosen: Sequence[Group], stroke: Stroke
) -> tuple[Fit, ...]:
    """One line through the rows of all groups that are drawn."""
    whole = Group("", " OR ".join(f"({group.condition})" for group in chosen), sum(group.n for group in chosen))
    return (fitted(None, whole.n, draw_line(axes, fetch, columns, whole, stroke)),)


def fitted(group: str | None, n: int, line: Line | None) -> Fit:
    """What the result says of a line."""
    return Fit(group, n, None, None) if line is None else Fit(group, n, line.slope, line.r)
