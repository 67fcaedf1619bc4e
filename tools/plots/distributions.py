"""One column's distribution, by group: histogram, density, box, violin, and quantiles against the normal."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Patch
from scipy import stats

from tools.plots.canvas import PALETTE, Drawn, Sheet, dated, legend, new_sheet, one_line, words
from tools.plots.notes import Notes
from tools.plots.values import (
    MAX_SAMPLE,
    Axis,
    Fetch,
    Floats,
    Group,
    NothingToDraw,
    bin_counts,
    groups,
    quantiles,
    sample,
    total,
)
from tools.stats.scaling import exponent_of_largest
from tools.warned import Warned

MIN_BINS, MAX_BINS = 5, 60
GRID = 256
MAX_OUTLIERS = 200
N_QUANTILES = 500
N_TAIL = 100
"""Of more than 500 values each of so many at either end is drawn; between them the rest of the 500, evenly spaced."""


def histogram(fetch: Fetch, x: Axis, color: Axis | None, title: str) -> Drawn:
    """How many values fall in each of equal bins, counted over all rows; groups share their edges.

    The bins' width is Freedman and Diaconis's (1981), 2 IQR / n^(1/3), whole for whole numbers of few values.
    """
    chosen, notes = groups(fetch, color, x.sql)
    edges = _edges(fetch, x, total(chosen))
    sheet = new_sheet(title, x.name, "rows")
    for group, shade in zip(chosen, PALETTE, strict=False):
        counts = bin_counts(fetch, x.sql, group.condition, edges)
        sheet.axes.stairs(counts, edges, fill=True, color=shade, alpha=0.85 if color is None else 0.35)
        if color is not None:
            sheet.axes.stairs(counts, edges, color=shade, linewidth=1.5)
    drawn = list(zip(chosen, PALETTE, strict=False))
    bins = Notes.BINS_OF_DAYS if x.is_time else Notes.BINS
    return _finish(sheet, x, drawn, color, (*notes, bins(width=f"{edges[1] - edges[0]:.3g}")))


def density(fetch: Fetch, x: Axis, color: Axis | None, title: str) -> Drawn:
    """Gaussian kernel density, bandwidth by Scott's rule; of more than 50,000 values a sample."""
    chosen, notes = groups(fetch, color, x.sql)
    sheet = new_sheet(title, x.name, "density")
    low, high = _range(fetch, x.sql)
    grid = np.linspace(low - 0.1 * (high - low), high + 0.1 * (high - low), GRID)
    shown: list[tuple[int, int]] = []
    drawn: list[tuple[Group, str]] = []
    for group, shade in zip(chosen, PALETTE, strict=False):
        values, n_all = sample(fetch, [x.sql], group.condition, MAX_SAMPLE)
        curve = _density(values[:, 0], grid)
        if curve is None:
            continue
        drawn.append((group, shade))
        sheet.axes.plot(grid, curve, color=shade, linewidth=2)
        sheet.axes.fill_between(grid, curve, color=shade, alpha=0.15)
        shown.append((len(values), n_all))
    if not drawn:
        raise NothingToDraw(f"{x.name}: a density needs at least two different values")
    sheet.axes.set_ylim(bottom=0)
    lost = _lost(chosen, drawn, Notes.GROUPS_TOO_ALIKE)
    return _finish(sheet, x, drawn, color, (*notes, *lost, *_sampled(shown)))


def box(fetch: Fetch, x: Axis, color: Axis | None, title: str) -> Drawn:
    """Quartiles over all rows, whiskers to the last value within 1.5 IQR (Tukey); of the values beyond them
    about 200 at most, and the extremes always.
    """
    chosen, notes = groups(fetch, color, x.sql)
    sheet = _upright(x, color, title)
    n_hidden = 0
    lines = []
    for group in chosen:
        q1, median, q3 = quantiles(fetch, x.sql, group.condition, (0.25, 0.5, 0.75))
        low, high = q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)
        inside = f"({group.condition}) AND ({x.sql}) BETWEEN {float(low)!r} AND {float(high)!r}"
        low, high = _range(fetch, x.sql, inside)
        beyond, n_beyond = sample(fetch, [x.sql], f"({group.condition}) AND NOT ({inside})", MAX_OUTLIERS)
        n_hidden += n_beyond - len(beyond)
        lines.append({"q1": q1, "med": median, "q3": q3, "whislo": low, "whishi": high, "fliers": beyond[:, 0]})
    made = sheet.axes.bxp(
        lines,
        patch_artist=True,
        widths=0.6,
        medianprops={"color": "black", "linewidth": 2},
        flierprops={"marker": "o", "markersize": 3, "markerfacecolor": "none", "alpha": 0.6},
    )
    for patch, shade in zip(made["boxes"], PALETTE, strict=False):
        patch.set(facecolor=shade, alpha=0.6)
    _name_groups(sheet, chosen)
    hidden = (Notes.POINTS_NOT_SHOWN(n_left=n_hidden),) if n_hidden else ()
    return Drawn(sheet, total(chosen), (*notes, Notes.WHISKERS(), *hidden))


