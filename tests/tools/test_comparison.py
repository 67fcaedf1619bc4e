"""Tests of groups against R (4.x) on its own data sets, and effect sizes against R's effectsize."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from tools.stats import comparison
from tools.stats.choosing import check_assumptions, choose, others
from tools.stats.effects import cliffs_delta, hedges_factor
from tools.stats.multiplicity import correct
from tools.stats.post_hoc import dunn, tukey

# R: sleep, extra by group; PlantGrowth, weight by group.
DRUG_1 = np.array([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0])
DRUG_2 = np.array([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4])
CONTROL = np.array([4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14])
FIRST = np.array([4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69])
SECOND = np.array([6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26])
PLANTS = [CONTROL, FIRST, SECOND]


@pytest.mark.parametrize("df", [2, 3, 10, 60, 300])
def test_the_factor_of_hedges_is_the_quotient_of_gammas(df: int) -> None:
    """By Python's own gamma, as Hedges (1981) defines it; at df of 2 it is 1 / sqrt(pi)."""
    expected = math.gamma(df / 2) / math.gamma((df - 1) / 2) / math.sqrt(df / 2)
    assert hedges_factor(df) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("df", [1e6, 1e8, 1e12])
def test_the_factor_of_hedges_keeps_its_digits_for_many_values(df: float) -> None:
    """Its expansion in 1 / df, of which the next term is below 1e-18; a difference of log gammas is 1e-7 off at 1e8."""
    assert hedges_factor(df) == pytest.approx(1 - 3 / (4 * df) - 7 / (32 * df * df), abs=1e-14)


def test_students_t_of_sleep() -> None:
    """t.test(extra ~ group, sleep, var.equal = TRUE); effectsize::hedges_g gives -0.80 [-1.67, 0.09]."""
    found = comparison.two_sample_t(DRUG_1, DRUG_2, equal_var=True)
    assert (found.statistic, found.df, found.p) == pytest.approx((-1.860813, 18, 0.0791867), rel=1e-6)
    assert found.difference is not None
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((-3.363874, 0.203874), rel=1e-6)
    assert (found.effect.value, found.effect.ci_low, found.effect.ci_high) == pytest.approx(
        (-0.80, -1.67, 0.09), abs=5e-3
    )


def test_welchs_t_of_sleep() -> None:
    """t.test(extra ~ group, sleep): t = -1.8608, df = 17.776, p = 0.07939, CI -3.3654832 to 0.2054832."""
    found = comparison.two_sample_t(DRUG_1, DRUG_2, equal_var=False)
    assert (found.df, found.p) == pytest.approx((17.776474, 0.07939414), rel=1e-6)
    assert found.difference is not None
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((-3.3654832, 0.2054832), rel=1e-6)
    less = comparison.two_sample_t(DRUG_1, DRUG_2, equal_var=False, alternative="less")
    assert less.p == pytest.approx(found.p / 2)


def test_paired_and_one_sample_t_of_sleep() -> None:
    """t.test(drug1, drug2, paired = TRUE): t = -4.0621, df = 9, p = 0.002833, CI -2.4598858 to -0.7001142."""
    found = comparison.paired_t(DRUG_1, DRUG_2)
    assert (found.statistic, found.df, found.p) == pytest.approx((-4.062128, 9, 0.00283289), rel=1e-6)
    assert found.difference is not None
    assert (found.difference.ci_low, found.difference.ci_high) == pytest.approx((-2.4598858, -0.7001142), rel=1e-6)
    same = comparison.one_sample_t(DRUG_1 - DRUG_2, 0.0)
    assert (same.statistic, same.p, same.effect.value) == pytest.approx((found.statistic, found.p, found.effect.value))
    assert (found.effect.value, found.effect.ci_low, found.effect.ci_high) == pytest.approx(
        (-1.17, -1.94, -0.38), abs=5e-3
    )


