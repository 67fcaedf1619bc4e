"""The least-squares lines of a scatter: right, each of its own group, and said."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from tests.tools.conftest import Draw, Table
from tools import plots, stats
from tools.plots.canvas import PALETTE, Drawn, legend, new_sheet, save
from tools.plots.lines import fit_line
from tools.warned import Warned

ANSCOMBE = [(10, 8.04), (8, 6.95), (13, 7.58), (9, 8.81), (11, 8.33), (14, 9.96), (6, 7.24), (4, 4.26), (12, 10.84)]
ANSCOMBE += [(7, 4.82), (5, 5.68)]


def test_the_line_of_anscombes_first_set() -> None:
    """Anscombe (1973), Graphs in Statistical Analysis: y = 3.0 + 0.500 x, r² = 0.667."""
    values = ", ".join(f"({x}::DOUBLE, {y}::DOUBLE)" for x, y in ANSCOMBE)
    line = fit_line(Table(f"SELECT * FROM (VALUES {values}) t(x, y)").fetch, "x", "y")
    assert line is not None
    assert line.slope == pytest.approx(0.5000909, abs=1e-7)
    assert line.intercept - line.slope * line.center == pytest.approx(3.0000909, abs=1e-7)
    assert line.r == pytest.approx(0.8164205, abs=1e-7)


def test_the_line_keeps_its_digits_far_from_zero() -> None:
    line = fit_line(Table("SELECT 1e9 + i AS x, 1e9 + 2 * i + i % 2 AS y FROM range(1000) t(i)").fetch, "x", "y")
    expected = np.polyfit(np.arange(1000.0), 2 * np.arange(1000.0) + np.arange(1000) % 2, 1)[0]
    assert line is not None
    assert line.slope == pytest.approx(expected, rel=1e-12)
    assert fit_line(Table("SELECT 1.0 AS x, i AS y FROM range(9) t(i)").fetch, "x", "y") is None


# R: c(coef(lm(y ~ x))[2], cor(x, y)) of each species of penguins and of all; x bill length, y bill depth.
BILLS = {
    "Adelie": (151, 0.178834349642578, 0.391491691835876),
    "Chinstrap": (68, 0.222211724003672, 0.653536208180043),
    "Gentoo": (123, 0.204844340621476, 0.643383946525338),
    None: (342, -0.0850212807771766, -0.235052870355533),
}


@pytest.mark.parametrize(
    ("given", "groups"),
    [
        ({"color": "species"}, ["Adelie", "Chinstrap", "Gentoo"]),
        ({"color": "species", "common_fit": True}, ["Adelie", "Chinstrap", "Gentoo", None]),
        ({"color": "species", "fit": False, "common_fit": True}, [None]),
        ({}, [None]),
    ],
)
def test_a_scatter_says_slope_and_r_of_each_line_it_draws(
    draw: Draw, given: dict[str, Any], groups: list[str | None]
) -> None:
    """Simpson's paradox in penguins: bill depth falls with bill length over all species, and rises in each."""
    content, _ = draw(kind="scatter", x="bill_length_mm", y="bill_depth_mm", **given)
    found = {line["group"]: (line["n"], line["slope"], line["r"]) for line in content["lines"]}
    assert list(found) == groups
    for group, values in found.items():
        assert values == pytest.approx(BILLS[group], rel=1e-9)
        said = f"slope {values[1]:.4g}, r = {values[2]:.3f}"
        assert any(said in note for note in content["notes"])


def test_a_scatter_without_lines_says_none(draw: Draw) -> None:
    content, _ = draw(kind="scatter", x="bill_length_mm", y="bill_depth_mm", color="species", fit=False)
    assert "lines" not in content
    assert not any("line" in note for note in content["notes"])


def test_the_lines_of_groups_are_drawn_in_their_colours_within_their_range() -> None:
    """Two groups, y = 3 - 2 x from 0 to 1 and y = 30 - 2 x from 10 to 11: over all the slope is positive."""
    fetch = Table(
        "SELECT g, 10 * g + i / 9.0::DOUBLE AS x, 3 + 47 * g - 2 * (10 * g + i / 9.0::DOUBLE) AS y "
        "FROM range(2) t(g), range(10) u(i)"
    ).fetch
    x, y, g = plots.Axis("x", "x"), plots.Axis("y", "y"), plots.Axis("g", "g")
    drawn = plots.scatter(fetch, x, y, g, "", plots.Lines(common=True))
    ours = [line for line in drawn.sheet.axes.lines if to_hex(line.get_color()).upper() in PALETTE[:2]]
    ends = [np.asarray(line.get_xydata()).ravel().tolist() for line in ours]
    assert ends == [pytest.approx([0, 3, 1, 1]), pytest.approx([10, 30, 11, 28])]
    assert [fit.slope for fit in drawn.lines[:2]] == pytest.approx([-2, -2])
    assert drawn.lines[2].slope is not None
    assert drawn.lines[2].slope > 0
    (dashed,) = [line for line in drawn.sheet.axes.lines if line.get_linestyle() == "--"]
    assert np.asarray(dashed.get_xdata()).tolist() == pytest.approx([0, 11])
    assert not [line for line in plots.scatter(fetch, x, y, g, "").sheet.axes.lines if line.get_linestyle() == "--"]


