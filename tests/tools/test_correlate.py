"""correlate: published coefficients, and the one-pass matrix against SciPy pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from evals.world.home import PENGUINS
from tests.tools.conftest import Call
from tools import stats
from tools.errors import ToolError
from tools.stats.floats import Floats

COLUMNS = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]
MPG = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4,
       14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4]  # fmt: skip
WT = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25, 5.424, 5.345, 2.2,
      1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17, 2.77, 3.57, 2.78]  # fmt: skip
AM = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1]
HP = [110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215, 230, 66, 52, 65, 97, 150, 150, 245,
      175, 66, 91, 113, 264, 175, 335, 109]  # fmt: skip


@pytest.fixture
def cars(tool_on: Callable[[str, str], Call]) -> Call:
    """R's mtcars (Henderson, Velleman 1981)."""
    names = ["manual" if am else "automatic" for am in AM]
    table = pd.DataFrame({"mpg": MPG, "wt": WT, "hp": HP, "am": names})
    return tool_on("correlate", table.to_csv(index=False))


@pytest.fixture
def correlate(tool_of: Callable[[str], Call]) -> Call:
    return tool_of("correlate")


def test_pearson_agrees_with_rs_cor_test(cars: Call) -> None:
    """cor.test(mtcars$wt, mtcars$mpg): r -0.8676594, p 1.294e-10, interval -0.9338264 to -0.7440872."""
    pair = cars(x="wt", y="mpg")["pairs"][0]
    assert pair["r"] == pytest.approx(-0.8676594, abs=5e-8)
    assert pair["p"] == pytest.approx(1.294e-10, rel=5e-4)
    assert (pair["ci_low"], pair["ci_high"]) == pytest.approx((-0.9338264, -0.7440872), abs=5e-8)


def test_ranks_agree_with_rs_cor_test(cars: Call) -> None:
    """method = "spearman": rho -0.886422; method = "kendall": tau -0.7278321, p 6.706e-09 (with ties)."""
    assert cars(x="wt", y="mpg", method="spearman")["pairs"][0]["r"] == pytest.approx(-0.886422, abs=5e-7)
    pair = cars(x="wt", y="mpg", method="kendall")["pairs"][0]
    assert pair["r"] == pytest.approx(-0.7278321, abs=5e-8)
    assert pair["p"] == pytest.approx(6.706e-09, rel=5e-4)
    assert pair["ci_low"] < pair["r"] < pair["ci_high"]


def test_point_biserial_says_which_value_counts_as_1(cars: Call) -> None:
    pair = cars(x="mpg", y="am", method="point_biserial")["pairs"][0]
    found = scipy_stats.pointbiserialr(AM, MPG)
    assert pair["r"] == pytest.approx(found.statistic, rel=1e-12)
    assert pair["p"] == pytest.approx(found.pvalue, rel=1e-9)
    assert pair["levels"] == ["automatic", "manual"]


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_a_control_that_says_nothing_of_its_own_takes_nothing(tool_on: Callable[[str, str], Call], method: str) -> None:
    """A constant is no control, and the same one twice is one; R: resid(lm(y ~ z + z2)) drops the aliased column.

    cor(x, y) is 0.590065587; cor(resid(lm(x ~ z)), resid(lm(y ~ z))) is 0.574233469, also with z2 in
    lm; its p with 9 df is 0.0646746811.
    """
    rows = [f"{n * 7 % 12},{n * n % 13},{n * 5 % 11},{(n * 5 % 11) * 2 + 1},0.1" for n in range(12)]
    on = tool_on("correlate", "x,y,z,z2,k\n" + "\n".join(rows) + "\n")

    def line(*controls: str) -> dict[str, Any]:
        found = on(x="x", y="y", method=method, controls=list(controls))
        is_idle = len(controls) > 1 or "k" in controls
        assert any("controls only" in warning for warning in found["warnings"]) == is_idle
        pair: dict[str, Any] = found["pairs"][0]
        return pair

    plain = on(x="x", y="y", method=method)["pairs"][0]
    assert line("k")["r"] == pytest.approx(plain["r"], rel=1e-12)
    one = line("z")
    for several in (line("z", "z2"), line("k", "z"), line("z2", "k", "z")):
        for name in ("r", "p", "ci_low", "ci_high"):
            assert several[name] == pytest.approx(one[name], rel=1e-9)
    if method == "pearson":
        assert (plain["r"], one["r"], one["p"]) == pytest.approx((0.590065587, 0.574233469, 0.0646746811), abs=5e-9)