def violin(fetch: Fetch, x: Axis, color: Axis | None, title: str) -> Drawn:
    """Each group's density, mirrored, with its quartiles over all rows; all violins are equally wide."""
    chosen, notes = groups(fetch, color, x.sql)
    sheet = _upright(x, color, title)
    shown: list[tuple[int, int]] = []
    for place, (group, shade) in enumerate(zip(chosen, PALETTE, strict=False), start=1):
        values, n_all = sample(fetch, [x.sql], group.condition, MAX_SAMPLE)
        grid = np.linspace(*_range(fetch, x.sql, group.condition), GRID)
        curve = _density(values[:, 0], grid)
        if curve is not None:
            half = 0.4 * curve / curve.max()
            sheet.axes.fill_betweenx(grid, place - half, place + half, color=shade, alpha=0.5)
        q1, median, q3 = quantiles(fetch, x.sql, group.condition, (0.25, 0.5, 0.75))
        sheet.axes.vlines(place, q1, q3, color="black", linewidth=5)
        sheet.axes.plot(place, median, marker="o", markersize=5, color="white", markeredgecolor="black")
        shown.append((len(values), n_all))
    _name_groups(sheet, chosen)
    return Drawn(sheet, total(chosen), (*notes, Notes.MEDIAN_AND_QUARTILES(), *_sampled(shown)))


def quantile_plot(fetch: Fetch, x: Axis, color: Axis | None, title: str) -> Drawn:
    """The k-th of n values against the standard normal's quantile at (k - 0.5) / n; the line is through the quartiles.

    Up to 500 values of a group all are points; of more both tails are, to the extremes, and the middle is thinned.
    """
    chosen, notes = groups(fetch, color, x.sql)
    sheet = new_sheet(title, "quantiles of the standard normal", x.name)
    drawn: list[tuple[Group, str]] = []
    thinned: list[tuple[int, int]] = []
    for group, shade in zip(chosen, PALETTE, strict=False):
        if group.n < 3:
            continue
        drawn.append((group, shade))
        ranks, found = _order_statistics(fetch, x.sql, group)
        if len(ranks) < group.n:
            thinned.append((len(ranks) - 2 * N_TAIL, group.n - 2 * N_TAIL))
        sheet.axes.plot(stats.norm.ppf((ranks - 0.5) / group.n), found, "o", markersize=3, color=shade, alpha=0.7)
        q1, q3 = quantiles(fetch, x.sql, group.condition, (0.25, 0.75))
        slope = (q3 - q1) / (stats.norm.ppf(0.75) - stats.norm.ppf(0.25))
        sheet.axes.axline((0.0, (q1 + q3) / 2), slope=slope, color=shade, linewidth=1.2)
    if not drawn:
        raise NothingToDraw(f"{x.name}: quantiles need at least three values")
    lost = _lost(chosen, drawn, Notes.GROUPS_TOO_SMALL)
    through = Notes.LINE_THROUGH_QUARTILES()
    return _finish(sheet, x, drawn, color, (*notes, *lost, *_thinned(thinned, color is not None), through))


def _thinned(middles: Sequence[tuple[int, int]], has_groups: bool) -> tuple[Warned, ...]:
    """A note about the groups of which not every value is a point: (drawn, there are) between the tails."""
    if not middles:
        return ()
    n, n_all = (sum(numbers) for numbers in zip(*middles, strict=True))
    whole = Notes.TAILS_OF_GROUPS_WHOLE if has_groups else Notes.TAILS_WHOLE
    return (whole(n_tail=N_TAIL, n_drawn=n, n_all=n_all),)


