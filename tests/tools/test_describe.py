"""describe, looked at closely: intervals, means of other kinds, modes, Pearson's skewness."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats as scipy_stats

from evals.world.home import PENGUINS
from tests.tools.conftest import Call
from tools.errors import ToolError

SLEEP = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
"""Student's sleep data (1908), first drug; R's t.test gives the interval -0.5297804 to 2.0297804."""


Described = Callable[..., dict[str, Any]]


@pytest.fixture
def described(tool_on: Callable[[str, str], Call]) -> Described:
    def of(values: list[Any], **arguments: Any) -> dict[str, Any]:
        call = tool_on("describe", "x\n" + "\n".join(map(str, values)) + "\n")
        return dict(call(columns=["x"], **arguments)["columns"][0])

    return of


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_interval_of_the_mean_is_rs(described: Described, ddof: int) -> None:
    found = described(SLEEP, ddof=ddof)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((-0.5297804, 2.0297804), abs=5e-8)


def test_other_means_are_scipys(described: Described) -> None:
    values = [1.5, 2.25, 9.75, 4.0, 4.0, 12.5]
    found = described(values)
    assert found["geometric_mean"] == pytest.approx(scipy_stats.gmean(values), rel=1e-12)
    assert found["harmonic_mean"] == pytest.approx(scipy_stats.hmean(values), rel=1e-12)
    assert found["mad"] == pytest.approx(scipy_stats.median_abs_deviation(values), rel=1e-12)
    assert found["cv"] == pytest.approx(scipy_stats.variation(values, ddof=1), rel=1e-12)
    assert (found["sum"], found["range"], found["iqr"]) == (34.0, 11.0, pytest.approx(scipy_stats.iqr(values)))


def test_a_geometric_mean_of_zero_or_less_is_not_defined(described: Described) -> None:
    found = described([0, 1, 2])
    assert (found["geometric_mean"], found["harmonic_mean"]) == (None, None)


def test_all_modes_are_listed_the_smallest_first(described: Described) -> None:
    found = described([3, 1, 3, 2, 1, 5])
    assert (found["mode"], found["modes"], found["n_modes"]) == (1, [1, 3], 2)
    assert found["pearson_mode_skewness"] == pytest.approx((2.5 - 1) / np.std([3, 1, 3, 2, 1, 5], ddof=1))


def test_one_value_has_a_mean_and_no_interval(described: Described) -> None:
    found = described([7])
    assert (found["mean"], found["sd"], found["ci_low"], found["variance"]) == (7, None, None, None)


def test_groups_are_looked_at_closely_too(tool_of: Callable[[str], Call]) -> None:
    frame = pd.read_csv(PENGUINS)
    lines = tool_of("describe")(columns=["body_mass_g"], by="species")["columns"]
    for line in lines:
        x = frame.loc[frame["species"] == line["group"], "body_mass_g"].dropna()
        low, high = scipy_stats.t.interval(0.95, len(x) - 1, x.mean(), scipy_stats.sem(x))
        assert (line["ci_low"], line["ci_high"]) == pytest.approx((low, high), rel=1e-12)
        assert line["modes"] == list(x.mode())
        assert line["se"] == pytest.approx(scipy_stats.sem(x), rel=1e-12)


@pytest.mark.parametrize("by", [["species", "SEX"], "species, sex"], ids=["list", "words"])
def test_each_combination_of_several_columns_is_a_group(tool_of: Callable[[str], Call], by: list[str] | str) -> None:
    found = tool_of("describe")(columns=["body_mass_g", "island", "sex"], by=by)
    assert found["by"] == ["species", "sex"]
    frame = pd.read_csv(PENGUINS)
    expected = frame.groupby(["species", "sex"], dropna=False)["body_mass_g"].agg(["mean", "std"]).reset_index()
    lines = [line for line in found["columns"] if line["column"] == "body_mass_g"]
    assert len(lines) == len(expected) == 8
    for line, (species, sex, mean, sd) in zip(lines, expected.itertuples(index=False), strict=True):
        assert line["group_values"] == [species, None if pd.isna(sex) else sex]
        assert line["group"] == f"{species}, {'(missing)' if pd.isna(sex) else sex}"
        assert [line["mean"], line["sd"]] == pytest.approx([mean, sd], rel=1e-12)
    assert {line["column"] for line in found["columns"]} == {"body_mass_g", "island"}


def test_two_columns_named_with_a_comma_that_are_not_there_are_said(tool_of: Callable[[str], Call]) -> None:
    with pytest.raises(ToolError, match="no column 'sax'"):
        tool_of("describe")(by="species, sax")


def test_the_close_look_is_for_few_columns_or_on_request(tool_of: Callable[[str], Call]) -> None:
    call = tool_of("describe")
    assert "ci_low" not in call()["columns"][2]
    assert "ci_low" in call(detail=True)["columns"][2]
    assert "ci_low" not in call(columns=["body_mass_g"], detail=False)["columns"][0]


def test_no_rows_are_described_as_none(tool_of: Callable[[str], Call]) -> None:
    found = tool_of("describe")(where="year > 3000")
    assert found["rows"] == 0
    assert {line["n"] for line in found["columns"]} == {0}
