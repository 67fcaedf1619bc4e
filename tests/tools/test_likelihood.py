"""Logit and Poisson against R's and Stata's documented fits, and where no finite coefficient fits best."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from tools.stats.comparison import TooFewValues
from tools.stats.design import Rows
from tools.stats.floats import Floats
from tools.stats.likelihood import Family, LikelihoodFit, maximum_likelihood


def likelihood_of(
    x: Floats, y: Floats, terms: tuple[str, ...], family: Family, robust: bool = False, n_blocks: int = 1
) -> LikelihoodFit:
    """A fit of arrays, cut into blocks."""
    cuts = np.array_split(np.arange(len(y)), n_blocks)
    blocks = [Rows(part.astype(np.float64), x[part], y[part]) for part in cuts]
    return maximum_likelihood(lambda: blocks, terms, family, robust)


# R: mtcars, am and wt (1000 lb), in the order of the data set.
AM = np.array([1, 1, 1, *[0] * 14, 1, 1, 1, *[0] * 5, *[1] * 7], dtype=float)
WT = (
    "2.62 2.875 2.32 3.215 3.44 3.46 3.57 3.19 3.15 3.44 3.44 4.07 3.73 3.78 5.25 5.424 5.345 2.2 1.615 1.835 2.465 "
    "3.52 3.435 3.84 3.845 1.935 2.14 1.513 3.17 2.77 3.57 2.78"
)


def test_logit_of_mtcars() -> None:
    """summary(glm(am ~ wt, binomial, mtcars)): 12.040 (4.510), -4.024 (1.436); deviance 19.176 of 43.230."""
    x = np.array(WT.split(), dtype=float)[:, None]
    fit = likelihood_of(x, AM, ("wt",), "logit")
    intercept, slope = fit.coefficients
    assert (intercept.estimate, intercept.se) == pytest.approx((12.040, 4.510), abs=5e-4)
    assert (slope.estimate, slope.se, slope.p) == pytest.approx((-4.024, 1.436, 0.00508), abs=6e-4)
    assert (fit.deviance, fit.null_deviance, fit.aic) == pytest.approx((19.176, 43.230, 23.176), abs=5e-4)


def test_poisson_of_dobson() -> None:
    """R's ?glm, Dobson (1990), p. 93, counts by outcome and treatment: 3.045, -0.4543, -0.2930; deviance 5.1291."""
    counts = np.array([18.0, 17, 15, 20, 10, 20, 25, 13, 12])
    outcome, treatment = np.tile([0, 1, 2], 3), np.repeat([0, 1, 2], 3)
    x = np.column_stack([outcome == 1, outcome == 2, treatment == 1, treatment == 2]).astype(float)
    fit = likelihood_of(x, counts, ("outcome2", "outcome3", "treatment2", "treatment3"), "poisson")
    assert [c.estimate for c in fit.coefficients[:3]] == pytest.approx([3.0445, -0.4543, -0.2930], abs=5e-5)
    assert [c.se for c in fit.coefficients[:3]] == pytest.approx([0.1709, 0.2022, 0.1927], abs=5e-5)
    assert fit.deviance == pytest.approx(5.1291, abs=5e-5)
    assert [abs(c.estimate) for c in fit.coefficients[3:]] == pytest.approx([0, 0], abs=1e-8)


def test_classes_that_are_told_apart_have_no_best_fit() -> None:
    with pytest.raises(TooFewValues, match="tell the classes apart entirely"):
        likelihood_of(np.arange(20.0)[:, None], (np.arange(20) > 9).astype(float), ("x",), "logit")


