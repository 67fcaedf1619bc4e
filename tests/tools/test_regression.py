"""Least squares against R's documented fits; NIST's problems are in test_nist."""

from __future__ import annotations

import math

import numpy as np
import pytest
import statsmodels.api as sm

from tools.stats.comparison import TooFewValues
from tools.stats.design import Rows
from tools.stats.floats import Floats
from tools.stats.regression import LinearFit, least_squares

# R: cars, dist ~ speed.
SPEED = (
    "4 4 7 7 8 9 10 10 10 11 11 12 12 12 12 13 13 13 13 14 14 14 14 15 15 15 16 16 17 17 17 18 18 18 18 19 19 19 "
    "20 20 20 20 20 22 23 24 24 24 24 25"
)
DIST = (
    "2 10 4 22 16 10 18 26 34 17 28 14 20 24 28 26 34 34 46 26 36 60 80 20 26 54 32 40 32 40 50 42 56 76 84 36 46 68 "
    "32 48 52 56 64 66 54 70 92 93 120 85"
)


def fit_of(
    x: Floats, y: Floats, robust: bool = False, weights: Floats | None = None, n_blocks: int = 1, intercept: bool = True
) -> LinearFit:
    """Least squares of arrays, cut into blocks."""
    cuts = [part for part in np.array_split(np.arange(len(y)), n_blocks) if len(part)]
    blocks = [
        Rows(part.astype(np.float64), x[part], y[part], None if weights is None else weights[part]) for part in cuts
    ]
    return least_squares(lambda: blocks, "abcdef"[: x.shape[1]], robust, intercept)


def test_cars() -> None:
    """summary(lm(dist ~ speed, cars)): -17.5791 (6.7584), 3.9324 (0.4155), R² 0.6511, F 89.57, sigma 15.38."""
    x, y = np.array(SPEED.split(), dtype=float)[:, None], np.array(DIST.split(), dtype=float)
    fit = fit_of(x, y)
    intercept, slope = fit.coefficients
    assert (intercept.estimate, intercept.se) == pytest.approx((-17.5791, 6.7584), abs=5e-5)
    assert (slope.estimate, slope.se, slope.statistic) == pytest.approx((3.9324, 0.4155, 9.464), abs=5e-4)
    assert slope.p == pytest.approx(1.49e-12, rel=5e-3)
    assert (fit.r2, fit.adj_r2, fit.f, fit.sigma) == pytest.approx((0.6511, 0.6438, 89.57, 15.38), abs=5e-3)
    assert (fit.n, fit.df) == (50, 48)
    # lmtest::bptest(fit): BP = 3.2149, df = 1, p = 0.07297; lmtest::dwtest(fit): DW = 1.6762
    assert fit.breusch_pagan == pytest.approx((3.2149, 0.07297), abs=5e-5)
    assert fit.durbin_watson is not None
    assert fit.durbin_watson.statistic == pytest.approx(1.6762, abs=5e-5)
    # the same call with alternative = "greater": p-value = 0.09522
    assert fit.durbin_watson.p / 2 == pytest.approx(0.09522, abs=5e-6)
    # cooks.distance(fit)[49] = 0.340, the largest
    assert fit.most_influential[0] == 48
    assert fit.most_influential[1] == pytest.approx(0.340, abs=5e-4)


def test_robust_errors_are_hc3() -> None:
    """HC3 by its definition: (X'X)^-1 X' diag(e² / (1 - h)²) X (X'X)^-1."""
    generator = np.random.default_rng(3)
    x = generator.normal(5, 2, (60, 2))
    y = x @ [1.0, -2.0] + generator.normal(0, 1, 60) * x[:, 0]
    plain, robust = (fit_of(x, y, robust=choice) for choice in (False, True))
    design = np.column_stack([np.ones(60), x])
    bread = np.linalg.inv(design.T @ design)
    hat = design @ bread @ design.T
    weights = ((y - hat @ y) / (1 - np.diag(hat))) ** 2
    expected = np.sqrt(np.diag(bread @ design.T @ (design * weights[:, None]) @ bread))
    assert [coefficient.se for coefficient in robust.coefficients] == pytest.approx(expected, rel=1e-9)
    assert [c.estimate for c in robust.coefficients] == pytest.approx([c.estimate for c in plain.coefficients])
    r2 = fit_of(x[:, :1], x[:, 1]).r2
    assert plain.vif == pytest.approx([1 / (1 - r2)] * 2)


@pytest.mark.parametrize("seed", range(5))
def test_a_row_of_its_own_category_has_no_weight_in_robust_errors(seed: int) -> None:
    """Its leverage is 1 and its residual 0, so that what rounding leaves of 0 / 0 must not enter HC3."""
    generator = np.random.default_rng(seed)
    x = np.column_stack([generator.normal(5, 2, 40), np.arange(40) == 7])
    y = 1e6 * (x @ [1.0, 3.0] + generator.normal(0, 1, 40))
    slope = fit_of(x, y, robust=True).coefficients[1]
    rest = np.arange(40) != 7
    alone = fit_of(x[rest, :1], y[rest], robust=True).coefficients[1]
    assert slope.se == pytest.approx(alone.se, rel=1e-9)


