"""analyze_distribution: published statistics, maximum-likelihood fits, and what is said about both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats as scipy_stats
from statsmodels.stats.diagnostic import normal_ad

from tests.tools.conftest import Call
from tools import stats
from tools.errors import ToolError

MPG = (
    "21 21 22.8 21.4 18.7 18.1 14.3 24.4 22.8 19.2 17.8 16.4 17.3 15.2 10.4 10.4 "
    "14.7 32.4 30.4 33.9 21.5 15.5 15.2 13.3 19.2 27.3 26 30.4 15.8 19.7 15 21.4"
)
"""Miles per gallon in R's mtcars (Henderson, Velleman 1981)."""


def found_by_name(result: dict[str, Any]) -> dict[str, tuple[float, float]]:
    return {test["name"]: (test["statistic"], test["p"]) for test in result["tests"]}


@pytest.fixture
def mpg(tool_on: Callable[[str, str], Call]) -> dict[str, Any]:
    return tool_on("analyze_distribution", "mpg\n" + MPG.replace(" ", "\n") + "\n")(column="mpg")


def test_the_tests_agree_with_r_on_mtcars(mpg: dict[str, Any]) -> None:
    """shapiro.test, nortest::ad.test, nortest::lillie.test and tseries::jarque.bera.test of mtcars$mpg."""
    found = found_by_name(mpg)
    assert found["shapiro"] == pytest.approx((0.94756, 0.1229), abs=6e-5)
    assert found["anderson_darling"] == pytest.approx((0.57968, 0.1207), abs=6e-5)
    assert found["jarque_bera"] == pytest.approx((2.2412, 0.3261), abs=6e-5)
    assert found["lilliefors"][0] == pytest.approx(0.1263, abs=6e-5)


def test_skewness_is_given_in_each_of_its_kinds(mpg: dict[str, Any]) -> None:
    """e1071::skewness(mtcars$mpg, type = 1, 2) and kurtosis, as its manual defines them; Pearson's by hand."""
    x = np.array(MPG.split(), dtype=float)
    assert mpg["skewness_biased"] == pytest.approx(0.640440, abs=1e-6)
    assert mpg["skewness"] == pytest.approx(scipy_stats.skew(x, bias=False), rel=1e-12)
    assert mpg["pearson_median_skewness"] == pytest.approx(3 * (x.mean() - 19.2) / x.std(ddof=1), rel=1e-12)
    assert mpg["pearson_mode_skewness"] == pytest.approx((x.mean() - 10.4) / x.std(ddof=1), rel=1e-12)


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_normality_does_not_depend_on_where_zero_lies(offset: float) -> None:
    x = np.round(np.random.default_rng(7).normal(0, 4, 300) * 16) / 16  # exact in float64 after the shift too
    plain = [test.statistic for test in stats.normality_tests(x)]
    assert [test.statistic for test in stats.normality_tests(x + offset)] == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("df", [1.5, 3, 8, 400])
def test_the_p_of_anderson_and_darling_is_as_in_statsmodels(df: float) -> None:
    """statsmodels' normal_ad, in each part of Stephens's formula, where its logarithms are numbers."""
    for n in (8, 20, 60):
        x = np.clip(scipy_stats.t.rvs(df, size=n, random_state=np.random.default_rng(n)), -6, 6)
        found = next(test for test in stats.normality_tests(x) if test.name == "anderson_darling")
        assert (found.statistic, found.p) == pytest.approx(normal_ad(x), rel=1e-9)


def test_anderson_darling_is_finite_far_out() -> None:
    found = {test.name: test for test in stats.normality_tests(np.random.default_rng(1).exponential(1, 10_000))}
    assert found["anderson_darling"].statistic == pytest.approx(
        scipy_stats.anderson(np.random.default_rng(1).exponential(1, 10_000), "norm", method="interpolate").statistic
    )
    assert found["anderson_darling"].note == "p is below 1e-30"


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 2.0], [5.0] * 40])
def test_what_cannot_be_tested_is_none(values: list[float]) -> None:
    assert all(test.p is None for test in stats.normality_tests(np.array(values)))