def test_the_same_effects_as_others_measure_them() -> None:
    """d is t times its scale, and g over Hedges' J (its intervals as above); omega² after Hays, by hand."""
    (d,) = comparison.two_sample_t(DRUG_1, DRUG_2, equal_var=False).further
    assert d.name == "cohens_d"
    assert d.value == pytest.approx(-1.860813 * math.sqrt(2 / 10), rel=1e-6)
    assert [d.ci_low, d.ci_high] == pytest.approx([-1.67 / (1 - 3 / 71), 0.09 / (1 - 3 / 71)], abs=6e-3)
    (d_z,) = comparison.paired_t(DRUG_1, DRUG_2).further
    assert d_z.name == "cohens_d_z"
    assert d_z.value == pytest.approx(-4.062128 / math.sqrt(10), rel=1e-6)
    assert [d_z.ci_low, d_z.ci_high] == pytest.approx([-1.94 / (1 - 3 / 35), -0.38 / (1 - 3 / 35)], abs=6e-3)
    eta, (omega,) = comparison.anova(PLANTS).effect, comparison.anova(PLANTS).further
    assert (omega.name, omega.ci_low, omega.ci_high) == ("omega_squared", eta.ci_low, eta.ci_high)
    assert omega.value == pytest.approx(2 * 3.846088 / (2 * 3.846088 + 30), rel=1e-6)
    assert comparison.welch_anova(PLANTS).further == (omega,)
    assert comparison.anova([CONTROL, CONTROL + 1e-9]).further[0].value == 0
    (rank_eta,) = comparison.kruskal(PLANTS).further
    assert (rank_eta.name, round(rank_eta.value, 2)) == ("eta_squared_h", 0.22)
    ranks = comparison.mann_whitney(DRUG_1, DRUG_2)
    delta, superiority = ranks.further
    assert (delta.name, delta.value, delta.ci_low) == ("cliffs_delta", ranks.effect.value, ranks.effect.ci_low)
    wins = np.subtract.outer(DRUG_1, DRUG_2)
    assert superiority.value == pytest.approx(((wins > 0) + (wins == 0) / 2).mean())


def test_mann_whitney_of_sleep() -> None:
    """wilcox.test(extra ~ group, sleep): W = 25.5, p = 0.06933 (ties: normal, continuity correction)."""
    found = comparison.mann_whitney(DRUG_1, DRUG_2)
    assert (found.statistic, found.p) == pytest.approx((25.5, 0.06932758), rel=1e-6)
    assert found.effect.value == pytest.approx(2 * 25.5 / 100 - 1)


def test_wilcoxon_of_darwins_maize() -> None:
    """Darwin (1876), Zea mays, 15 pairs: R's wilcox.test(paired = TRUE) gives V = 96, p = 0.04126 (ties)."""
    crossed = np.array([188, 96, 168, 176, 153, 172, 177, 163, 146, 173, 186, 168, 177, 184, 96]) / 8
    selfed = np.array([139, 163, 160, 160, 147, 149, 149, 122, 132, 144, 130, 144, 102, 124, 144]) / 8
    found = comparison.wilcoxon(crossed, selfed)
    assert (found.statistic, found.p) == pytest.approx((96, 0.04126), abs=5e-6)
    assert found.effect.value == pytest.approx(0.6)


def test_wilcoxon_is_exact_without_ties() -> None:
    """Hollander, Wolfe (1973), p. 29, depression scale: R's example gives V = 40, p = 0.01953 one-sided (greater)."""
    x = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    y = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    found = comparison.wilcoxon(x, y, alternative="greater")
    assert (found.statistic, found.p) == pytest.approx((40, 0.01953125), rel=1e-9)


def test_anova_of_plants() -> None:
    """anova(lm(weight ~ group, PlantGrowth)): F = 4.8461 on 2 and 27, p = 0.01591; eta² = 0.2641."""
    found = comparison.anova(PLANTS)
    assert (found.statistic, found.df, found.df2, found.p) == pytest.approx((4.846088, 2, 27, 0.01590996), rel=1e-6)
    assert found.effect.value == pytest.approx(0.2641483, rel=1e-6)


def test_welchs_anova_of_plants() -> None:
    """oneway.test(weight ~ group, PlantGrowth): F = 5.181, num df = 2, denom df = 17.128, p = 0.01739."""
    found = comparison.welch_anova(PLANTS)
    assert (found.statistic, found.df2, found.p) == pytest.approx((5.180972, 17.12842, 0.01739282), rel=1e-6)


def test_kruskal_of_plants() -> None:
    """kruskal.test(weight ~ group, PlantGrowth): 7.9882, df = 2, p = 0.01842."""
    found = comparison.kruskal(PLANTS)
    assert (found.statistic, found.df, found.p) == pytest.approx((7.988229, 2, 0.01842376), rel=1e-6)
    assert found.effect.value == pytest.approx(7.988229 / 29, rel=1e-6)