def test_a_group_without_a_line_is_said_to_have_none() -> None:
    """Group 0 has one value of x, 1 a constant y, 2 one row, 3 a slope beyond float64."""
    rows = "(0, 1e0, 1e0), (0, 1, 2), (1, 1, 5), (1, 2, 5), (2, 1, 1), (3, 1e-200, 1e200), (3, 2e-200, 2e200)"
    fetch = Table(f"SELECT * FROM (VALUES {rows}) t(g, x, y)").fetch
    drawn = plots.scatter(fetch, plots.Axis("x", "x"), plots.Axis("y", "y"), plots.Axis("g", "g"), "")
    found = [(fit.group, fit.slope, fit.r) for fit in drawn.lines]
    assert found == [("0", None, None), ("1", 0, None), ("2", None, None), ("3", None, None)]
    assert sum("none (x does not vary, or the slope is" in note for note in drawn.notes) == 2
    assert "2: none (one row)" in drawn.notes
    assert any("no r (y is constant)" in note for note in drawn.notes)


def test_the_common_line_rests_on_the_groups_that_are_drawn() -> None:
    """Eight groups of y = x, and a ninth, smaller, far off the line that is left out."""
    fetch = Table(
        "SELECT g, i::DOUBLE AS x, CASE WHEN g = 8 THEN -1e3 * i ELSE i END::DOUBLE AS y "
        "FROM range(9) t(g), range(9) u(i) WHERE g < 8 OR i < 5"
    ).fetch
    x, y, g = plots.Axis("x", "x"), plots.Axis("y", "y"), plots.Axis("g", "g")
    drawn = plots.scatter(fetch, x, y, g, "", plots.Lines(own=False, common=True))
    (fit,) = drawn.lines
    assert fit.n == 72
    assert [fit.slope, fit.r] == pytest.approx([1, 1])


@pytest.mark.parametrize(("across", "up"), [(0, 0), (700, 600), (-600, -700), (-500, 400), (900, 900), (-1060, -900)])
def test_a_line_knows_no_scale(across: int, up: int) -> None:
    """Columns times powers of two: slope times one over the other, the same r; the squares alone leave float64."""
    values = ", ".join(f"({x}::DOUBLE, {y}::DOUBLE)" for x, y in ANSCOMBE)
    times = [f"* {2.0 ** (power // 2)!r} * {2.0 ** (power - power // 2)!r}" for power in (across, up)]
    fetch = Table(f"SELECT x {times[0]} AS x, y {times[1]} AS y FROM (VALUES {values}) t(x, y)").fetch
    line = fit_line(fetch, "x", "y")
    assert line is not None
    assert math.ldexp(line.slope, across - up) == pytest.approx(0.5000909, abs=1e-7)
    assert math.ldexp(line.center, -across) == pytest.approx(9, rel=1e-13)
    assert line.r == pytest.approx(0.8164205, abs=1e-7)
    batch = list(np.array(fetch("SELECT x, y FROM data")).T)
    (pair,) = stats.correlate_columns(2, [(0, 1)], [batch], [batch], [batch])
    assert pair.r == pytest.approx(0.8164205, abs=1e-7)


@pytest.mark.parametrize("top", [11, 12, 13, 14])
def test_a_long_caption_pushes_no_label_off_the_sheet(tmp_path: Path, top: float) -> None:
    """It leaves less height, and so other ticks: 12.5 is wider than 10."""
    sheet = new_sheet("y by x", "x", "y")
    (handle,) = sheet.axes.plot([-3, 8], [-2.3, top])
    legend(sheet, ["a", "b", "c"], [handle, handle, handle], "g")
    save(Drawn(sheet, 120, (Warned("line", "a: slope -1.096, r = -0.930, n = 40"),) * 3), tmp_path / "a.png")
    assert sheet.axes.yaxis.label.get_window_extent().x0 >= 0


@pytest.mark.parametrize("power", [0, 900, -900])
def test_bars_and_densities_know_no_scale(power: int) -> None:
    """The 95 % interval of 1, 2, 3 and 5 (R: t.test gives 0.03246912 to 5.46753088), and Scott's density."""
    fetch = Table(f"SELECT 'a' AS g, v * {2.0**power!r} AS v FROM (VALUES (1.0), (2.0), (3.0), (5.0)) t(v)").fetch
    g, v = plots.Axis("g", "g"), plots.Axis("v", "v")
    axes = plots.bars(fetch, g, v, None, "", ordered=False).sheet.axes
    (interval,) = [found for found in axes.collections if isinstance(found, LineCollection)]
    ends = np.asarray(interval.get_segments()[0])[:, 1]
    assert np.ldexp(ends, -power) == pytest.approx([0.03246912, 5.46753088], abs=1e-8)
    (curve,) = plots.density(fetch, v, None, "").sheet.axes.lines
    # R: bw <- sd(x) * 4^(-1/5); mean(dnorm(c, x, bw)) at c = 1 and 5; the curve's 256 points are joined by lines.
    x, y = np.asarray(curve.get_xydata()).T
    heights = np.interp([1, 5], np.ldexp(x, -power), np.ldexp(y, power))
    assert heights == pytest.approx([0.158232785, 0.106309865], abs=1e-5)
