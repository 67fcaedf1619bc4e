"""plot: every kind makes a picture, its numbers are right, and data in it stays data."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

import duckdb
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image
from sklearn.metrics import average_precision_score, roc_auc_score

from adapters.data.base import DuckTable
from runtime.session import Session
from tests.tools.conftest import Draw, Table
from tools import plots, stats
from tools.errors import ToolError
from tools.number_scan import scan_correlations
from tools.plots.tables import correlations
from tools.plots.values import Correlate, Fetch, bin_counts, grid_counts, sample


@pytest.mark.parametrize(
    "arguments",
    [
        {"kind": "histogram", "x": "body_mass_g"},
        {"kind": "histogram", "x": "year", "color": "species"},
        {"kind": "density", "x": "body_mass_g", "color": "sex"},
        {"kind": "box", "x": "body_mass_g"},
        {"kind": "box", "x": "species", "y": "body_mass_g"},
        {"kind": "violin", "x": "body_mass_g", "color": "species"},
        {"kind": "qq", "x": "bill_length_mm", "color": "species", "where": "year > 2007"},
        {"kind": "scatter", "x": "bill_length_mm", "y": "body_mass_g", "color": "species"},
        {"kind": "residuals", "x": "bill_length_mm", "y": "body_mass_g"},
        {"kind": "line", "x": "year", "y": "body_mass_g", "color": "species"},
        {"kind": "bar", "x": "island"},
        {"kind": "bar", "x": "species", "y": "body_mass_g", "color": "sex"},
        {"kind": "heatmap"},
        {"kind": "heatmap", "x": "species", "y": "island"},
        {"kind": "pair", "columns": ["bill_length_mm", "bill_depth_mm", "body_mass_g"], "color": "species"},
        {"kind": "roc", "x": "body_mass_g", "y": "sex"},
        {"kind": "precision_recall", "x": "body_mass_g", "y": "species", "event": "Gentoo"},
        {"kind": "confusion", "x": "island", "y": "species"},
    ],
    ids=lambda arguments: "-".join(map(str, arguments.values())),
)
def test_every_kind_is_a_picture_for_a_phone(draw: Draw, arguments: dict[str, Any]) -> None:
    content, path = draw(**arguments)
    assert content["n"] > 200
    with Image.open(path) as picture:
        assert picture.width == 1200
        assert 900 <= picture.height <= 2900
        pixels = np.asarray(picture.convert("RGB"))
    # Something is drawn, in colour, and not all over the sheet.
    coloured = np.ptp(pixels.astype(int), axis=2) > 60
    assert 0.0005 < coloured.mean() < 0.9


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"kind": "histogram", "x": "species"}, "needs numbers or dates, and 'species' holds text"),
        ({"kind": "histogram", "x": "body_mass_g", "y": "year"}, "histogram takes no y"),
        ({"kind": "scatter", "x": "body_mass_g"}, "y: scatter needs a column here"),
        ({"kind": "box", "x": "bodymass"}, "no column 'bodymass'"),
        ({"kind": "heatmap", "x": "species", "y": "island", "columns": ["year", "body_mass_g"]}, "columns beside x"),
        ({"kind": "density", "x": "body_mass_g", "where": "year = 1"}, "none of 0 rows"),
        ({"kind": "box", "x": "species", "y": "body_mass_g", "color": "sex"}, "has its groups already"),
        ({"kind": "pie", "x": "species"}, "kind"),
        ({"kind": "importance"}, "give model"),
        ({"kind": "importance", "model": "ridge"}, "no trained model yet"),
        ({"kind": "scatter", "model": "ridge"}, "scatter takes no model"),
        ({"kind": "roc", "model": "ridge", "x": "year"}, "roc takes no x beside model"),
        ({"kind": "roc", "x": "body_mass_g", "y": "species"}, "high scores stand for; there are 'Adelie'"),
        ({"kind": "roc", "x": "year", "y": "sex", "where": "sex = 'male'"}, "name the value of 'sex'"),
        ({"kind": "roc", "x": "year", "y": "sex", "event": "male", "where": "sex = 'male'"}, "no two kinds of rows"),
        ({"kind": "pair", "columns": ["year", "species"]}, "needs numbers"),
        ({"kind": "scatter", "x": "year", "y": "body_mass_g", "common_fit": True}, "no common_fit without groups"),
        ({"kind": "histogram", "x": "year", "common_fit": True}, "histogram takes no common_fit"),
        ({"kind": "confusion", "x": "body_mass_g", "y": "species"}, "classes; a table of confusion takes 20"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(draw: Draw, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        draw(**arguments)


def test_names_and_values_out_of_data_are_no_formulas(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        '"price $x^2$ \\\\frac{","_kind"\n' + "\n".join(f'{n},"it\'s $\\\\bad_{n % 3}$"' for n in range(30)) + "\n"
    )
    session.call_tool("load_dataset", f'{{"source": "{path}"}}', None)
    names = [column.name for column in session.data.get("odd").columns]

    for kind in ("histogram", "box", "violin"):
        request = {"dataset": "odd", "kind": kind, "x": names[0], "color": "_kind", "title": "$\\frac{$ \x1b[2J"}
        assert session.call_tool("plot", json.dumps(request), None).content["n"] == 30


def correlate_in(table: DuckTable) -> Correlate:
    """As the tool does it, in one scan of a stored table."""
    return lambda axes, pairs: [found.r for found in scan_correlations(table, [axis.name for axis in axes], pairs)]


def correlate_by(fetch: Fetch) -> Correlate:
    """The same statistics of rows that are fetched at once."""

    def correlate(axes: Sequence[plots.Axis], pairs: Sequence[tuple[int, int]]) -> list[float | None]:
        rows = fetch(f"SELECT {', '.join(axis.sql for axis in axes)} FROM data")
        batch = list(np.array(rows, dtype=np.float64).T)
        return [found.r for found in stats.correlate_columns(len(axes), pairs, [batch], [batch], [batch])]

    return correlate


def test_the_correlations_of_penguins(draw: Draw, session: Session) -> None:
    """r of bill length and body mass as in palmerpenguins' own vignette: 0.595."""
    axes = [plots.Axis(name, name) for name in ("bill_length_mm", "body_mass_g", "year")]
    with session.data.open("penguins", "year = 2008 OR bill_length_mm IS NULL") as table:
        found = correlations(axes, correlate_in(table))
        found_r = table.fetch("SELECT corr(bill_length_mm, body_mass_g) FROM data")[0][0]
    assert found[0, 1] == pytest.approx(found_r, abs=1e-12)
    assert found[0, 0] == pytest.approx(1)
    assert np.isnan(found[2, 0])
    with session.data.open("penguins") as table:
        assert correlations(axes, correlate_in(table))[0, 1] == pytest.approx(0.59510982443763, abs=1e-12)