def _order_statistics(fetch: Fetch, sql: str, group: Group) -> tuple[Floats, Floats]:
    """Ranks from 1 and the values that have them: all of few; of many both tails whole, and a middle thinned evenly on
    the normal's axis.
    """
    if group.n <= N_QUANTILES:
        return np.arange(1.0, group.n + 1), np.sort(sample(fetch, [sql], group.condition, N_QUANTILES)[0][:, 0])
    ends = stats.norm.ppf((np.array([N_TAIL + 1, group.n - N_TAIL]) - 0.5) / group.n)
    evenly = stats.norm.cdf(np.linspace(ends[0], ends[1], N_QUANTILES - 2 * N_TAIL)) * group.n + 0.5
    middle = np.unique(np.clip(np.round(evenly), N_TAIL + 1, group.n - N_TAIL))
    # Type 7 puts the k-th of n values at (k - 1) / (n - 1).
    between = quantiles(fetch, sql, group.condition, list((middle - 1) / (group.n - 1)))
    whole = f"FROM data WHERE ({sql}) IS NOT NULL AND ({group.condition}) ORDER BY 1"
    least, greatest = (
        np.array(fetch(f"SELECT {sql} {whole} {way} LIMIT {N_TAIL}"), dtype=np.float64)[:, 0] for way in ("ASC", "DESC")
    )
    low = np.arange(1.0, N_TAIL + 1)
    ranks = np.concatenate([low, middle, group.n - low[::-1] + 1])
    return ranks, np.concatenate([least, between, greatest[::-1]])


def _edges(fetch: Fetch, x: Axis, n: int) -> Floats:
    low, high = _range(fetch, x.sql)
    q1, q3 = quantiles(fetch, x.sql, "true", (0.25, 0.75))
    distinct, n_odd = fetch(
        f"SELECT approx_count_distinct({x.sql}), count(*) FILTER (({x.sql}) <> floor({x.sql})) FROM data"
    )[0]
    if high == low:
        half = max(0.5, abs(low) / 1_000)
        return np.array([low - half, low + half])
    has_halves = max(abs(low), abs(high)) < 2**51
    if distinct <= MAX_BINS and n_odd == 0 and high - low < MAX_BINS and has_halves:
        return np.arange(low - 0.5, high + 1.5)
    width = 2 * (q3 - q1) / n ** (1 / 3)
    n_bins = MAX_BINS if width <= 0 else math.ceil((high - low) / width)
    # Between neighbours among float64's numbers there is no edge.
    return np.unique(np.linspace(low, high, min(MAX_BINS, max(MIN_BINS, n_bins)) + 1))


def _range(fetch: Fetch, sql: str, condition: str = "true") -> tuple[float, float]:
    low, high = fetch(f"SELECT min({sql}), max({sql}) FROM data WHERE {condition}")[0]
    return float(low), float(high)


def _density(values: Floats, grid: Floats) -> Floats | None:
    """The curve; None where fewer than two different values make none."""
    if len(values) < 2 or np.ptp(values) == 0:
        return None
    power = exponent_of_largest(float(np.abs(values).max()))
    curve = stats.gaussian_kde(np.ldexp(values, -power))(np.ldexp(grid, -power))
    return np.asarray(np.ldexp(curve, -power), dtype=np.float64)


def _sampled(shown: Sequence[tuple[int, int]]) -> list[Warned]:
    """A note when not all values of each group, (taken, there are), are in its curve."""
    n, n_all = (sum(numbers) for numbers in zip(*shown, strict=True))
    return [Notes.CURVES_OF_A_SAMPLE(n_drawn=n, n_all=n_all)] if n < n_all else []


def _upright(x: Axis, color: Axis | None, title: str) -> Sheet:
    return new_sheet(title, "" if color is None else color.name, x.name)


def _name_groups(sheet: Sheet, chosen: Sequence[Group]) -> None:
    labels = [words(group.label, 16) for group in chosen]
    sheet.axes.set_xticks(range(1, len(chosen) + 1), labels)
    if max(map(len, labels)) * len(labels) > 36:
        sheet.axes.tick_params(axis="x", labelrotation=35)


def _lost(chosen: Sequence[Group], drawn: Sequence[tuple[Group, str]], why: Notes) -> tuple[Warned, ...]:
    """A note about the groups that are too small, or too much alike, to be drawn."""
    kept = [group for group, _ in drawn]
    lost = [group for group in chosen if group not in kept]
    names = ", ".join(one_line(group.label) for group in lost)
    return (why(names=names, n_rows=total(lost), n_all=total(chosen)),) if lost else ()


def _finish(
    sheet: Sheet, x: Axis, drawn: Sequence[tuple[Group, str]], color: Axis | None, notes: tuple[Warned, ...]
) -> Drawn:
    if x.is_time:
        dated(sheet.axes)
    if color is not None:
        handles = [Patch(color=shade, alpha=0.6) for _, shade in drawn]
        legend(sheet, [group.label for group, _ in drawn], handles, color.name)
    return Drawn(sheet, total([group for group, _ in drawn]), notes)