@pytest.mark.parametrize(
    ("family", "draw", "reference"),
    [
        ("gamma", scipy_stats.gamma(2.5, scale=3), lambda x: scipy_stats.gamma.fit(x, floc=0)),
        ("weibull", scipy_stats.weibull_min(1.7, scale=2), lambda x: scipy_stats.weibull_min.fit(x, floc=0)),
        ("logistic", scipy_stats.logistic(5, 2), scipy_stats.logistic.fit),
        ("t", scipy_stats.t(4, 10, 2), scipy_stats.t.fit),
        ("lognormal", scipy_stats.lognorm(0.8, scale=3), lambda x: scipy_stats.lognorm.fit(x, floc=0)),
        ("exponential", scipy_stats.expon(scale=4), lambda x: scipy_stats.expon.fit(x, floc=0)),
        ("laplace", scipy_stats.laplace(1, 2), scipy_stats.laplace.fit),
        ("uniform", scipy_stats.uniform(3, 2), scipy_stats.uniform.fit),
    ],
)
def test_a_fit_is_at_least_as_likely_as_scipys_and_ranks_first(family: str, draw: Any, reference: Any) -> None:
    x = draw.rvs(3_000, random_state=11)
    fits = stats.fit_families(x)
    fit = next(fit for fit in fits if fit.family == family)
    assert fit.log_likelihood >= draw.dist.logpdf(x, *reference(x)).sum() - 1e-3
    # A family that holds the truth with one parameter more wins by chance: likelihood ratio below 6.7 in 99 %.
    assert fit.aic <= fits[0].aic + 6.7 - 2
    assert fit.ks == pytest.approx(scipy_stats.kstest(x, draw.cdf).statistic, abs=0.02)


def test_a_t_that_narrows_to_a_spike_is_no_fit() -> None:
    """The density at 2.5 grows without end as the scale falls: an AIC is only where the search ended."""
    x = np.array([1.5] + [2.5] * 16 + [4.0] * 3)
    wide, narrow = (scipy_stats.t(0.2, 2.5, scale).logpdf(x).sum() for scale in (1e-9, 1e-90))
    assert narrow > wide + 1000
    fits = stats.fit_families(x)
    assert (fits[0].family, "t" in {fit.family for fit in fits}) == ("laplace", False)


def test_a_t_of_very_long_tails_has_its_scale() -> None:
    """Cauchy's is t of df 1 and scale 1; the sd of these values is in the thousands."""
    x = scipy_stats.cauchy.rvs(size=20_000, random_state=np.random.default_rng(1))
    fit = next(fit for fit in stats.fit_families(x) if fit.family == "t")
    assert dict(fit.params)["df"] == pytest.approx(1, abs=0.05)
    assert dict(fit.params)["scale"] == pytest.approx(1, abs=0.05)


def test_counts_with_more_spread_than_a_poissons_are_negative_binomial() -> None:
    x = scipy_stats.nbinom(3, 0.3).rvs(2_000, random_state=3).astype(float)
    best = stats.fit_families(x, counts=True)[0]
    assert best.family == "negative_binomial"
    assert dict(best.params)["mean"] == pytest.approx(x.mean())
    # At the maximum, the likelihood falls to either side.
    for size in (0.98, 1.02):
        r = dict(best.params)["size"] * size
        assert scipy_stats.nbinom.logpmf(x, r, r / (r + x.mean())).sum() < best.log_likelihood


def test_poisson_counts_are_poisson() -> None:
    x = scipy_stats.poisson(3).rvs(2_000, random_state=3).astype(float)
    assert stats.fit_families(x, counts=True)[0].family == "poisson"


def test_groups_are_tested_each_on_its_own(tool_of: Any) -> None:
    call: Call = tool_of("analyze_distribution")
    found = call(column="body_mass_g", by="species")
    alone = call(column="body_mass_g", where="species = 'Gentoo'")
    assert {test["group"] for test in found["tests"]} == {"Adelie", "Chinstrap", "Gentoo"}
    gentoo = [test["p"] for test in found["tests"] if test["group"] == "Gentoo"]
    assert gentoo == [test["p"] for test in alone["tests"]]
    assert "fits" not in call(column="body_mass_g", fit=False)


def test_it_says_what_the_tests_are_worth_at_this_size(mpg: dict[str, Any], tool_of: Any) -> None:
    call: Call = tool_of("analyze_distribution")
    assert "no proof" in mpg["interpretation"]
    assert "is not normal" in call(column="body_mass_g")["interpretation"]
    few = call(column="body_mass_g", where="_row < 12")
    assert {"few_values", "missing_values"} <= set(few["warning_codes"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"column": "species"}, "not numbers"),
        ({"column": "body_mass_g", "by": "body_mass_g"}, "the column itself"),
        ({"column": "body_mass_g", "where": "body_mass_g > 1e9"}, "no values"),
        ({"column": "body_mass_g", "by": "flipper_length_mm"}, "at most 50"),
        ({"column": "body_mass_g", "by": "sex", "where": "sex IS NULL"}, "'sex' has no value here"),
    ],
)
def test_what_cannot_be_done_is_said(tool_of: Any, arguments: dict[str, str], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        tool_of("analyze_distribution")(**arguments)