def test_every_row_is_counted_in_bins_and_grids() -> None:
    generator = random.Random(1)
    values = [generator.gauss(0, 1) for _ in range(2000)]
    listed = ", ".join(f"({value!r}::DOUBLE)" for value in values)
    fetch = Table(f"SELECT x, -x AS y, 1 AS a, 2 AS b, 3 AS i, 4 AS n FROM (VALUES {listed}) t(x)").fetch
    edges = np.linspace(min(values), max(values), 21)
    counts = bin_counts(fetch, "x", "true", edges)
    assert counts.tolist() == np.histogram(values, edges)[0].tolist()
    grid = grid_counts(fetch, "x", "y", (edges, -edges[::-1]))
    assert grid.sum() == 2000
    assert grid.sum(axis=1).tolist() == counts.tolist()


def test_many_rows_are_counted_or_sampled_and_that_is_said(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("x,y,g\n" + "".join(f"{row % 997},{row % 89},{row % 3}\n" for row in range(100_000)))
    session.call_tool("load_dataset", f'{{"source": "{path}"}}', None)
    counted = session.call_tool("plot", '{"dataset": "many", "kind": "scatter", "x": "x", "y": "y"}', None)
    assert counted.content["n"] == 100_000
    assert "counted in a grid of 60 by 60" in str(counted.content["notes"])
    coloured = session.call_tool(
        "plot", '{"dataset": "many", "kind": "scatter", "x": "x", "y": "y", "color": "g"}', None
    )
    assert "a sample of " in str(coloured.content["notes"])
    with session.data.open("many") as table:
        points, n_all = sample(table.fetch, ["x", "y"], "true", 5_000)
        again, _ = sample(table.fetch, ["x", "y"], "true", 5_000)
    assert n_all == 100_000
    assert len(points) == pytest.approx(5_000, rel=0.1)
    assert points.mean(axis=0) == pytest.approx([498, 44], rel=0.05)
    assert sorted(map(tuple, points)) == sorted(map(tuple, again))


def test_a_sample_holds_the_ends_of_every_axis() -> None:
    """In a hundred thousand rows one far off each way on each axis, which a twentieth of the rows would miss."""
    fetch = Table(
        "SELECT i AS _row, CASE i WHEN 7 THEN -999.0 WHEN 8 THEN 999.0 ELSE i % 997 / 997 END::DOUBLE AS x, "
        "CASE i WHEN 9 THEN -888.0 WHEN 10 THEN 888.0 ELSE i % 89 / 89 END::DOUBLE AS y FROM range(100000) t(i)"
    ).fetch
    points, n_all = sample(fetch, ["x", "y"], "true", 5_000)
    assert n_all == 100_000
    assert len(points) == pytest.approx(5_000, rel=0.1)
    assert (points.min(axis=0).tolist(), points.max(axis=0).tolist()) == ([-999, -888], [999, 888])
    assert sample(fetch, ["x", "y"], "x < 500", 5_000)[0].max(axis=0)[0] < 500
    drawn = plots.pair_plot(fetch, [plots.Axis("x", "x"), plots.Axis("y", "y")], None, "", correlate_by(fetch))
    (below,) = drawn.sheet.figure.axes[2].lines
    shown = np.asarray(below.get_xydata())
    assert (shown.min(axis=0).tolist(), shown.max(axis=0).tolist()) == ([-999, -888], [999, 888])


@pytest.mark.parametrize("names", ["abg", "nic", "xyp"])
def test_columns_may_have_any_name(session: Session, tmp_path: Path, names: str) -> None:
    path = tmp_path / "short.csv"
    path.write_text(",".join(names) + "\n" + "".join(f"{row},{row % 7},{row % 3}\n" for row in range(60)))
    session.call_tool("load_dataset", f'{{"source": "{path}"}}', None)
    one, two, three = tuple(names)
    for kind, given in (
        ("histogram", {"x": one, "color": three}),
        ("scatter", {"x": one, "y": two, "color": three}),
        ("line", {"x": one, "y": two, "color": three}),
        ("bar", {"x": three, "y": two, "color": three}),
        ("heatmap", {"x": two, "y": three}),
    ):
        assert (
            session.call_tool("plot", json.dumps({"dataset": "short", "kind": kind, **given}), None).content["n"] == 60
        )


def test_groups_beyond_the_colours_are_left_out_and_said() -> None:
    fetch = Table("SELECT i::DOUBLE AS x, i % 11 AS g FROM range(110) t(i)").fetch
    drawn = plots.histogram(fetch, plots.Axis("x", "x"), plots.Axis("g", "g"), "x")
    assert any("3 others with 30 rows left out" in note for note in drawn.notes)
    assert drawn.n == 80


# Kind k of 0 to 11 has 24 - k rows; the 24 rows of kind 12 lack y.
UNEVEN = """
    SELECT i::DOUBLE AS x, CASE WHEN k < 12 THEN (i * 7 % 31)::DOUBLE END AS y, 'k' || lpad(k::VARCHAR, 2, '0') AS g
    FROM range(13) t(k), range(24) u(i) WHERE i < 24 - k OR k = 12
"""
N_KEPT = sum(24 - k for k in range(8))
N_OTHERS = sum(24 - k for k in range(8, 12))


@pytest.mark.parametrize("kind", ["box", "violin", "density", "quantile_plot", "histogram"])
def test_n_of_a_distribution_is_that_of_its_groups(kind: str) -> None:
    fetch = Table(UNEVEN).fetch
    drawn = getattr(plots, kind)(fetch, plots.Axis("y", "y"), plots.Axis("g", "g"), "")
    assert drawn.n == N_KEPT
    assert f"4 others with {N_OTHERS} rows left out" in " ".join(drawn.notes)
    assert "24 rows with missing values left out" in drawn.notes


@pytest.mark.parametrize("kind", ["scatter", "line_chart"])
def test_n_of_two_columns_is_that_of_their_groups(kind: str) -> None:
    fetch = Table(UNEVEN).fetch
    drawn = getattr(plots, kind)(fetch, plots.Axis("x", "x"), plots.Axis("y", "y"), plots.Axis("g", "g"), "")
    assert drawn.n == N_KEPT
    assert f"4 others with {N_OTHERS} rows left out" in " ".join(drawn.notes)


def test_n_of_pairs_is_that_of_their_groups_and_their_r_is_of_all() -> None:
    fetch, axes = Table(UNEVEN).fetch, [plots.Axis("x", "x"), plots.Axis("y", "y")]
    drawn = plots.pair_plot(fetch, axes, plots.Axis("g", "g"), "", correlate_by(fetch))
    assert drawn.n == N_KEPT
    assert "24 rows with missing values left out" in drawn.notes
    assert "r over all rows, groups together" in drawn.notes[0]


def test_n_of_categories_is_that_of_the_cells_drawn() -> None:
    """Of categories c = 0 to 24, c has 50 - c rows; the 20 most frequent hold 810 of 950."""
    fetch = Table("SELECT 'c' || c AS c, i % 10 AS g FROM range(25) t(c), range(50) u(i) WHERE i < 50 - c").fetch
    c, g = plots.Axis("c", "c"), plots.Axis("g", "g")
    assert plots.bars(fetch, c, None, None, "", ordered=False).n == 810
    assert plots.count_map(fetch, c, plots.Axis("one", "1"), "", (False, True)).n == 810
    by_group = fetch("SELECT count(*) FROM data WHERE g < 8 AND c IN (SELECT 'c' || i FROM range(20) t(i))")[0][0]
    assert plots.bars(fetch, c, None, g, "", ordered=False).n == by_group


def test_a_group_that_makes_no_curve_is_named_and_the_others_keep_their_colours() -> None:
    fetch = Table("SELECT i::DOUBLE AS x, CASE WHEN i = 0 THEN 'a' ELSE 'b' END AS g FROM range(30) t(i)").fetch
    for draw in (plots.density, plots.quantile_plot):
        drawn = draw(fetch, plots.Axis("x", "x"), plots.Axis("g", "g"), "")
        assert drawn.n == 29
        assert any(
            note.startswith("not drawn, fewer than") and note.endswith(": a (1 of 30 rows)") for note in drawn.notes
        )
        legend = drawn.sheet.axes.get_legend()
        assert legend is not None
        (patch,) = legend.get_patches()
        assert to_hex(patch.get_facecolor()) == to_hex(drawn.sheet.axes.lines[0].get_color())


@pytest.fixture(scope="module")
def million() -> Table:
    """A million and one values: i³ for i from -500,000 to 500,000, in no order, and two far out."""
    return Table(
        "SELECT CASE i WHEN 500000 THEN 1e19 WHEN -500000 THEN -3e18 ELSE (i * 1.0::DOUBLE) ^ 3 END AS x "
        "FROM range(-500000, 500001) t(i) ORDER BY hash(i)"
    )


def test_the_q_q_plot_of_a_million_rows_reaches_its_extremes(million: Table) -> None:
    """Each point is the k-th value at the normal's quantile of (k - 0.5) / n, as in R's qqnorm (ppoints, n > 10)."""
    n = 1_000_001
    drawn = plots.quantile_plot(million.fetch, plots.Axis("x", "x"), None, "")
    theory, found = np.asarray(drawn.sheet.axes.lines[0].get_xydata()).T
    assert (found[0], found[-1]) == (-3e18, 1e19)
    # R: range(qqnorm((-500000:500000)^3, plot.it = FALSE)$x)
    assert theory[[0, -1]] == pytest.approx([-4.89163867248109, 4.89163867247127], rel=1e-9)
    ranks = np.array([round(NormalDist().cdf(z) * n + 0.5) for z in theory])
    assert ranks[:100].tolist() == list(range(1, 101))
    assert ranks[-100:].tolist() == list(range(n - 99, n + 1))
    assert len(ranks) == 500
    assert np.diff(theory[99:-99]).max() < 0.05
    inner = slice(1, -1)
    assert found[inner] == pytest.approx((ranks[inner] - 500_001.0) ** 3, rel=1e-6, abs=1)
    assert drawn.n == n
    assert "the 100 least and the 100 greatest values whole, 300 of the 999,801 between" in drawn.notes


def test_the_q_q_plot_of_few_rows_has_them_all() -> None:
    drawn = plots.quantile_plot(
        Table("SELECT i::DOUBLE AS x FROM range(500) t(i)").fetch, plots.Axis("x", "x"), None, ""
    )
    assert np.asarray(drawn.sheet.axes.lines[0].get_ydata()).tolist() == list(range(500))
    assert drawn.notes == ("line through the quartiles",)


def test_a_thinned_q_q_plot_says_how_many_points_it_has_and_has_none_twice() -> None:
    fetch = Table("SELECT i::DOUBLE AS x, i % 2 AS g FROM range(1_002) t(i)").fetch
    drawn = plots.quantile_plot(fetch, plots.Axis("x", "x"), plots.Axis("g", "g"), "")
    points = [np.asarray(line.get_ydata()).tolist() for line in drawn.sheet.axes.lines[::2]]
    assert all(len(set(of_group)) == len(of_group) for of_group in points)
    n_between = sum(map(len, points)) - 400
    assert f"greatest values of each group whole, {n_between} of the 602 between" in " ".join(drawn.notes)


def test_box_and_violin_of_a_million_rows_reach_the_extremes(million: Table) -> None:
    axis = plots.Axis("x", "x")
    box = plots.box(million.fetch, axis, None, "")
    points = np.concatenate([np.asarray(line.get_ydata()) for line in box.sheet.axes.lines])
    assert (points.min(), points.max()) == (-3e18, 1e19)
    assert any("points beyond the whiskers not shown" in note for note in box.notes)
    violin = plots.violin(million.fetch, axis, None, "")
    (body, *_) = violin.sheet.axes.collections
    heights = np.asarray(body.get_paths()[0].vertices)[:, 1]
    assert (heights.min(), heights.max()) == (-3e18, 1e19)


def test_n_of_correlations_counts_rows_that_hold_a_pair() -> None:
    fetch = Table("SELECT i::DOUBLE AS x, CASE WHEN i < 9 THEN i * i END::DOUBLE AS y FROM range(12) t(i)").fetch
    drawn = plots.correlation_map(fetch, [plots.Axis("x", "x"), plots.Axis("y", "y")], "", correlate_by(fetch))
    assert drawn.n == 9
    assert "3 rows with missing values left out" in drawn.notes


@pytest.mark.parametrize("decimals", [1, 9], ids=["ties", "many scores"])
def test_areas_are_those_of_scikit_learn(decimals: int) -> None:
    """The area under the ROC curve and the average precision, with tied scores, and with more than are drawn."""
    rng = np.random.default_rng(decimals)
    truth = rng.random(5_000) < 0.3
    scores = np.round(rng.random(5_000) + 0.3 * truth, decimals)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE data (s DOUBLE, t VARCHAR)")
        rows = [[float(s), "it's" if t else "no"] for s, t in zip(scores, truth, strict=True)]
        connection.executemany("INSERT INTO data VALUES (?, ?)", rows)
        connection.execute("INSERT INTO data VALUES (NULL, 'no')")

        def fetch(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        axis = plots.Axis("s", "s")
        traced = plots.trace(fetch, axis, "t", "it's")
    curve, precision = plots.roc(traced, ""), plots.precision_recall(traced, "")
    assert curve.n == 5_000
    assert curve.notes[0] == f"area under the curve {roc_auc_score(truth, scores):.3f}"
    assert precision.notes[0] == f"average precision {average_precision_score(truth, scores):.3f}"
    assert ("5,000 scores in 2,000 steps" in curve.notes) == (decimals == 9)
    assert "1 row with missing values left out" in curve.notes


@pytest.mark.parametrize(("n_of_each", "means"), [(1, []), (2, ["each point is the mean of y there"])])
def test_a_line_says_where_its_points_are_means(
    session: Session, tmp_path: Path, n_of_each: int, means: list[str]
) -> None:
    path = tmp_path / "line.csv"
    path.write_text("x,y\n" + "".join(f"{row // n_of_each},{row}\n" for row in range(390)))
    session.call_tool("load_dataset", f'{{"source": "{path}", "name": "line{n_of_each}"}}', None)
    wish = f'{{"dataset": "line{n_of_each}", "kind": "line", "x": "x", "y": "y"}}'
    assert session.call_tool("plot", wish, None).content["notes"] == means
