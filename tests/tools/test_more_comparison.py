"""Tests of spread, of the same subjects again, of two factors and of shares, against R's documented output."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.proportion import proportion_confint

from tools.stats.comparison import TooFewValues, kolmogorov_smirnov, mann_whitney
from tools.stats.dispersion import SpreadTest, compare_spreads
from tools.stats.floats import Floats
from tools.stats.power import power_of_f, power_of_h, power_of_ranks, power_of_repeated, power_of_t, power_of_term
from tools.stats.proportions import compare_proportions, newcombe, one_proportion, pairs_of_proportions, wilson
from tools.stats.repeated import friedman, paired_differences, repeated_anova
from tools.stats.two_way import SumsOfSquares, two_way_anova

INSECT_SPRAYS = [
    np.array(counts, dtype=np.float64)
    for counts in (
        [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
        [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
        [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
        [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
        [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
        [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
    )
]
"""R's InsectSprays: counts of insects by spray (Beall 1942)."""

ROUNDING = np.array(
    "5.40 5.50 5.55 5.85 5.70 5.75 5.20 5.60 5.50 5.55 5.50 5.40 5.90 5.85 5.70 5.45 5.55 5.60 "
    "5.40 5.40 5.35 5.45 5.50 5.35 5.25 5.15 5.00 5.85 5.80 5.70 5.25 5.20 5.10 5.65 5.55 5.45 "
    "5.60 5.35 5.45 5.05 5.00 4.95 5.50 5.50 5.40 5.45 5.55 5.50 5.55 5.55 5.35 5.45 5.50 5.55 "
    "5.50 5.45 5.25 5.65 5.60 5.40 5.70 5.65 5.55 6.30 6.30 6.25".split(),
    dtype=np.float64,
).reshape(22, 3)
"""Times of rounding first base (Hollander, Wolfe 1973, p. 140), the example of R's friedman.test."""

EXERCISE = [
    np.array(column, dtype=np.float64)
    for column in zip((45, 50, 55), (42, 42, 45), (36, 41, 43), (39, 35, 40), (51, 55, 59), (44, 49, 56), strict=True)
]
"""Fitness of six people before, after three and after six months (Laerd Statistics, repeated measures ANOVA)."""


def test_spreads_of_insect_counts() -> None:
    """R: bartlett.test K² = 25.96, df = 5, p = 9.085e-05; fligner.test 14.483, df = 5, p = 0.01282."""
    bartlett = compare_spreads("bartlett", INSECT_SPRAYS)
    assert bartlett.statistic == pytest.approx(25.96, abs=5e-3)
    assert bartlett.df == 5
    assert bartlett.p == pytest.approx(9.085e-05, rel=5e-4)
    fligner = compare_spreads("fligner", INSECT_SPRAYS)
    assert fligner.statistic == pytest.approx(14.483, abs=5e-4)
    assert fligner.p == pytest.approx(0.01282, abs=5e-6)


def test_levene_of_gears() -> None:
    """NIST/SEMATECH e-Handbook 1.3.5.10: Levene's W of ten batches of gears is 1.7059 about the median, p > 0.05."""
    found = compare_spreads("brown_forsythe", list(GEARS))
    assert found.statistic == pytest.approx(1.705910, abs=1e-5)
    assert (found.df, found.df2) == (9, 90)
    assert found.p > 0.05
    # 1.3.5.7: Bartlett's T of the same gears is 20.78580, p = 0.0136.
    assert compare_spreads("bartlett", list(GEARS)).statistic == pytest.approx(20.78580, abs=1e-4)


