"""Durbin and Watson's p: published bounds, a direct computation with the whole matrix, and how often it is wrong."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tools.stats.autocorrelation import MOST_EXACT, DurbinWatson, Neighbours, _below, _weights
from tools.stats.floats import Floats


def found(y: Floats, x: Floats, n_blocks: int = 1) -> DurbinWatson:
    """The test of the residuals of y on an intercept and x."""
    design = np.column_stack([np.ones(len(y)), x])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    test = Neighbours(len(y), design.shape[1])
    for rows in np.array_split(np.arange(len(y)), n_blocks):
        test.add(left[rows], design[rows])
    return test.test(np.linalg.inv(design.T @ design))


@pytest.mark.parametrize(
    ("n", "k", "low", "high"),
    [(6, 1, 0.610, 1.400), (15, 1, 1.077, 1.361), (20, 2, 1.100, 1.537), (30, 3, 1.214, 1.650), (100, 5, 1.571, 1.780)],
)
def test_the_bounds_of_savin_and_white(n: int, k: int, low: float, high: float) -> None:
    """Savin and White (1977), Econometrica 45, 1989-1996, 5 %: the columns that make d smallest, and largest."""
    weights = 2 * (1 - np.cos(np.pi * np.arange(1, n) / n))
    assert _below(low, weights[: n - 1 - k]) == pytest.approx(0.05, abs=4e-4)
    assert _below(high, weights[k:]) == pytest.approx(0.05, abs=4e-4)


@pytest.mark.parametrize("n_blocks", [1, 3, 200, 400])
def test_mean_and_variance_are_those_of_the_whole_matrix(n_blocks: int) -> None:
    generator = np.random.default_rng(3)
    n = MOST_EXACT + 100
    x, y = np.column_stack([np.arange(n) / n, generator.normal(size=n).cumsum()]), generator.normal(size=n)
    design = np.column_stack([np.ones(n), x])
    steps = np.diff(np.eye(n), axis=0)
    rest = np.eye(n) - design @ np.linalg.pinv(design)
    inner = rest @ steps.T @ steps
    df = n - 3
    mean = np.trace(inner) / df
    variance = 2 * (np.trace(inner @ inner) - np.trace(inner) * mean) / (df * (df + 2))
    test = found(y, x, n_blocks)
    z = (test.statistic - mean) / math.sqrt(variance)
    assert test.p == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-9)
    assert test.p_method == "normal, exact moments"


def test_the_normal_is_near_where_it_takes_over() -> None:
    """The exact p of the weights of one design, beside the normal of the same mean and variance."""
    n, x = MOST_EXACT, np.random.default_rng(4).normal(size=MOST_EXACT).cumsum()
    weights = _weights(np.column_stack([np.ones(n), x]))
    mean = weights.mean()
    sd = math.sqrt(2 * weights.var() / (len(weights) + 2))
    for z in (-3.0, -1.96, -1.0, 0.0, 1.0, 1.96, 3.0):
        assert _below(mean + z * sd, weights) == pytest.approx(math.erfc(-z / math.sqrt(2)) / 2, abs=0.002)


@pytest.mark.parametrize(("n", "sd", "p"), [(20, 0.1, 7.811286e-9), (40, 0.1, 4.690861e-22), (100, 0.05, 4.877216e-75)])
def test_a_p_too_small_for_the_integral_is_a_bound_that_holds(n: int, sd: float, p: float) -> None:
    """p by mpmath with 60 digits: the inversion of exp K(s) / -s along a line through the saddle point."""
    t = np.arange(float(n))
    test = found(np.sin(t / n * 6) + np.random.default_rng(n).normal(0, sd, n), t)
    assert (test.p_is_bound, test.is_positive) == (True, True)
    assert p < test.p < 3000 * p


def test_a_p_that_the_integral_can_give_has_its_digits() -> None:
    """mpmath as above: 0.000130605032829."""
    t = np.arange(12.0)
    test = found(np.sin(t / 2) + np.random.default_rng(12).normal(0, 0.01, 12), t)
    assert test.p == pytest.approx(0.000130605032829, rel=1e-6)
    assert not test.p_is_bound


def test_a_statistic_at_its_very_end_has_a_p_above_0() -> None:
    """The residuals are the vector whose d is the least, and the one whose d is the largest."""
    for wave, is_positive in ((1, True), (39, False)):
        left = np.cos(np.pi * wave * (np.arange(40) + 0.5) / 40)
        test = found(left, np.zeros((40, 0)))
        assert (test.is_positive, test.p_is_bound) == (is_positive, True)
        assert 0 < test.p < 1e-100


def test_a_statistic_that_is_the_same_whatever_the_residuals_are_has_no_p() -> None:
    """Seven rows, two categories of two rows each, which the only two degrees of freedom lie in: d is 3 for all y."""
    design = np.zeros((7, 5))
    design[[0, 1, 2, 3, 4, 5, 6], [0, 1, 1, 2, 3, 3, 4]] = 1
    left = np.array([0.0, 0.3, -0.3, 0.0, 1.0, -1.0, 0.0])
    test = Neighbours(7, 5)
    test.add(left, design)
    inverse: Floats = np.diag(1 / design.sum(axis=0))
    told = test.test(inverse)
    assert told.statistic == pytest.approx(3.0)
    assert math.isnan(told.p)


@pytest.mark.parametrize("n", [4, 10, 12, 40])
def test_independent_errors_are_taken_for_autocorrelated_as_often_as_the_level_says(n: int) -> None:
    """1,000 draws: 5 % of them, give or take three standard errors of 0.7 %."""
    generator = np.random.default_rng(n)
    x = generator.normal(size=n).cumsum()
    wrong = np.mean([found(generator.normal(size=n), x).p < 0.05 for _ in range(1000)])
    assert wrong == pytest.approx(0.05, abs=0.021)


@pytest.mark.parametrize(("coefficient", "is_positive"), [(0.05, True), (-0.05, False)])
def test_a_slight_autocorrelation_of_many_rows_is_seen(coefficient: float, is_positive: bool) -> None:
    generator = np.random.default_rng(7)
    noise = generator.normal(size=5001)
    test = found(noise[1:] + coefficient * noise[:-1], generator.normal(size=5000))
    assert test.p < 0.01
    assert test.is_positive is is_positive


def test_a_single_degree_of_freedom_says_nothing() -> None:
    assert math.isnan(found(np.array([1.0, 5.0, 2.0]), np.array([1.0, 2.0, 4.0])).p)
