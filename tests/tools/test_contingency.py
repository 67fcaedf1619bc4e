"""Tables of counts against R's own examples and textbook values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import contingency as scipy_contingency
from statsmodels.stats.contingency_tables import Table2x2

from tools.stats import contingency
from tools.stats.comparison import TooFewValues
from tools.stats.found import CountTest

PARTY = np.array([[762.0, 327, 468], [484, 239, 477]])  # Agresti (2007), p. 39: gender by party
BERKELEY = np.array([[1198.0, 1493], [557, 1278]])  # UCBAdmissions: male, female by admitted, rejected
APPROVAL = np.array([[794.0, 86], [150, 570]])  # Agresti (1990), p. 350
TEA = np.array([[3.0, 1], [1, 3]])  # Fisher (1935): the lady tasting tea


def test_chi_square_of_party_by_gender() -> None:
    """R's ?chisq.test: X² = 30.07, df = 2, p = 2.954e-07; residuals from Agresti: 4.5020, 0.6995, -5.3159."""
    found = contingency.examine_counts(PARTY, None)
    assert (found.test, found.df) == ("chi_square", 2)
    assert found.statistic == pytest.approx(30.070149, abs=5e-7)
    assert found.p == pytest.approx(2.954e-07, rel=1e-3)
    assert found.residuals[0] == pytest.approx([4.5020535, 0.6994517, -5.3159455], abs=5e-7)
    assert found.expected[0] == pytest.approx([703.6714, 319.6453, 533.6834], abs=5e-5)
    assert found.effect.value == pytest.approx(np.sqrt(30.070149 / 2757), rel=1e-6)
    assert found.effect.ci_low is not None
    assert found.effect.ci_high is not None
    assert 0 < found.effect.ci_low < found.effect.value < found.effect.ci_high < 0.2


def test_two_by_two_with_and_without_correction() -> None:
    """UCBAdmissions, gender by admission: X² = 92.205, with Yates 91.61; odds ratio 1.84108 (1.6244 to 2.0867)."""
    plain = contingency.examine_counts(BERKELEY, None)
    assert plain.statistic == pytest.approx(92.2053, abs=5e-5)
    corrected = contingency.examine_counts(BERKELEY, "chi_square_corrected")
    assert corrected.statistic == pytest.approx(91.6096, abs=5e-5)
    odds, risk = plain.ratios
    assert (odds.value, odds.ci_low, odds.ci_high) == pytest.approx((1.84108, 1.6244, 2.0867), abs=5e-5)
    assert risk.value == pytest.approx((1198 / 2691) / (557 / 1835))


def test_fisher_of_the_lady_tasting_tea() -> None:
    """fisher.test(TeaTasting): p = 0.4857 two-sided; small expected counts choose it."""
    found = contingency.examine_counts(TEA, None)
    assert (found.test, found.statistic) == ("fisher", None)
    assert found.p == pytest.approx(34 / 70)