# UCLA's example of quasi-complete separation ("What is complete or quasi-complete separation in logistic regression?").
Y = np.array([0.0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
X1 = np.array([1.0, 2, 3, 3, 3, 4, 5, 6, 10, 11])
X2 = np.array([3.0, 0, -1, 4, 1, 0, 2, 7, 3, 4])


@pytest.mark.parametrize("n_blocks", [1, 4])
def test_a_term_that_tells_rows_apart_is_named_and_the_others_are_those_of_stata(n_blocks: int) -> None:
    """Stata: x1 dropped, 7 observations not used; x2 -.1206257 (.6098361), log likelihood -1.8895913."""
    fit = likelihood_of(np.column_stack([X1, X2]), Y, ("x1", "x2"), "logit", n_blocks=n_blocks)
    assert (fit.endless, fit.n_apart, fit.n, fit.df) == (("(intercept)", "x1"), 7, 10, 7)
    (x2,) = fit.coefficients
    assert x2.term == "x2"
    assert [x2.estimate, x2.se] == pytest.approx([-0.1206257, 0.6098361], abs=5e-8)
    assert fit.deviance == pytest.approx(2 * 1.8895913, abs=1e-7)
    assert fit.aic == pytest.approx(2 * 3 + fit.deviance)


def test_a_group_without_events_has_no_finite_coefficient_but_the_others_have() -> None:
    """Two groups whose odds are known by hand, 3 of 8 and 6 of 9, beside one of only zeros."""
    groups = np.repeat([0, 1, 2], [8, 9, 7])
    y = np.concatenate([[1.0] * 3 + [0] * 5, [1.0] * 6 + [0] * 3, [0.0] * 7])
    x = np.column_stack([groups == 1, groups == 2]).astype(float)
    fit = likelihood_of(x, y, ("b", "c"), "logit")
    assert (fit.endless, fit.n_apart) == (("c",), 7)
    intercept, b = fit.coefficients
    assert intercept.estimate == pytest.approx(np.log(3 / 5))
    assert b.estimate == pytest.approx(np.log((6 / 3) / (3 / 5)))
    assert b.se == pytest.approx(np.sqrt(1 / 3 + 1 / 5 + 1 / 6 + 1 / 3))
    counts = likelihood_of(x, y * 2, ("b", "c"), "poisson")
    assert (counts.endless, counts.n_apart) == (("c",), 7)
    assert counts.coefficients[1].estimate == pytest.approx(np.log((12 / 9) / (6 / 8)))


def test_a_first_group_without_events_leaves_no_term_of_the_groups_finite() -> None:
    generator = np.random.default_rng(8)
    groups, w = np.repeat([0, 1, 2], 30), generator.normal(size=90)
    y = (generator.random(90) < 0.5).astype(float) * (groups > 0)
    x = np.column_stack([groups == 1, groups == 2, w]).astype(float)
    fit = likelihood_of(x, y, ("b", "c", "w"), "logit")
    others = likelihood_of(x[groups > 0][:, 1:], y[groups > 0], ("c", "w"), "logit")
    assert (fit.endless, fit.n_apart) == (("(intercept)", "b", "c"), 30)
    assert fit.coefficients[0].estimate == pytest.approx(others.coefficients[2].estimate)
    assert fit.coefficients[0].se == pytest.approx(others.coefficients[2].se)


@pytest.mark.parametrize("family", ["logit", "poisson"])
@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_any_fit_is_that_of_statsmodels(family: Family, robust: bool, offset: float) -> None:
    generator = np.random.default_rng(3)
    x = generator.normal(size=(300, 3)) * [1, 20, 0.01]
    level = x @ [0.5, 0.03, 40] - 0.3
    y = (generator.random(300) < 1 / (1 + np.exp(-level))).astype(float)
    if family == "poisson":
        y = generator.poisson(np.exp(level)).astype(float)
    fit = likelihood_of(x + offset, y, ("a", "b", "c"), family, robust, n_blocks=7)
    kind = sm.families.Binomial() if family == "logit" else sm.families.Poisson()
    model = sm.GLM(y, sm.add_constant(x), family=kind)
    peer = model.fit(cov_type="HC1" if robust else "nonrobust", tol=1e-13)
    assert [c.estimate for c in fit.coefficients[1:]] == pytest.approx(peer.params[1:], rel=1e-7)
    # statsmodels leaves out HC1's n / (n - k - 1) in these models.
    small = np.sqrt(300 / 296) if robust else 1
    assert [c.se for c in fit.coefficients[1:]] == pytest.approx(peer.bse[1:] * small, rel=1e-7)
    assert (fit.aic, fit.deviance, fit.null_deviance) == pytest.approx((peer.aic, peer.deviance, peer.null_deviance))
    assert fit.pseudo_r2 == pytest.approx(1 - peer.llf / peer.llnull)
    assert fit.dispersion == pytest.approx(peer.pearson_chi2 / 296)


def test_counts_far_above_their_mean_are_reached_by_smaller_steps() -> None:
    x = np.concatenate([np.linspace(0, 1, 50), [30.0]])
    y = np.round(np.exp(0.1 + 0.5 * x)).astype(np.float64)
    fit = likelihood_of(x[:, None], y, ("x",), "poisson")
    assert fit.coefficients[1].estimate == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ([1.0, 2, 3, 4], [1.0, 1, 1, 1], "the target is constant"),
        ([1.0, 1, 1, 1], [1.0, 0, 1, 1], "x is constant"),
        ([1.0, 2], [1.0, 0], "2 rows are too few for 2 coefficients"),
    ],
)
def test_what_cannot_be_fitted_says_why(x: list[float], y: list[float], words: str) -> None:
    with pytest.raises(TooFewValues, match=words):
        likelihood_of(np.array(x)[:, None], np.array(y), ("x",), "logit")
