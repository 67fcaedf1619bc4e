"""Summaries and correlations against published values."""

from __future__ import annotations

import json
import math
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools import stats

DATA = Path(__file__).parents[2] / "evals" / "data"
CERTIFIED = json.loads((DATA / "nist" / "certified.json").read_text())
# Correct digits that float64 input allows (facts/data-and-stats.md): NumAcc3 and 4 hold values that have no exact
# float64, which limits their mean-centred digits; the others are certified to 15.
DIGITS_OF_SD = {"univ_Mavro": 13.0, "univ_Michelso": 13.5, "univ_NumAcc3": 9.4, "univ_NumAcc4": 8.2}


def digits(found: float, certified: float) -> float:
    """The log relative error of NIST: how many digits agree."""
    error = abs(found - certified) / abs(certified)
    return 15.0 if error == 0 else min(15.0, -math.log10(error))


def summarize(values: list[float | None], ddof: int = 1) -> stats.NumberSummary:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE data (x DOUBLE)")
        connection.execute("INSERT INTO data SELECT unnest(CAST(? AS DOUBLE[]))", [values])
        return stats.summarize_numbers(lambda sql: connection.execute(sql).fetchall(), "x", ddof=ddof)[0]


@pytest.mark.parametrize("name", [name for name in CERTIFIED if name.startswith("univ_")])
def test_mean_and_sd_agree_with_nist(name: str) -> None:
    values = [float(line) for line in (DATA / "nist" / f"{name}.csv").read_text().split()[1:]]
    certified = CERTIFIED[name]["certified"]
    found = summarize(list(values))
    assert found.mean is not None
    assert found.sd is not None
    assert digits(found.mean, float(certified["mean"])) >= 14.9
    assert digits(found.sd, float(certified["sd"])) >= DIGITS_OF_SD.get(name, 14.8)


def test_quartiles_are_r_type_7_and_shape_is_adjusted() -> None:
    # R: quantile(c(1,2,3,4,10)); e1071::skewness(x, type=2) and kurtosis(x, type=2), and type=1 for the biased.
    found = summarize([1, 2, 3, 4, 10])
    assert (found.q1, found.median, found.q3) == (2, 3, 4)
    assert found.skewness == pytest.approx(1.6970562748477, abs=1e-12)
    assert found.kurtosis == pytest.approx(3.152, abs=1e-12)
    assert found.skewness_biased == pytest.approx(1.1384199576606167, abs=1e-12)
    assert found.kurtosis_biased == pytest.approx(-0.212, abs=1e-12)


def test_what_n_does_not_allow_is_none() -> None:
    assert summarize([]).n == 0
    one = summarize([5.0])
    assert (one.mean, one.sd, one.skewness, one.mode) == (5.0, None, None, None)
    assert summarize([5.0], ddof=0).sd == 0
    assert summarize([None, None]).missing == 2
    constant = summarize([0.1] * 10)
    assert (constant.sd, constant.skewness, constant.kurtosis, constant.mode) == (0.0, None, None, 0.1)


def test_the_mode_is_the_smallest_of_the_most_frequent() -> None:
    assert summarize([3, 3, 1, 1, 2]).mode == 1
    assert summarize([1, 2, 3]).mode is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=40), st.floats(-1e6, 1e6))
def test_a_shift_moves_the_mean_and_nothing_else(values: list[float], shift: float) -> None:
    before, after = summarize(list(values)), summarize([value + shift for value in values])
    assert before.mean is not None
    assert after.mean is not None
    assert after.mean == pytest.approx(before.mean + shift, abs=1e-8)
    assert after.sd == pytest.approx(before.sd, abs=1e-8)


def test_pearson_agrees_with_r() -> None:
    # R 4.3: cor.test(anscombe$x1, anscombe$y1): r, t(9) p and the 95 % interval.
    x = np.array([10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5.0])
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    found = stats.correlate_pair(x, y)
    assert found.n == 11
    assert found.p == pytest.approx(0.00217, abs=5e-6)
    assert [found.r, found.ci_low, found.ci_high] == pytest.approx([0.8164205, 0.4243912, 0.9506933], abs=5e-8)


def test_spearman_is_the_correlation_of_ranks() -> None:
    # Without ties: 1 - 6 sum d^2 / (n (n^2 - 1)) = 1 - 6 * 194 / (10 * 99), the IQ and TV hours example.
    iq = np.array([106, 100, 86, 101, 99, 103, 97, 113, 112, 110.0])
    hours = np.array([7, 27, 2, 50, 28, 29, 20, 12, 6, 17.0])
    found = stats.correlate_pair(iq, hours, "spearman")
    assert found.r == pytest.approx(-29 / 165, abs=1e-12)
    # By numpy over all 10! orders one by one: 2,293,916 of 3,628,800 have |rho| at least as large (the t says 0.6272).
    assert found.p == pytest.approx(2_293_916 / 3_628_800, rel=1e-12)


def test_pairs_with_a_missing_value_are_left_out_and_degenerate_ones_have_no_r() -> None:
    nan = float("nan")
    assert stats.correlate_pair(np.array([1, 2, 3, nan, 5.0]), np.array([2, 4, 6, 8, nan])).n == 3
    assert stats.correlate_pair(np.array([1.0, 2.0]), np.array([1.0, 2.0])).r is None
    assert stats.correlate_pair(np.ones(5), np.arange(5.0)).r is None
    perfect = stats.correlate_pair(np.arange(5.0), np.arange(5.0) * 3)
    assert [perfect.r, perfect.ci_low, perfect.ci_high] == pytest.approx([1.0, 1.0, 1.0])


def test_dates_are_summarized_beside_a_column_of_any_name() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE data AS SELECT DATE '2024-01-01' + i::INT AS d, i AS g FROM range(5) r(i)")
        found = stats.summarize_times(lambda sql: connection.execute(sql).fetchall(), "d")
    assert [(summary.n, summary.min, summary.max) for summary in found] == [(5, "2024-01-01", "2024-01-05")]
