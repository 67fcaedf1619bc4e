"""find_outliers: bounds against numpy, pandas and SciPy; new datasets that hold what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats
from scipy.spatial.distance import mahalanobis

from evals.world.home import PENGUINS
from tests.tools.conftest import Call
from tools import stats
from tools.errors import ToolError
from tools.stats.outliers import squared_distances

IGLEWICZ = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3]
"""Iglewicz, Hoaglin (1993). How to Detect and Handle Outliers: no z-score exceeds 3, two modified ones do."""


@pytest.fixture
def frame() -> pd.DataFrame:
    return pd.read_csv(PENGUINS)


@pytest.fixture
def find(tool_of: Callable[[str], Call]) -> Call:
    return tool_of("find_outliers")


def test_the_modified_z_score_finds_what_the_z_score_misses(tool_on: Callable[[str, str], Call]) -> None:
    find = tool_on("find_outliers", "x\n" + "\n".join(map(str, IGLEWICZ)) + "\n")
    by_mad = find(columns=["x"], method="mad")
    assert [row["row"] for row in by_mad["rows"]] == [8, 9]
    by_z = find(columns=["x"], method="zscore")
    assert by_z["count"] == 0
    assert by_z["warnings"] == ["with 10 values no z-score exceeds 2.85"]
    assert by_z["warning_codes"] == ["no_z_score_exceeds"]


@pytest.mark.parametrize("n_groups", [3, 250])
def test_the_median_distance_of_each_group_is_scipys(tool_on: Callable[[str, str], Call], n_groups: int) -> None:
    """Of few groups from two scans of all columns, of many inside the database; rows without a group in neither."""
    x = np.round(np.random.default_rng(1).standard_exponential(5_000), 3)
    groups = [f"g{k % n_groups:03}" if k % 50 else "" for k in range(len(x))]
    find = tool_on("find_outliers", "g,x\n" + "".join(f"{g},{value}\n" for g, value in zip(groups, x, strict=True)))
    found = find(columns=["x"], method="mad", by="g")
    frame = pd.DataFrame({"g": groups, "x": x}).query("g != ''")
    assert [line["group"] for line in found["bounds"]] == sorted(frame["g"].unique())
    for line in found["bounds"]:
        values = frame.loc[frame["g"] == line["group"], "x"].to_numpy()
        reach = 3.5 * scipy_stats.median_abs_deviation(values, scale="normal")
        assert line["low"] == pytest.approx(np.median(values) - reach, rel=1e-12)
        assert line["high"] == pytest.approx(np.median(values) + reach, rel=1e-12)


def test_tukeys_fences_are_those_of_pandas_quartiles(find: Call, frame: pd.DataFrame) -> None:
    found = find(columns=["body_mass_g"], by="species")
    for line in found["bounds"]:
        x = frame.loc[frame["species"] == line["group"], "body_mass_g"]
        q1, q3 = x.quantile(0.25), x.quantile(0.75)
        assert (line["low"], line["high"]) == pytest.approx((q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)), rel=1e-12)
        assert line["count"] == int(((x < line["low"]) | (x > line["high"])).sum())


@pytest.mark.parametrize("ddof", [0, 1])
def test_z_scores_are_those_of_scipy(find: Call, frame: pd.DataFrame, ddof: int) -> None:
    x = frame["bill_depth_mm"]
    expected = np.flatnonzero(np.abs(scipy_stats.zscore(x, ddof=ddof, nan_policy="omit")) > 1.9)
    found = find(columns=["bill_depth_mm"], method="zscore", threshold=1.9, ddof=ddof, limit=500)
    assert [row["row"] for row in found["rows"]] == list(expected)
    assert found["total"] == len(expected)


def test_a_mad_of_zero_is_said_and_stood_in_for(tool_on: Callable[[str, str], Call]) -> None:
    find = tool_on("find_outliers", "x\n" + "5\n" * 8 + "6\n20\n")
    found = find(columns=["x"], method="mad")
    mean_deviation = 1.6  # |6-5| + |20-5| over ten values
    assert found["bounds"][0]["high"] == pytest.approx(5 + 3.5 * 1.253314137 * mean_deviation)
    assert [row["x"] for row in found["rows"]] == [20]
    assert "MAD is 0" in found["warnings"][0]
    assert found["warning_codes"] == ["mad_is_0"]


def test_each_warning_has_its_code_in_the_same_order(tool_on: Callable[[str, str], Call]) -> None:
    find = tool_on("find_outliers", "g,x,y\n" + "".join(f"a,{k % 5},3\n" for k in range(9)) + "a,90,3\n,,3\nb,,\n")
    found = find(columns=["x", "y"], by="g", method="zscore", threshold=2)
    assert found["warnings"] == [
        "'b': no values",
        "'a': the values do not vary",
        "'b': no values",
        "2 rows with a missing value; a missing value is no outlier",
        "with 10 values no z-score exceeds 2.85",
    ]
    codes = ["no_values", "constant", "no_values", "missing_values", "no_z_score_exceeds"]
    assert found["warning_codes"] == codes


def test_a_column_called_p_holds_values_and_no_p(tool_on: Callable[[str, str], Call]) -> None:
    find = tool_on("find_outliers", "p\n" + "".join(f"{k}.5\n" for k in range(100, 130)) + "0.0\n")
    assert find(columns=["p"])["rows"] == [{"row": 30, "p": 0.0}]


def test_mahalanobis_is_scipys(frame: pd.DataFrame) -> None:
    X = frame[["bill_length_mm", "bill_depth_mm", "body_mass_g"]].dropna().to_numpy()
    inverse = np.linalg.inv(np.cov(X.T))
    expected = [mahalanobis(row, X.mean(axis=0), inverse) ** 2 for row in X]
    assert squared_distances(X) == pytest.approx(expected, rel=1e-9)


def test_rows_odd_in_several_columns_are_found_and_removed(find: Call, frame: pd.DataFrame) -> None:
    columns = ["bill_length_mm", "bill_depth_mm", "body_mass_g"]
    found = find(columns=columns, method="mahalanobis", threshold=0.01, action="remove", where="sex = 'male'")
    X = frame.loc[frame["sex"] == "male", columns].dropna()
    odd = X.index[squared_distances(X.to_numpy()) > scipy_stats.chi2.isf(0.01, 3)]
    assert [row["row"] for row in found["rows"]] == list(odd)
    assert found["rows_kept"] == int((frame["sex"] == "male").sum()) - len(odd)


def test_the_isolation_forest_takes_the_share_that_it_is_given(find: Call) -> None:
    found = find(columns=["bill_length_mm", "body_mass_g"], method="isolation_forest", threshold=0.05)
    assert found["count"] == 18  # 5 % of 342


def test_removal_makes_a_dataset_without_them_and_says_how_many(
    find: Call, tool_of: Callable[[str], Call], frame: pd.DataFrame
) -> None:
    found = find(columns=["bill_length_mm", "body_mass_g"], by="species", action="remove", save_as="clean")
    assert found["dataset"] == "clean"
    assert found["rows_kept"] == len(frame) - found["count"] == 341
    assert sum(step["rows_before"] - step["rows"] for step in found["changed"]) == 3
    assert tool_of("describe")(columns=["body_mass_g"])["rows"] == 344  # the old one stays


def test_winsorizing_puts_the_bounds_in_place(find: Call, tool_of: Callable[[str], Call]) -> None:
    found = find(columns=["body_mass_g"], method="zscore", threshold=1.5, action="replace", save_as="tame")
    low, high = found["bounds"][0]["low"], found["bounds"][0]["high"]
    assert [step["cells"] for step in found["changed"]] == [found["count"]]
    after = tool_of("describe")(dataset="tame", columns=["body_mass_g"])["columns"][0]
    assert (after["min"], after["max"]) == (low, high)
    assert after["n"] == 342


@pytest.mark.parametrize("side", ["low", "high"])
def test_one_side_leaves_the_other_alone(find: Call, side: str) -> None:
    both = find(columns=["body_mass_g"], method="zscore", threshold=1.5)
    one = find(columns=["body_mass_g"], method="zscore", threshold=1.5, side=side)
    assert one["bounds"][0][side] == both["bounds"][0][side]
    assert one["bounds"][0]["high" if side == "low" else "low"] is None
    assert 0 < one["count"] < both["count"]


@pytest.mark.parametrize("stand_in", ["mean", "median", "missing"])
def test_a_value_may_stand_in(find: Call, tool_of: Callable[[str], Call], frame: pd.DataFrame, stand_in: str) -> None:
    found = find(
        columns=["body_mass_g"], method="zscore", threshold=2, action="replace", replace_with=stand_in, save_as="new"
    )
    x = frame["body_mass_g"]
    is_outside = (x < found["bounds"][0]["low"]) | (x > found["bounds"][0]["high"])
    value = {"mean": x.mean(), "median": x.median(), "missing": np.nan}[stand_in]
    expected = x.mask(is_outside, value)
    after = tool_of("describe")(dataset="new", columns=["body_mass_g"])["columns"][0]
    assert (after["n"], after["mean"], after["sd"]) == pytest.approx(
        (expected.count(), expected.mean(), expected.std())
    )


def test_names_with_quotes_and_points_are_columns_too(tool_on: Callable[[str, str], Call]) -> None:
    find = tool_on(
        "find_outliers", '"a ""b"".c; --",row\n' + "\n".join(f"{i % 4},{i}" for i in range(40)) + "\n900,40\n"
    )
    found = find(columns=['a "b".c; --', "row"], action="remove")
    assert found["rows"] == [{"row": 40, 'a "b".c; --': 900, "column row": 40}]
    assert found["rows_kept"] == 40


def test_a_column_named_twice_in_other_cases_is_looked_at_once(find: Call) -> None:
    assert [line["column"] for line in find(columns=["year", "YEAR"])["bounds"]] == ["year"]


def test_nothing_outlying_is_nothing_to_list(find: Call) -> None:
    found = find(columns=["body_mass_g"], threshold=9)
    assert (found["count"], found["rows"], found["total"]) == (0, [], 0)


@pytest.mark.parametrize("method", ["iqr", "zscore", "mad"])
def test_no_values_and_constant_values_have_no_outliers(find: Call, method: str) -> None:
    assert find(columns=["body_mass_g"], method=method, where="body_mass_g > 1e9")["count"] == 0
    assert find(columns=["year"], method=method, where="year = 2007")["count"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"columns": ["species"]}, "not numbers"),
        ({"columns": ["year"], "by": "year"}, "one of the columns"),
        ({"columns": ["year"], "method": "mahalanobis"}, "two or more"),
        ({"columns": ["year", "body_mass_g"], "method": "mahalanobis", "action": "replace"}, "rows, not values"),
        ({"columns": ["year", "body_mass_g"], "method": "isolation_forest", "by": "sex"}, "no by"),
        ({"columns": ["year", "body_mass_g"], "method": "mahalanobis", "threshold": 3}, "share below 0.5"),
        ({"columns": ["year", "year"], "method": "mahalanobis"}, "sum of others|two or more"),
        ({"columns": ["year"], "threshold": -1}, "greater than 0"),
    ],
)
def test_what_cannot_be_done_is_said(find: Call, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        find(**arguments)


def test_a_column_that_is_a_sum_of_others_is_refused() -> None:
    x = np.arange(30.0)
    with pytest.raises(ValueError, match="sum of others"):
        stats.odd_rows([x, x**2, x + x**2], "mahalanobis", 0.001)


@pytest.mark.parametrize("units", [(1.0, 2.0**-40), (2.0**900, 2.0**-900)])
def test_mahalanobis_knows_no_units(units: tuple[float, float]) -> None:
    """R 4: mahalanobis(X, colMeans(X), cov(X)) of the first five rows of iris's sepals."""
    X = np.array([[5.1, 3.5], [4.9, 3.0], [4.7, 3.2], [4.6, 3.1], [5.0, 3.6]])
    expected = squared_distances(X)
    assert expected == pytest.approx([1.346892655367, 2.773849878935, 0.681840193705, 1.618079096045, 1.579338175948])
    assert squared_distances(X * np.array(units)) == pytest.approx(expected, rel=1e-12)