def test_dominance_is_counted_over_all_pairs() -> None:
    generator = np.random.default_rng(1)
    a, b = generator.integers(0, 9, 40).astype(float), generator.integers(2, 9, 30).astype(float)
    expected = np.sign(np.subtract.outer(a, b)).mean()
    found = cliffs_delta(a, b)
    assert found.value == pytest.approx(expected)
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert -1 <= found.ci_low < found.value < found.ci_high <= 1
    turned = cliffs_delta(b, a)
    assert (turned.ci_low, turned.ci_high) == pytest.approx((-found.ci_high, -found.ci_low))


@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_a_shift_changes_no_test(shift: float) -> None:
    a, b = DRUG_1 + shift, DRUG_2 + shift
    assert comparison.two_sample_t(a, b, equal_var=False).p == pytest.approx(0.07939414, rel=1e-6)
    assert comparison.mann_whitney(a, b).p == pytest.approx(0.06932758, rel=1e-4 if shift else 1e-6)
    assert comparison.anova([plant + shift for plant in PLANTS]).p == pytest.approx(0.01590996, rel=1e-6)


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (lambda: comparison.two_sample_t(np.array([1.0]), DRUG_1, equal_var=True), "a group has 1 values"),
        (lambda: comparison.two_sample_t(np.ones(3), np.ones(4), equal_var=True), "neither group varies"),
        (lambda: comparison.paired_t(np.ones(3), np.zeros(3)), "all differences are the same"),
        (lambda: comparison.wilcoxon(np.ones(3), np.ones(3)), "all pairs are equal"),
        (lambda: comparison.anova([np.ones(3), np.ones(3)]), "no group varies"),
        (lambda: comparison.welch_anova([np.ones(3), DRUG_1]), "a group does not vary"),
        (lambda: comparison.kruskal([np.ones(3), np.ones(3)]), "all values are the same"),
    ],
)
def test_what_cannot_be_tested_says_why(run: Callable[[], object], words: str) -> None:
    with pytest.raises(comparison.TooFewValues, match=words):
        run()


def test_tukeys_differences_of_plants() -> None:
    """TukeyHSD(aov(weight ~ group, PlantGrowth)): trt1-ctrl 0.3908711, trt2-ctrl 0.1979960, trt2-trt1 0.0120064."""
    found = tukey(PLANTS, equal_var=True)
    assert [(pair.a, pair.b) for pair in found] == [(0, 1), (0, 2), (1, 2)]
    assert [pair.p for pair in found] == pytest.approx([0.3908711, 0.1979960, 0.0120064], abs=2e-5)
    assert [pair.difference for pair in found] == pytest.approx([-0.371, 0.494, 0.865])
    assert (found[2].ci_low, found[2].ci_high) == pytest.approx((0.1737839, 1.5562161), abs=1e-5)


def test_dunns_ranks_of_plants() -> None:
    """Dunn's z by his formula without ties (there is one pair of them among thirty values), p by Holm's steps."""
    found = dunn(PLANTS)
    ranks = stats.rankdata(np.concatenate(PLANTS)).reshape(3, 10).mean(axis=1)
    error = np.sqrt(30 * 31 / 12 * (1 / 10 + 1 / 10))
    raw = [2 * stats.norm.sf(abs(ranks[i] - ranks[j]) / error) for i, j in ((0, 1), (0, 2), (1, 2))]
    assert [pair.difference for pair in found] == pytest.approx(
        [ranks[1] - ranks[0], ranks[2] - ranks[0], ranks[2] - ranks[1]]
    )
    assert [pair.p for pair in found] == pytest.approx([raw[0], 2 * raw[1], 3 * raw[2]], rel=1e-3)
    assert [pair.p < 0.05 for pair in found] == [False, False, True]