def test_partial_is_the_formula_of_three_correlations(cars: Call) -> None:
    """r_xy.z = (r_xy - r_xz r_yz) / sqrt((1 - r_xz²)(1 - r_yz²)), p by t with n - 3 degrees of freedom."""
    pair = cars(x="mpg", y="hp", controls=["wt"])["pairs"][0]
    xy, xz, yz = (np.corrcoef(a, b)[0, 1] for a, b in ((MPG, HP), (MPG, WT), (HP, WT)))
    r = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    t = r * np.sqrt((32 - 3) / (1 - r * r))
    assert pair["r"] == pytest.approx(r, rel=1e-12)
    assert pair["p"] == pytest.approx(2 * scipy_stats.t.sf(abs(t), 29), rel=1e-9)
    assert pair["n"] == 32


def test_a_control_that_explains_everything_leaves_no_r() -> None:
    x = np.arange(20.0)
    assert stats.correlate_pair(x, x**2, controls=[3 * x + 1]).r is None


def test_the_matrix_is_scipys_pair_by_pair(correlate: Call) -> None:
    frame = pd.read_csv(PENGUINS)
    found = {(pair["x"], pair["y"]): pair for pair in correlate()["pairs"]}
    for x, y in combinations(COLUMNS, 2):
        both = frame[[x, y]].dropna()
        expected = scipy_stats.pearsonr(both[x], both[y])
        assert found[x, y]["n"] == len(both)
        assert found[x, y]["r"] == pytest.approx(expected.statistic, rel=1e-12)
        assert found[x, y]["p"] == pytest.approx(expected.pvalue, rel=1e-8)


def test_groups_are_correlated_each_on_its_own(correlate: Call) -> None:
    by = correlate(x="bill_length_mm", y="bill_depth_mm", by="species")["pairs"]
    assert [line["group"] for line in by] == ["Adelie", "Chinstrap", "Gentoo"]
    alone = correlate(x="bill_length_mm", y="bill_depth_mm", where="species = 'Gentoo'")["pairs"][0]
    assert by[2]["r"] == pytest.approx(alone["r"], rel=1e-13)
    assert by[2]["n"] == alone["n"]


def test_several_p_values_are_corrected_for_their_number(correlate: Call) -> None:
    pairs = correlate()["pairs"]
    assert [p["p_adjusted"] for p in pairs] == pytest.approx(stats.correct([p["p"] for p in pairs]))
    assert "p_adjusted" not in correlate(x="year", y="body_mass_g")["pairs"][0]


def test_corrections_are_rs_p_adjust() -> None:
    """p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "BH") is 0.05 five times; "bonferroni" and "holm" by hand."""
    p = [0.01, 0.02, 0.03, 0.04, 0.05]
    assert stats.correct(p, "benjamini_hochberg") == pytest.approx([0.05] * 5)
    assert stats.correct(p, "bonferroni") == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert stats.correct(p, "holm") == pytest.approx([0.05, 0.08, 0.09, 0.09, 0.09])


def test_categories_go_together_by_cramers_v(correlate: Call) -> None:
    pair = correlate(x="species", y="island", method="cramers_v")["pairs"][0]
    frame = pd.read_csv(PENGUINS)
    expected = scipy_stats.contingency.association(pd.crosstab(frame["species"], frame["island"]), method="cramer")
    assert pair["r"] == pytest.approx(expected, rel=1e-12)
    assert pair["n"] == 344
    assert len(correlate(method="cramers_v")["pairs"]) == 3


def one_pass(columns: list[Floats], sample: int = 100) -> list[stats.Correlation]:
    parts = [list(part) for part in zip(*(np.array_split(column, 5) for column in columns), strict=True)]
    pairs = list(combinations(range(len(columns)), 2))
    return stats.correlate_columns(len(columns), pairs, [[c[:sample] for c in columns]], parts, parts)


@pytest.mark.parametrize(("offset", "spread"), [(0.0, 1.0), (1e8, 1.0), (1e9, 0.1), (1e15, 1e6)])
def test_one_pass_keeps_the_digits_at_any_offset(offset: float, spread: float) -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(0, 1, 5_000)
    y = 0.3 * x + rng.normal(0, 1, 5_000)
    x, y = offset + spread * x, offset - spread * y
    exact_x, exact_y = (v.astype(np.longdouble) - v.astype(np.longdouble).mean() for v in (x, y))
    r = (exact_x * exact_y).sum() / np.sqrt((exact_x**2).sum() * (exact_y**2).sum())
    assert one_pass([x, y])[0].r == pytest.approx(float(r), rel=1e-12)


