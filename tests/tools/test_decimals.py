"""Distances of decimals far from 0: exact where the file's decimals say so, and never off by more than its rounding."""

from __future__ import annotations

import numpy as np
import pytest

from tools.stats import decimal_unit, distances, find_origin, scan_columns

rng = np.random.default_rng(8)
FAR = 1e12 + rng.integers(0, 90, 4_000) / 10


def test_distances_are_those_that_were_written() -> None:
    x = np.array([1000000000000.4, 1000000000000.3, 1000000000000.2])
    assert list(distances(x, x[2], decimal_unit(x))) == [0.2, 0.1, 0.0]
    assert list(x - x[2]) != [0.2, 0.1, 0.0]


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        (FAR, 10.0),
        (np.array([299.85, 299.9, 299.74]), 100.0),
        (np.array([10_000_001.0, 10_000_003.0]), None),  # whole numbers need no help
        (np.array([0.1, 0.2, 0.7]), None),  # nor what lies near 0
        (1e6 + rng.normal(0, 1e-3, 50), None),  # and more decimals than there are digits are none
        (np.array([1e300, 1e300]), None),
        (np.array([]), None),
    ],
)
def test_the_unit_is_that_of_the_decimals(values: np.ndarray, unit: float | None) -> None:
    assert decimal_unit(values) == unit
    assert decimal_unit(-values) == unit


def test_no_distance_moves_by_more_than_a_rounding() -> None:
    x = 5e3 + rng.integers(0, 1000, 500) / 1000
    assert decimal_unit(x) == 1000
    moved = np.abs(distances(x, x[0], 1000) - (x - x[0]))
    assert moved.max() <= np.spacing(5e3)


def test_the_origin_is_0_unless_all_are_far_from_it() -> None:
    assert find_origin(FAR) == FAR[0]
    assert find_origin(np.array([1.0, 5.0, 3.0])) == 0
    assert find_origin(np.array([])) == 0


def test_a_value_that_the_sample_did_not_promise_costs_a_second_pass() -> None:
    """The sample has tenths alone; one value between them is not taken for a tenth."""
    odd = np.append(FAR, 1e12 + 0.5)
    odd[0] = 1e12 + 4.03125
    batches = [[part] for part in np.array_split(odd, 5)]
    (found,) = scan_columns(1, [[FAR]], batches, batches)
    exact = (odd - 1e12).astype(np.longdouble)
    assert found.sd == pytest.approx(float(exact.std(ddof=1)), rel=1e-14)
    (tenths,) = scan_columns(1, [[FAR]], [[FAR]], [[FAR]])
    assert tenths.sd == pytest.approx(float((np.rint((FAR - 1e12) * 10)).std(ddof=1)) / 10, rel=1e-15)