@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_a_shift_of_a_column_moves_the_intercept_alone(shift: float) -> None:
    x = np.arange(20.0)[:, None]
    y = 3 * x[:, 0] + np.sin(x[:, 0])
    slope = fit_of(x + shift, y).coefficients[1]
    assert slope.estimate == pytest.approx(fit_of(x, y).coefficients[1].estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.ones((2, 1)), np.arange(2.0), "2 rows are too few for 2 coefficients"),
        (np.arange(9.0)[:, None], np.ones(9), "the target is constant"),
        (np.ones((9, 1)), np.arange(9.0), "a is constant"),
        (np.column_stack([np.arange(9.0), 2 * np.arange(9.0) + 1]), np.arange(9.0) ** 2, "says what other columns say"),
    ],
)
def test_what_cannot_be_fitted_says_why(x: np.ndarray, y: np.ndarray, words: str) -> None:
    with pytest.raises(TooFewValues, match=words):
        fit_of(x, y)


def test_weights_are_those_of_r() -> None:
    """A weight of 2 is what the same row twice would be, but for the degrees of freedom; their unit says nothing."""
    x, y = np.array(SPEED.split(), dtype=float)[:, None], np.array(DIST.split(), dtype=float)
    twice = fit_of(np.vstack([x, x[:10]]), np.concatenate([y, y[:10]]))
    weights = np.array([2.0] * 10 + [1.0] * 40)
    weighted = fit_of(x, y, weights=weights)
    assert [c.estimate for c in weighted.coefficients] == pytest.approx([c.estimate for c in twice.coefficients])
    # Two rows are two observations, a weight of 2 is one: the same sum of squares over fewer degrees of freedom.
    assert weighted.sigma * math.sqrt(48) == pytest.approx(twice.sigma * math.sqrt(58))
    assert weighted.r2 == pytest.approx(twice.r2)
    scaled = fit_of(x, y, weights=weights * 1e6)
    assert [c.se for c in scaled.coefficients] == pytest.approx([c.se for c in weighted.coefficients])


@pytest.mark.parametrize("robust", [False, True])
def test_weighted_errors_agree_with_statsmodels(robust: bool) -> None:
    generator = np.random.default_rng(4)
    x = generator.normal(50, 2, (40, 2))
    y, weights = x @ [1.0, -2.0] + generator.normal(0, 1, 40), generator.uniform(0.5, 4, 40)
    found = fit_of(x, y, robust, weights)
    peer = sm.WLS(y, sm.add_constant(x), weights=weights).fit(cov_type="HC3" if robust else "nonrobust")
    assert [c.estimate for c in found.coefficients] == pytest.approx(peer.params, rel=1e-9)
    assert [c.se for c in found.coefficients] == pytest.approx(peer.bse, rel=1e-9)
    assert (found.r2, found.sigma) == pytest.approx((peer.rsquared, math.sqrt(peer.scale)), rel=1e-9)


@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_blocks_say_what_the_whole_says(robust: bool, intercept: bool, is_weighted: bool) -> None:
    generator = np.random.default_rng(8)
    x = generator.normal(50, 2, (100, 3))
    y, weights = x @ [1.0, -2.0, 0.5] + generator.normal(0, 1, 100), generator.uniform(0.5, 4, 100)
    given = weights if is_weighted else None
    whole = fit_of(x, y, robust, given, 1, intercept)
    for n_blocks in (3, 50, 100):
        found = fit_of(x, y, robust, given, n_blocks, intercept)
        for ours, peer in zip(found.coefficients, whole.coefficients, strict=True):
            assert (ours.estimate, ours.se, ours.p) == pytest.approx((peer.estimate, peer.se, peer.p), rel=1e-9)
        assert (found.r2, found.f, found.condition_number) == pytest.approx((whole.r2, whole.f, whole.condition_number))
        assert found.breusch_pagan == pytest.approx(whole.breusch_pagan)
        assert found.durbin_watson is not None
        assert whole.durbin_watson is not None
        assert found.durbin_watson.statistic == pytest.approx(whole.durbin_watson.statistic)
        assert found.durbin_watson.p == pytest.approx(whole.durbin_watson.p)
        assert found.most_influential == pytest.approx(whole.most_influential)


def test_squared_residuals_are_explained_beside_weights() -> None:
    """Koenker's test of the weighted residuals on the plain columns, by its definition."""
    generator = np.random.default_rng(9)
    x = generator.normal(5, 2, (60, 2))
    y, weights = x @ [1.0, 2.0] + generator.normal(0, 1, 60) * x[:, 0], generator.uniform(0.5, 4, 60)
    even = sm.WLS(y, sm.add_constant(x), weights=weights).fit().wresid ** 2
    r2 = sm.OLS(even, sm.add_constant(x)).fit().rsquared
    assert fit_of(x, y, weights=weights).breusch_pagan[0] == pytest.approx(60 * r2, rel=1e-9)