GEARS = np.array(
    "1.006 0.996 0.998 1.000 0.992 0.993 1.002 0.999 0.994 1.000 "
    "0.998 1.006 1.000 1.002 0.997 0.998 0.996 1.000 1.006 0.988 "
    "0.991 0.987 0.997 0.999 0.995 0.994 1.000 0.999 0.996 0.996 "
    "1.005 1.002 0.994 1.000 0.995 0.994 0.998 0.996 1.002 0.996 "
    "0.998 0.998 0.982 0.990 1.002 0.984 0.996 0.993 0.980 0.996 "
    "1.009 1.013 1.009 0.997 0.988 1.002 0.995 0.998 0.981 0.996 "
    "0.990 1.004 0.996 1.001 0.998 1.000 1.018 1.010 0.996 1.002 "
    "0.998 1.000 1.006 1.000 1.002 0.996 0.998 0.996 1.002 1.006 "
    "1.002 0.998 0.996 0.995 0.996 1.004 1.004 0.998 0.999 0.991 "
    "0.991 0.995 0.984 0.994 0.997 0.997 0.991 0.998 1.004 0.997".split(),
    dtype=np.float64,
).reshape(10, 10)
"""Diameters of gears in ten batches (NIST/SEMATECH e-Handbook, GEAR.DAT)."""


def test_spreads_beside_a_group_that_does_not_vary() -> None:
    groups = [np.zeros(3), np.array([1.0, 2, 3]), np.array([2.0, 4, 9])]
    found = compare_spreads("levene", groups)
    # By hand: distances 0 0 0, 1 0 1, 3 1 4; sums of squares 104/9 between and 16/3 within.
    assert found.statistic == pytest.approx(6.5, rel=1e-12)
    assert found.effect.name == "eta_squared"
    assert found.effect.value == pytest.approx(13 / 19, rel=1e-12)
    assert compare_spreads("fligner", groups).effect.name == "epsilon_squared"
    with pytest.raises(TooFewValues, match="logarithm"):
        compare_spreads("bartlett", groups)
    with pytest.raises(TooFewValues, match="no group varies"):
        compare_spreads("levene", [np.zeros(3), np.ones(3)])


@pytest.mark.parametrize("test", ["levene", "brown_forsythe", "bartlett", "fligner"])
def test_spreads_stay_at_a_large_offset(test: SpreadTest) -> None:
    groups = [np.array([1.0, 2, 4, 7, 3]), np.array([1.0, 9, 4, 17, 2]), np.array([2.0, 2.5, 3, 3.5, 8])]
    plain = compare_spreads(test, groups)
    moved = compare_spreads(test, [group + 1e9 for group in groups])
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-9)
    assert moved.p == pytest.approx(plain.p, rel=1e-9)


def test_the_ratio_of_two_variances() -> None:
    """R: var.test of two known samples is s1² / s2² within F's interval: qf(.975, 4, 4) = 9.604530."""
    ratio = compare_spreads("levene", [np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 4, 6, 8, 10])]).effect
    assert ratio.value == pytest.approx(0.25)
    assert ratio.ci_low == pytest.approx(0.25 / 9.604530)
    assert ratio.ci_high == pytest.approx(0.25 * 9.604530)


def test_friedman_of_rounding_times() -> None:
    """R: friedman.test: chi-squared = 11.143, df = 2, p = 0.003805; W = 11.143 / (22 · 2)."""
    found = friedman(list(ROUNDING.T))
    assert found.statistic == pytest.approx(11.143, abs=5e-4)
    assert found.p == pytest.approx(0.003805, abs=5e-7)
    assert found.effect.value == pytest.approx(11.143 / 44, abs=2e-5)


def test_repeated_measures_of_exercise() -> None:
    """Laerd: F(2, 10) = 12.53, p = 0.002, partial eta² = 0.715; epsilons 0.638 and 0.760."""
    found, sphericity = repeated_anova(EXERCISE)
    assert (found.df, found.df2) == (2, 10)
    assert found.statistic == pytest.approx(12.534, abs=5e-4)
    assert found.p == pytest.approx(0.002, abs=5e-4)
    assert found.effect.value == pytest.approx(0.715, abs=5e-4)
    assert sphericity.greenhouse_geisser == pytest.approx(0.638, abs=5e-4)
    assert sphericity.huynh_feldt == pytest.approx(0.760, abs=5e-4)
    assert found.p < sphericity.p_huynh_feldt < sphericity.p_greenhouse_geisser
    moved, _ = repeated_anova([column + 1e9 for column in EXERCISE])
    assert moved.statistic == pytest.approx(found.statistic, rel=1e-9)


