"""The one-scan summary against numpy and SciPy, and what must not change it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pytest
from scipy import stats as scipy_stats

from tools.stats import NumberSummary, scan_columns, scan_groups
from tools.stats.floats import Floats

rng = np.random.default_rng(20)


def scan(x: Floats, n_sampled: int = 500, n_batches: int = 7, sample: Floats | None = None) -> NumberSummary:
    """The summary of one column that comes in batches, with a small sample so that the brackets have work to do."""
    drawn = np.random.default_rng(1).choice(x, min(len(x), n_sampled), replace=False) if sample is None else sample
    parts = [[part] for part in np.array_split(x, n_batches)]
    return scan_columns(1, [[drawn]] if len(drawn) else [], parts, parts)[0]


def expected(x: Floats) -> NumberSummary:
    """The same from numpy (two passes, in extended precision) and SciPy."""
    kept = x[~np.isnan(x)]
    exact = kept.astype(np.longdouble)
    z = (exact - exact.mean()).astype(np.float64)
    q1, median, q3 = np.quantile(kept, [0.25, 0.5, 0.75])
    return NumberSummary(
        group=None,
        n=len(kept),
        missing=len(x) - len(kept),
        mean=float(exact.mean()),
        sd=float(z.std(ddof=1)),
        min=kept.min(),
        q1=q1,
        median=median,
        q3=q3,
        max=kept.max(),
        mode=None,
        skewness=float(scipy_stats.skew(z, bias=False)),
        kurtosis=float(scipy_stats.kurtosis(z, bias=False)),
        skewness_biased=float(scipy_stats.skew(z)),
        kurtosis_biased=float(scipy_stats.kurtosis(z)),
    )


SHAPES: dict[str, Callable[[], Floats]] = {
    "normal": lambda: rng.normal(5, 2, 20_001),
    "skewed": lambda: rng.lognormal(0, 2, 20_000),
    "sorted": lambda: np.sort(rng.normal(0, 1, 20_002)),
    "few different values": lambda: rng.integers(0, 3, 20_003).astype(float),
    "with missing ones": lambda: np.where(rng.random(20_004) < 0.3, np.nan, rng.normal(0, 1, 20_004)),
    "a billion and a little": lambda: 1e9 + rng.normal(0, 0.1, 20_000),
    "microseconds since 1970": lambda: 1.7e15 + rng.integers(0, 10**9, 20_000).astype(float),
    "one far out": lambda: np.append(rng.normal(0, 1, 20_000), 1e6),
    "two values": lambda: np.array([3.0, 4.5]),
    "five values": lambda: np.array([3.0, 4.5, 1.0, 9.0, 2.0]),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_scan_gives_what_two_passes_give(shape: str) -> None:
    x = SHAPES[shape]()
    found, wanted = scan(x), expected(x)
    assert (found.n, found.missing, found.min, found.max) == (wanted.n, wanted.missing, wanted.min, wanted.max)
    assert (found.q1, found.median, found.q3) == pytest.approx((wanted.q1, wanted.median, wanted.q3), rel=1e-15)
    assert (found.mean, found.sd) == pytest.approx((wanted.mean, wanted.sd), rel=1e-12)
    if len(x) > 3:
        assert found.skewness == pytest.approx(wanted.skewness, rel=1e-9, abs=1e-12)
        assert found.kurtosis == pytest.approx(wanted.kurtosis, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("shape", ["normal", "sorted", "a billion and a little"])
def test_a_sample_that_is_no_likeness_costs_a_second_pass_and_no_digit(shape: str) -> None:
    """Negative control of the brackets and the center: without the second pass this fails."""
    x = SHAPES[shape]()
    found, wanted = scan(x, sample=np.full(500, -1e12)), expected(x)
    assert (found.q1, found.median, found.q3) == pytest.approx((wanted.q1, wanted.median, wanted.q3), rel=1e-15)
    assert (found.mean, found.sd) == pytest.approx((wanted.mean, wanted.sd), rel=1e-12)


def test_the_order_of_the_rows_changes_nothing() -> None:
    x = rng.lognormal(0, 1, 5_000)
    sample = x[:300]
    one, other = scan(x, sample=sample), scan(rng.permutation(x), sample=sample)
    assert astuple(one)[1:10] == pytest.approx(astuple(other)[1:10], rel=1e-12)


def test_each_row_twice_leaves_mean_and_median() -> None:
    x = rng.normal(0, 1, 999)
    one, two = scan(x), scan(np.concatenate([x, x]))
    assert (two.mean, two.median, two.skewness_biased) == pytest.approx((one.mean, one.median, one.skewness_biased))
    assert two.n == 2 * one.n


@pytest.mark.parametrize("factor", [1e-150, -3.0, 1e150])
def test_scale_scales(factor: float) -> None:
    x = rng.normal(2, 1, 3_000)
    one, scaled = scan(x), scan(x * factor)
    assert scaled.mean == pytest.approx((one.mean or math.nan) * factor, rel=1e-12)
    assert scaled.median == pytest.approx((one.median or math.nan) * factor, rel=1e-12)


def test_powers_beyond_float64_lose_nothing() -> None:
    """By SciPy, of the same values before they are multiplied."""
    x = rng.normal(2, 1, 3_000)
    huge = scan(x * 1e200)
    found = (huge.mean, huge.sd, huge.skewness_biased)
    assert found == pytest.approx((x.mean() * 1e200, x.std(ddof=1) * 1e200, scipy_stats.skew(x)), rel=1e-10)


def test_constant_one_and_no_values() -> None:
    constant = scan(np.full(50, 7.0))
    assert (constant.mean, constant.sd, constant.median, constant.skewness) == (7.0, 0.0, 7.0, None)
    single = scan(np.array([7.0]), n_batches=1)
    assert (single.n, single.mean, single.sd, single.q1, single.q3) == (1, 7.0, None, 7.0, 7.0)
    missing = scan(np.full(9, np.nan))
    assert (missing.n, missing.missing, missing.mean, missing.median) == (0, 9, None, None)
    assert scan_columns(1, [], [], [])[0].n == 0


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_groups_of_one_scan_are_each_what_it_alone_gives(offset: float) -> None:
    """Groups of any size, one of them not in the sample, one far from the others, and rows without a group."""
    n = 20_000
    codes = rng.choice([0.0, 1.0, 2.0, np.nan], n, p=[0.6, 0.3, 0.05, 0.05])
    codes[17:19] = 3.0
    columns = [
        rng.normal(0, 1, n) + np.nan_to_num(codes) * 50 + offset,
        np.where(rng.random(n) < 0.1, np.nan, rng.random(n)),
    ]
    columns[1][17:19] = 0.5, 0.75
    batches = [list(parts) for parts in zip(*(np.array_split(part, 6) for part in (codes, *columns)), strict=True)]
    sample = [[part[100:700] for part in (codes, *columns)]]
    labels = ["a", "b", "c", "d", None]
    found = scan_groups(2, labels, sample, batches, batches)
    for place, column in enumerate(columns):
        for group, label in enumerate(labels):
            part = column[np.isnan(codes)] if label is None else column[codes == group]
            wanted, line = expected(part), found[place][group]
            assert (line.group, line.n, line.missing) == (label, wanted.n, wanted.missing)
            assert (line.q1, line.median, line.q3) == pytest.approx((wanted.q1, wanted.median, wanted.q3), rel=1e-15)
            if len(part) > 1:
                assert (line.mean, line.sd) == pytest.approx((wanted.mean, wanted.sd), rel=1e-12)
    without = scan_groups(2, labels[:4], sample, batches, batches)
    assert [line.group for line in without[0]] == ["a", "b", "c", "d"]
    assert sum(line.n for line in without[0]) == np.count_nonzero(~np.isnan(codes))