def test_holms_steps() -> None:
    """p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 0.03 0.06 0.06 0.02."""
    assert correct([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_choice_says_why() -> None:
    normal = check_assumptions([DRUG_1, DRUG_2], ["1", "2"])
    assert choose([DRUG_1, DRUG_2], False, normal).test == "welch_t"
    assert "no group departs from normal" in choose([DRUG_1, DRUG_2], False, normal).why
    assert choose(PLANTS, False, check_assumptions(PLANTS, list("abc"))).test == "anova"
    skewed = [np.exp(DRUG_1 * 2), np.exp(DRUG_2 * 2)]
    assert choose(skewed, False, check_assumptions(skewed, ["1", "2"])).test == "mann_whitney"
    many = [np.repeat(group, 4) for group in skewed]
    assert choose(many, False, check_assumptions(many, ["1", "2"])).test == "welch_t"
    unequal = [CONTROL, FIRST * 9 - 30, SECOND]
    assert choose(unequal, False, check_assumptions(unequal, list("abc"))).test == "welch_anova"
    others_of = others("welch_t", [DRUG_1, DRUG_2], "two-sided")
    assert {one.test for one in others_of} == {"student_t", "mann_whitney"}


@pytest.mark.parametrize(("n", "test"), [(29, "mann_whitney"), (30, "welch_t")])
def test_means_of_skewed_groups_are_compared_from_thirty_values_on(n: int, test: str) -> None:
    skewed = [np.exp(np.linspace(0, 5, n)), np.exp(np.linspace(0, 4, n))]
    checks = check_assumptions(skewed, ["1", "2"])
    assert not any(check.holds for check in checks if check.group is not None)
    assert choose(skewed, False, checks).test == test


def test_shapiro_of_a_known_sample() -> None:
    """shapiro.test(PlantGrowth$weight[1:10]): W = 0.95668, p = 0.7475."""
    check = check_assumptions([CONTROL], ["ctrl"])[0]
    assert check.statistic == pytest.approx(0.95668, abs=5e-6)
    assert check.p == pytest.approx(0.7475, abs=5e-5)
    assert check.holds is True


@pytest.mark.parametrize("unit", [1e-19, 1.7e-27, 1e-60, 1e60])
def test_shapiro_does_not_hang_on_the_unit(unit: float) -> None:
    """shapiro.test(c(1.5, 1.5, 1.5, 2.5, 4) * unit): W = 0.7544270, p = 0.0326925, whatever the unit."""
    check = check_assumptions([np.array([1.5, 1.5, 1.5, 2.5, 4.0]) * unit], ["small"])[0]
    assert check.statistic == pytest.approx(0.7544270, abs=5e-8)
    assert check.p == pytest.approx(0.0326925, abs=5e-8)
    assert check.holds is False


def test_shapiro_of_three_values_two_of_them_equal_is_a_bound() -> None:
    """W is 3/4, the least that it can be: p = 6 / pi (asin sqrt W - asin sqrt 3/4) is 0 (Shapiro and Wilk 1965)."""
    check = check_assumptions([np.array([1.0, 1.0, 2.0])], ["three"])[0]
    assert check.statistic == pytest.approx(0.75)
    assert (check.p, check.p_is_bound, check.p_method) == (1e-14, True, "exact")


def test_the_share_of_variance_lies_in_its_interval() -> None:
    """F is 8.6e-4, below the 2.5 % point of its distribution, where both ends would be 0."""
    effect = comparison.anova([np.array([1.0, 2.0, 3.1]), np.array([1.1, 2.0, 3.05])]).effect
    assert effect.ci_low == 0
    assert effect.ci_high == effect.value > 0


BEFORE = "39.1 40.2 38.7 41.5 39.9 42.3 40.8 37.6 41.1 40.4 39.5 38.2".split()
AFTER = "38.7 39.1 38.9 40.4 39.5 41.2 40.1 37.9 40.7 39.3 39.1 37.5".split()


@pytest.mark.parametrize("power", ["", "e-4", "e-9", "e-12", "e-27", "e15", "e24"])
def test_equal_differences_are_equal_in_every_unit(power: str) -> None:
    """R of the values in whole tenths: wilcox.test(a, b, paired = TRUE, exact = FALSE): V = 75, p = 0.004990933478."""
    a, b = (np.array([float(value + power) for value in values]) for values in (BEFORE, AFTER))
    found = comparison.wilcoxon(a, b)
    assert found.statistic == 75
    assert found.p == pytest.approx(0.004990933478, rel=1e-9)


def test_an_effect_far_from_zero_has_an_interval() -> None:
    """SciPy's noncentral t has no value far out in the tails; the interval is found all the same."""
    generator = np.random.default_rng(2)
    a, b = generator.normal(0, 1, 400), generator.normal(-3, 1, 400)
    effect = comparison.two_sample_t(b, a, equal_var=True).effect
    assert effect.ci_low is not None
    assert effect.ci_high is not None
    assert effect.ci_low < effect.value < effect.ci_high < -2