def test_pairs_of_times_are_corrected() -> None:
    pairs = paired_differences(EXERCISE, by_ranks=False)
    assert [(pair.a, pair.b) for pair in pairs] == list(combinations(range(3), 2))
    assert [pair.difference for pair in pairs] == pytest.approx(
        [float((EXERCISE[j] - EXERCISE[i]).mean()) for i, j in combinations(range(3), 2)]
    )
    assert all(pair.ci_low is not None and pair.ci_low < pair.difference for pair in pairs)


@pytest.mark.parametrize(
    "columns", [[np.ones(5)] * 3, [np.arange(5.0), np.arange(5.0) + 1, np.arange(5.0) + 3], [np.arange(5.0)] * 2]
)
def test_times_that_cannot_be_told_apart(columns: list[Floats]) -> None:
    with pytest.raises(TooFewValues):
        repeated_anova(columns)


WARP_BREAKS = np.array(
    "26 30 54 25 70 52 51 26 67 18 21 29 17 12 18 35 30 36 36 21 24 18 10 43 28 15 26 "
    "27 14 29 19 29 31 41 20 44 42 26 19 16 39 28 21 39 29 20 21 24 17 13 15 15 16 28".split(),
    dtype=np.float64,
).reshape(2, 3, 9)
"""R's warpbreaks: breaks of yarn by wool (A, B) and tension (L, M, H) (Tippett 1950)."""


@pytest.mark.parametrize("sums", [1, 2, 3])
def test_two_factors_of_warp_breaks(sums: SumsOfSquares) -> None:
    """R: summary(aov(breaks ~ wool * tension)); balanced, so that each type of sums says the same."""
    found = two_way_anova([list(row) for row in WARP_BREAKS], ("wool", "tension"), sums)
    wool, tension, both = found.lines
    assert (wool.df, tension.df, both.df, found.residual_df) == (1, 2, 2, 48)
    assert [line.f for line in found.lines] == pytest.approx([3.765, 8.498, 4.189], abs=5e-4)
    assert [line.p for line in found.lines] == pytest.approx([0.058213, 0.000693, 0.021044], abs=5e-7)
    assert (wool.ss, tension.ms) == pytest.approx((450.7, 1017.1), abs=0.05)
    assert both.ss is not None
    assert both.effect.value == pytest.approx(both.ss / (both.ss + found.residual_ss))


@pytest.mark.parametrize("sums", [1, 2, 3])
def test_unbalanced_factors_agree_with_statsmodels(sums: SumsOfSquares) -> None:
    rng = np.random.default_rng(5)
    rows = [(i, j, float(i - j + rng.normal())) for i in range(2) for j in range(3) for _ in range(2 + i + 2 * j)]
    cells = [[np.array([y for a, b, y in rows if (a, b) == (i, j)]) for j in range(3)] for i in range(2)]
    frame = pd.DataFrame(rows, columns=["a", "b", "y"])
    peer = anova_lm(ols("y ~ C(a, Sum) * C(b, Sum)", frame).fit(), typ=sums)
    peer = peer.drop(index="Intercept", errors="ignore")
    found = two_way_anova(cells, ("a", "b"), sums)
    assert [line.f for line in found.lines] == pytest.approx(list(peer["F"][:3]), rel=1e-9)
    assert [line.p for line in found.lines] == pytest.approx(list(peer["PR(>F)"][:3]), rel=1e-9)
    moved = two_way_anova([[cell + 1e8 for cell in row] for row in cells], ("a", "b"), sums)
    assert [line.f for line in moved.lines] == pytest.approx([line.f for line in found.lines], rel=1e-6)


def test_cells_of_one_value_have_no_interaction() -> None:
    """Then it is what is left over: the same as the analysis of blocks, here of exercise by person and month."""
    found = two_way_anova([list(row[:, None]) for row in np.column_stack(EXERCISE)], ("person", "month"))
    assert [line.term for line in found.lines] == ["person", "month"]
    assert found.lines[1].f == pytest.approx(12.534, abs=5e-4)