def test_fisher_of_a_larger_table_is_drawn() -> None:
    """R's ?fisher.test, Job (Agresti 2002, p. 57): p = 0.7827."""
    job = np.array([[1.0, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])
    found = contingency.examine_counts(job, "fisher")
    assert found.p == pytest.approx(0.7827, abs=0.015)
    assert found.p == contingency.examine_counts(job, "fisher").p
    assert found.p_method == "drawn: 9,999"
    assert found.p_interval is not None
    assert found.p_interval[0] < 0.7827 < found.p_interval[1]
    assert contingency.examine_counts(job, None).test == "fisher"
    assert len(contingency.examine_counts(job, "chi_square").few_expected) == 8  # R: sum(chisq.test(job)$expected < 5)


@pytest.mark.parametrize(
    ("changed", "method", "p"),
    [(16, "exact", 0.151589632034302), (17, "chi-square, continuity corrected", 0.109598583399116)],
)
def test_mcnemar_is_exact_below_25_changes(changed: int, method: str, p: float) -> None:
    """R 4: binom.test(8, 24) and mcnemar.test(matrix(c(10, 8, 17, 10), 2))."""
    found = contingency.examine_counts(np.array([[10.0, changed], [8.0, 10.0]]), "mcnemar")
    assert found.p_method == method
    assert found.p == pytest.approx(p, rel=1e-12)


def test_as_many_changes_one_way_as_the_other_are_no_change() -> None:
    """R: mcnemar.test(matrix(c(42, 20, 20, 48), 2)): McNemar's chi-squared = 0, df = 1, p-value = 1."""
    found = contingency.examine_counts(np.array([[42.0, 20], [20, 48]]), "mcnemar")
    assert (found.statistic, found.p) == (0.0, 1.0)


def test_mcnemar_of_approval() -> None:
    """Agresti: z² = (86 - 150)² / 236 = 17.36; with Edwards's correction (64 - 1)² / 236. Few are tested exactly."""
    found = contingency.examine_counts(APPROVAL, "mcnemar")
    assert found.statistic == pytest.approx(63**2 / 236)
    assert found.p == pytest.approx(4.115e-05, rel=1e-3)
    assert found.effect.value == pytest.approx(86 / 150)
    few = contingency.examine_counts(np.array([[10.0, 1], [9, 10]]), "mcnemar")
    assert few.p == pytest.approx(2 * (1 + 10) / 2**10)


def test_goodness_of_fit() -> None:
    """R's ?chisq.test: x = c(89,37,30,28,2), p = c(40,20,20,15,5)/100: X² = 9.9901, df = 4, p = 0.04059."""
    x = np.array([89.0, 37, 30, 28, 2])
    found = contingency.goodness_of_fit(x, [0.4, 0.2, 0.2, 0.15, 0.05])
    assert (found.statistic, found.df, found.p) == pytest.approx((9.9901, 4, 0.04059), abs=5e-5)
    even = contingency.goodness_of_fit(np.array([20.0, 15, 25]), None)
    assert (even.statistic, even.p) == pytest.approx((2.5, 0.2865048), abs=5e-7)


@pytest.mark.parametrize("cells", [[5, 7, 3, 6], [1, 10**9, 1, 1], [31, 17, 109, 122], [5, 0, 3, 6], [0, 4, 9, 0]])
def test_ratios_and_their_intervals_are_as_in_statsmodels(cells: list[int]) -> None:
    """Table2x2 of the counts, with 0.5 added to each where one is 0; and SciPy where none is."""
    counts = np.array(cells).reshape(2, 2)
    odds, risk = contingency.odds_ratio(counts.astype("float64")), contingency.risk_ratio(counts.astype("float64"))
    theirs = Table2x2(counts + 0.5 * (counts.min() == 0))
    assert (odds.value, odds.ci_low, odds.ci_high) == pytest.approx((theirs.oddsratio, *theirs.oddsratio_confint()))
    assert (risk.value, risk.ci_low, risk.ci_high) == pytest.approx((theirs.riskratio, *theirs.riskratio_confint()))
    if counts.all():
        a, b, c, d = cells
        by_odds = scipy_contingency.odds_ratio(counts, kind="sample")
        assert (odds.value, odds.ci_low, odds.ci_high) == pytest.approx(
            (by_odds.statistic, *by_odds.confidence_interval())
        )
        by_risk = scipy_contingency.relative_risk(a, a + b, c, c + d)
        assert (risk.ci_low, risk.ci_high) == pytest.approx(tuple(by_risk.confidence_interval()))


def test_as_many_changes_each_way_are_no_difference() -> None:
    """R: mcnemar.test(matrix(c(10, 20, 20, 10), 2)): chi-square = 0, p = 1."""
    found = contingency.examine_counts(np.array([[10.0, 20], [20, 10]]), "mcnemar")
    assert (found.statistic, found.p) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("counts", "wish", "words"),
    [
        ([[1.0, 2]], None, "a single value"),
        ([[1.0, 2, 3], [3, 4, 5]], "mcnemar", "needs a table of 2 by 2"),
        ([[5.0, 0], [0, 5]], "mcnemar", "no pair changed"),
    ],
)
def test_what_cannot_be_tested_says_why(counts: list[list[float]], wish: CountTest | None, words: str) -> None:
    with pytest.raises(TooFewValues, match=words):
        contingency.examine_counts(np.array(counts), wish)


def test_an_interval_of_v_holds_v() -> None:
    """Penguins' species by sex: chi-square 0.0486 is below the 2.5 % point of 2 degrees of freedom."""
    v = contingency.cramers_v(np.array([[73.0, 73], [34, 34], [58, 61]]))
    assert v.value == pytest.approx(0.01208, abs=5e-5)
    assert (v.ci_low, v.ci_high) == (0.0, v.value)
