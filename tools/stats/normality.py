"""Tests of normality, each with what its p-value is worth; float64 values without missing ones in."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tools.stats.floats import Floats
from tools.stats.found import NormalityName
from tools.stats.scaling import divided, exponent_of, largest

MAX_SHAPIRO = 5_000
"""Royston's p-values are valid up to here."""
ROYSTON = "Royston's approximation"
LEAST_ANDERSON = 1e-30
MOST_DALLAL = 0.1
LEAST_OF_THREE = 1e-14
"""Of three values, Shapiro and Wilk's p is a difference of two angles, whose rounding is not far below this."""


@dataclass(frozen=True)
class NormalityTest:
    """One test that the values come from a normal distribution; None where n or a constant allows none.

    `note` says what p is worth, where that is less than it looks; `p_method` how it was got; `p_is_bound`, that it is
    only known to be below.
    """

    name: NormalityName
    statistic: float | None
    p: float | None
    note: str | None = None
    p_method: str | None = None
    p_is_bound: bool = False


def normality_tests(x: Floats) -> list[NormalityTest]:
    """Shapiro-Wilk, Anderson-Darling, D'Agostino's K², Jarque-Bera, Kolmogorov-Smirnov and Lilliefors.

    Mean and sd are estimated from the values, which Kolmogorov and Smirnov's p does not know of: it is far too large;
    Lilliefors's is the same distance with the right p (by table between 0.1 and 0.99, and never below 0.001 there).
    Anderson and Darling's p is Stephens's approximation.

    Parameters
    ----------
    x : array of shape (n,)
        No missing values. They are centred and scaled first, so that no digit is lost to a large mean.

    References
    ----------
    Shapiro, Wilk (1965), Royston (1995), Applied Statistics 44; D'Agostino, Stephens (1986). Goodness-of-Fit
    Techniques, table 4.9; D'Agostino, Pearson (1973). Biometrika 60; Jarque, Bera (1987). International Statistical
    Review 55; Lilliefors (1967). JASA 62; Dallal, Wilkinson (1986). The American Statistician 40.
    """
    x = divided(x, exponent_of(x))
    if len(x) < 3 or np.ptp(x) == 0:
        return [NormalityTest(name, None, None, "fewer than 3 values, or all the same") for name in TESTS]
    z = x - x.mean()
    z = z - z.mean()  # a mean near 1e9 is itself rounded to 1e-7
    z = z / z.std(ddof=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy warns where n is small or large: the notes say it
        return [test(z) for test in TESTS.values()]


def shapiro_wilk(away: Floats) -> NormalityTest:
    """Shapiro and Wilk's W of three or more values about their mean, not all the same, with Royston's p."""
    # SciPy takes a range below 1e-19 for none, and then says W = 1: the values are brought near 1.
    found = stats.shapiro(np.ldexp(away, -int(np.frexp(largest(away))[1])))
    note = f"p is an approximation above {MAX_SHAPIRO} values" if len(away) > MAX_SHAPIRO else None
    p, statistic = float(found.pvalue), float(found.statistic)
    is_bound = len(away) == 3 and p < LEAST_OF_THREE
    method = ROYSTON if len(away) > 3 else "exact"
    return NormalityTest("shapiro", statistic, LEAST_OF_THREE if is_bound else p, note, method, is_bound)


def _anderson_darling(z: Floats) -> NormalityTest:
    n = len(z)
    if n < 8:
        return NormalityTest("anderson_darling", None, None, "needs 8 values")
    statistic = float(stats.anderson(z, "norm", method="interpolate").statistic)
    p = stephens_p(statistic, n)
    is_bound = p < LEAST_ANDERSON
    note = "p is below 1e-30" if is_bound else None
    p = LEAST_ANDERSON if is_bound else p
    return NormalityTest("anderson_darling", statistic, p, note, "Stephens's approximation", is_bound)


def stephens_p(statistic: float, n: int) -> float:
    """The p of Anderson and Darling's statistic of n values whose mean and sd are estimated.

    By D'Agostino, Stephens (1986), table 4.9. SciPy's is never above 0.15 nor below 0.01; statsmodels has the same
    formula, but an infinite statistic where a value lies eight standard deviations out.
    """
    a = statistic * (1 + 0.75 / n + 2.25 / n**2)
    if a < 0.2:
        return 1 - math.exp(-13.436 + 101.14 * a - 223.73 * a * a)
    if a < 0.34:
        return 1 - math.exp(-8.318 + 42.796 * a - 59.938 * a * a)
    if a < 0.6:
        return math.exp(0.9177 - 4.279 * a - 1.38 * a * a)
    return math.exp(1.2937 - 5.709 * a + 0.0186 * a * a) if a < 13 else 0.0


def _dagostino(z: Floats) -> NormalityTest:
    if len(z) < 8:
        return NormalityTest("dagostino", None, None, "needs 8 values")
    # SciPy's test of skewness takes one of exactly 0 for another: there is nothing of it in K² then.
    parts = [stats.skewtest(z).statistic] if stats.skew(z) != 0 else []
    statistic = sum(float(part) ** 2 for part in [*parts, stats.kurtosistest(z).statistic])
    return NormalityTest("dagostino", statistic, float(stats.chi2.sf(statistic, 2)), None, "chi-square")


def _jarque_bera(z: Floats) -> NormalityTest:
    found = stats.jarque_bera(z)
    note = "p is only right for large n" if len(z) < 2_000 else None
    return NormalityTest("jarque_bera", float(found.statistic), float(found.pvalue), note, "chi-square")


def _kolmogorov_smirnov(z: Floats) -> NormalityTest:
    found = stats.kstest(z, "norm")
    note = "p is too large: mean and sd come from the same values; read lilliefors"
    return NormalityTest("ks", float(found.statistic), float(found.pvalue), note, "exact, of a given normal")


def _lilliefors(z: Floats) -> NormalityTest:
    from statsmodels.stats.diagnostic import lilliefors

    if len(z) < 4:
        return NormalityTest("lilliefors", None, None, "needs 4 values")
    statistic, p = lilliefors(z, pvalmethod="approx")
    if math.isnan(p):
        return NormalityTest("lilliefors", float(statistic), None)
    method = "Dallal and Wilkinson's approximation" if p < MOST_DALLAL else "Lilliefors's table"
    return NormalityTest("lilliefors", float(statistic), float(p), None, method)


TESTS: Mapping[NormalityName, Callable[[Floats], NormalityTest]] = {
    "shapiro": shapiro_wilk,
    "anderson_darling": _anderson_darling,
    "dagostino": _dagostino,
    "jarque_bera": _jarque_bera,
    "ks": _kolmogorov_smirnov,
    "lilliefors": _lilliefors,
}