def test_wilson_ends_at_0_and_at_1() -> None:
    """Wilson (1927): the roots for 0 of n are 0 and z² / (n + z²); the arcsine of a rounding of 1e-17 is 6e-9."""
    for n in range(1, 60):
        low, high = wilson(0, n)
        assert low == 0.0
        assert high == pytest.approx(1.959963984540054**2 / (n + 1.959963984540054**2))
        assert wilson(n, n)[1] == 1.0


@pytest.mark.parametrize("n", [1, 2, 7, 263, 10**6, 10**12])
def test_wilson_is_as_in_statsmodels(n: int) -> None:
    for yes in {0, 1, n // 3, n - 1, n}:
        assert wilson(yes, n) == pytest.approx(proportion_confint(yes, n, method="wilson"), rel=1e-9, abs=1e-16)


def test_factors_that_cannot_be_told_apart() -> None:
    empty = [[np.array([1.0, 2.0]), np.array([])], [np.array([2.0, 5.0]), np.array([4.0, 4.5])]]
    assert two_way_anova(empty, ("a", "b")).n_empty_cells == 1
    with pytest.raises(TooFewValues, match="type 3 are not defined"):
        two_way_anova(empty, ("a", "b"), 3)
    with pytest.raises(TooFewValues, match="single level"):
        two_way_anova([[np.array([1.0, 2.0]), np.array([1.0])]], ("a", "b"))
    with pytest.raises(TooFewValues, match="nothing is left"):
        two_way_anova([[np.ones(2), np.ones(2)], [np.full(2, 3.0), np.full(2, 5.0)]], ("a", "b"))


def test_shares_of_patients() -> None:
    """R: prop.test(c(83, 90, 129, 70), c(86, 93, 136, 82)): X² = 12.6, df = 3, p = 0.005585 (Fleiss 1981)."""
    found = compare_proportions((83, 90, 129, 70), (86, 93, 136, 82))
    assert found.df == 3
    assert found.statistic == pytest.approx(12.6004, abs=5e-5)
    assert found.p == pytest.approx(0.005585, abs=5e-7)
    assert [pair.p < 0.05 for pair in pairs_of_proportions((83, 90, 129, 70), (86, 93, 136, 82))].count(True) <= 3


def test_intervals_of_shares_are_newcombes() -> None:
    """Newcombe (1998): 81 of 263 lies in 0.2553 to 0.3662; 56/70 - 48/80 in 0.0524 to 0.3339 (method 10)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert newcombe(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    both = compare_proportions((56, 48), (70, 80))
    # z² is Pearson's chi-square of the four counts.
    assert (both.statistic or 0.0) ** 2 == pytest.approx(150 * (56 * 32 - 14 * 48) ** 2 / (70 * 80 * 104 * 46))
    assert compare_proportions((56, 48), (70, 80), "greater").p == pytest.approx(both.p / 2)


def test_a_share_against_a_number() -> None:
    """R: binom.test(682, 925, p = 0.75): p = 0.3825 (Conover 1971, p. 97)."""
    found = one_proportion(682, 925, 0.75)
    assert found.p == pytest.approx(0.3825, abs=5e-5)
    assert found.difference is not None
    assert found.difference.value == pytest.approx(682 / 925 - 0.75)
    with pytest.raises(TooFewValues, match="between 0 and 1"):
        one_proportion(3, 5, 75)


@pytest.mark.parametrize(("d", "n"), [(0.2, 394), (0.35, 130), (0.5, 64), (0.8, 26), (1.2, 12)])
def test_n_needed_is_the_least_whole_n(d: float, n: int) -> None:
    """R 4: ceiling(power.t.test(delta = d, power = 0.8, strict = TRUE)$n)."""
    assert power_of_t(d, (20, 20)).n_needed == n


def test_one_value_fewer_than_needed_is_too_few() -> None:
    for tenths in range(20, 200):
        needed = power_of_t(tenths / 100, (20, 20)).n_needed
        assert needed is not None
        assert power_of_t(tenths / 100, (needed,) * 2).power >= 0.8
        assert needed == 2 or power_of_t(tenths / 100, (needed - 1,) * 2).power < 0.8


def test_power_of_t() -> None:
    """R: power.t.test(n = 20, delta = 1): 0.8689528; (power = .80, delta = 0.5): n = 63.76 (Cohen's 64 a group)."""
    assert power_of_t(1.0, (20, 20)).power == pytest.approx(0.8689528, abs=5e-7)
    assert power_of_t(-0.5, (20, 20)).n_needed == 64
    assert power_of_t(0.5, (20,)).n_needed == 34
    assert power_of_t(0.5, (64, 64)).detectable == pytest.approx(0.499, abs=2e-3)
    assert power_of_t(0.0, (20, 20)).n_needed is None
    assert power_of_t(100.0, (200, 200)).power == 1
    assert power_of_t(0.5, (20, 20), one_sided=True).power == pytest.approx(0.4633743, abs=5e-7)


def test_power_of_ranks_is_noethers_and_that_of_a_simulation() -> None:
    """Noether (1987): N = (z + z)² / (12 c (1 - c) (P - 1/2)²), and (z + z)² / (3 (P' - 1/2)²) pairs."""
    z = stats.norm.ppf(0.95) + stats.norm.ppf(0.8)
    assert power_of_ranks(0.4, (20, 20), one_sided=True).n_needed == math.ceil(z**2 / (12 * 0.25 * 0.2**2) / 2)
    assert power_of_ranks(0.4, (20,), one_sided=True).n_needed == math.ceil(z**2 / (3 * 0.2**2))
    assert power_of_ranks(0.1, (3, 3)).detectable is None
    generator = np.random.default_rng(4)
    shifted = [mann_whitney(generator.normal(0.7, 1, 30), generator.normal(0, 1, 30)).p < 0.05 for _ in range(1_000)]
    superiority = 2 * stats.norm.cdf(0.7 / math.sqrt(2)) - 1
    assert power_of_ranks(superiority, (30, 30)).power == pytest.approx(np.mean(shifted), abs=0.05)


def test_power_of_a_term_and_of_repeated_measures_where_they_are_known_otherwise() -> None:
    assert power_of_term(0.28, 3, 4, 144) == power_of_f(0.28, (36,) * 4)
    # Of two measurements it is the paired t: f² is d² n / df.
    d, n = 0.5, 34
    repeated = power_of_repeated(math.sqrt(d * d * n / (n - 1)), 2, n)
    assert repeated.power == pytest.approx(power_of_t(d, (n,)).power, rel=1e-9)


def test_power_of_f_and_of_shares() -> None:
    """pwr: pwr.anova.test(f = .28, k = 4, power = .80): n = 35.75789. R: power.prop.test(50, .5, .75) 0.7401659."""
    assert power_of_f(0.28, (36,) * 4).n_needed == 36
    assert power_of_f(0.28, (35.75789,) * 4).power == pytest.approx(0.80, abs=1e-6)
    h = compare_proportions((50, 75), (100, 100)).effect.value
    assert power_of_h(h, (50, 50)).power == pytest.approx(0.7401659, abs=0.01)  # by arcsines, not by the pooled share
    # pwr: pwr.2p.test(h = 0.3, n = 80, alternative = "greater"): power = 0.5996777 (Cohen 1988, p. 203).
    assert power_of_h(0.3, (80, 80), one_sided=True).power == pytest.approx(0.5996777, abs=5e-8)


def test_kolmogorov_and_smirnov_count_orders() -> None:
    """Exact p of 4 and 5 values: the share of the 126 orders with a distance as large, counted one by one."""
    a, b = np.array([1.0, 2.0, 3.5, 4.2]), np.array([2.5, 5.0, 6.0, 7.0, 8.0])
    found = kolmogorov_smirnov(a, b)

    def distance(places: tuple[int, ...]) -> float:
        steps = [1 / 4 if place in places else -1 / 5 for place in range(9)]
        return float(np.abs(np.cumsum(steps)).max())

    counted = [distance(places) for places in combinations(range(9), 4)]
    assert found.statistic == pytest.approx(0.8)
    assert found.p == pytest.approx(np.mean([one >= 0.8 - 1e-9 for one in counted]))
    assert kolmogorov_smirnov(a, b, "less").p < found.p < kolmogorov_smirnov(a, b, "greater").p