def test_a_sample_far_from_the_rest_costs_a_second_pass_and_no_digit() -> None:
    """Negative control of the centers: with the first pass alone, twelve digits are gone."""
    rng = np.random.default_rng(6)
    x = np.concatenate([np.zeros(100), 1e9 + rng.normal(0, 1, 2_000_000)])
    y = np.concatenate([np.zeros(100), 1e9 + rng.normal(0, 1, 2_000_000)])
    keep = slice(100, None)
    parts = [[x[keep][half], y[keep][half]] for half in (slice(None, 10**6), slice(10**6, None))]
    found = stats.correlate_columns(2, [(0, 1)], [[x[:100], y[:100]]], parts, parts)[0]
    assert found.r == pytest.approx(float(np.corrcoef(x[keep] - 1e9, y[keep] - 1e9)[0, 1]), rel=1e-9)


def test_missing_values_leave_each_pair_its_own_rows() -> None:
    rng = np.random.default_rng(8)
    columns = [np.where(rng.random(3_000) < share, np.nan, rng.normal(0, 1, 3_000)) for share in (0.0, 0.2, 0.9, 1.0)]
    columns[1] = columns[1] + np.nan_to_num(columns[0])
    for found, (x, y) in zip(one_pass(columns), combinations(columns, 2), strict=True):
        expected = stats.correlate_pair(x, y)
        assert found.n == expected.n
        assert (found.r is None) == (expected.r is None)
        if expected.r is not None:
            assert (found.r, found.p) == pytest.approx((expected.r, expected.p), rel=1e-10)


def test_a_constant_column_has_no_r() -> None:
    x = np.arange(50.0)
    assert one_pass([x, np.full(50, 0.1)])[0].r is None
    assert one_pass([x, np.where(x > 40, x, np.nan), np.full(50, 1e9)])[1].r is None


def test_a_perfect_line_is_one() -> None:
    x = np.arange(50.0)
    assert one_pass([x, 3 * x - 7])[0].r == pytest.approx(1.0, abs=1e-15)


def test_a_target_with_nothing_beside_it_is_said(tool_on: Callable[[str, str], Call]) -> None:
    with pytest.raises(ToolError, match="no column with numbers beside 'a'"):
        tool_on("correlate", "a,b\n1,x\n2,y\n3,z\n")(target="a")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"x": "year"}, "x and y go together"),
        ({"x": "species", "y": "year"}, "not numbers"),
        ({"x": "year", "y": "body_mass_g", "method": "kendall", "controls": ["bill_depth_mm"]}, "controls go with"),
        ({"x": "year", "y": "body_mass_g", "controls": ["year"]}, "cannot be a control"),
        ({"x": "year", "y": "body_mass_g", "by": "year"}, "makes the groups"),
        ({"x": "species", "y": "year", "method": "point_biserial"}, "has 3 values here"),
        ({"columns": ["species", "year"], "method": "point_biserial"}, "one pair"),
        ({"x": "body_mass_g", "y": "sex", "method": "cramers_v"}, "at most"),
    ],
)
def test_what_cannot_be_done_is_said(correlate: Call, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        correlate(**arguments)


@pytest.mark.parametrize("n_values", [3, 40, 100_000])
def test_ranks_among_any_rows_are_those_of_these_rows(n_values: int) -> None:
    """Sorted once or pair by pair, Spearman's rho of columns with missing values is the same; SciPy's."""
    rng = np.random.default_rng(n_values)
    columns = [np.where(rng.random(500) < 0.2, np.nan, rng.integers(0, n_values, 500)) for _ in range(4)]
    ranked = [stats.rank_column(column) for column in columns]
    for i, j in combinations(range(4), 2):
        both = np.isfinite(columns[i]) & np.isfinite(columns[j])
        peer = scipy_stats.spearmanr(columns[i][both], columns[j][both])
        found = stats.correlate_ranks(ranked[i], ranked[j])
        assert found.n == both.sum()
        assert found.r == pytest.approx(float(peer.statistic), abs=1e-14)
        assert found.p == pytest.approx(float(peer.pvalue), rel=1e-9)
    nothing = stats.rank_column(np.full(500, np.nan))
    assert stats.correlate_ranks(ranked[0], nothing).n == 0
    assert stats.correlate_ranks(ranked[0], stats.rank_column(np.ones(500))).r is None


def test_categories_are_tested_by_the_rule_of_crosstab(tool_on: Callable[[str, str], Call]) -> None:
    """Issue 22.11: 0 of 18 against 4 of 20; fisher.test(matrix(c(0, 4, 18, 16), 2)) of R gives 0.1070921."""
    csv = "g,h\n" + "a,no\n" * 18 + "b,yes\n" * 4 + "b,no\n" * 16
    (pair,) = tool_on("correlate", csv)(x="g", y="h", method="cramers_v")["pairs"]
    assert pair["p"] == pytest.approx(0.1070921, rel=1e-6)
    assert pair["p_method"] == "exact"
    assert pair["p"] == tool_on("crosstab", csv)(row="g", column="h")["p"]
