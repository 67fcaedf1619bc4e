"""What regress tells of a fit before anybody believes it: leverage 1, rounding, Durbin-Watson."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.signal import lfilter

from tools import stats
from tools.errors import ToolError
from tools.regress.fit_warnings import warnings_of
from tools.stats.design import Rows

Regression = Callable[..., dict[str, Any]]

# Anscombe (1973). The American Statistician 27(1), 17-21, the fourth set: all of its slope is row 7.
ANSCOMBE4 = "x,y\n8,6.58\n8,5.76\n8,7.71\n8,8.84\n8,8.47\n8,7.04\n8,5.25\n19,12.5\n8,5.56\n8,7.91\n8,6.89\n"


def test_a_row_of_leverage_1_is_named_and_has_no_robust_errors(tool_on: Callable[[str, str], Regression]) -> None:
    """R: hatvalues are 1 in row 8 (7 from 0), p of the slope 0.002165; sandwich::vcovHC(type = "HC3") is NaN."""
    on = tool_on("regress", ANSCOMBE4)
    plain, robust = on(target="y", features=["x"]), on(target="y", features=["x"], robust=True)
    assert plain["full_leverage"] == robust["full_leverage"] == {"rows": [7], "n": 1}
    assert plain["coefficients"][1]["p"] == pytest.approx(0.002165, abs=5e-7)
    assert [(line["se"], line["p"]) for line in robust["coefficients"]] == [(None, None)] * 2
    assert any("row 7 (_row) of leverage 1" in warning for warning in plain["warnings"])
    assert any("HC3 divides by 1 - leverage" in warning for warning in robust["warnings"])
    assert "has no p" in robust["interpretation"]


def test_a_category_of_one_row_leaves_the_others_their_robust_errors(
    tool_on: Callable[[str, str], Regression],
) -> None:
    """The row decides its own category alone: the slope's HC3 is that of the other rows (Frisch, Waugh, Lovell)."""
    rows = [f"{n},{'ab'[n % 2]},{n * 2 + n % 5}" for n in range(20)] + ["7,c,40"]
    on = tool_on("regress", "x,g,y\n" + "\n".join(rows) + "\n")
    found = on(target="y", features=["x", "g"], robust=True)
    rest = on(target="y", features=["x", "g"], robust=True, where="g <> 'c'")
    lines = {line["term"]: line for line in found["coefficients"]}
    assert lines["g[c]"]["p"] is None
    assert found["full_leverage"] == {"rows": [20], "n": 1}
    for line in rest["coefficients"]:
        assert lines[line["term"]]["se"] == pytest.approx(line["se"], rel=1e-9)
    assert "full_leverage" not in rest


def test_a_category_of_a_single_value_is_not_left_out_in_silence(tool_on: Callable[[str, str], Regression]) -> None:
    """The only 'b' lacks its y: what is left of g says nothing, and the slope is that of x alone."""
    rows = [f"{n},a,u,{n * 2 + n % 5}" for n in range(20)] + ["7,b,u,"]
    on = tool_on("regress", "x,g,h,y\n" + "\n".join(rows) + "\n")
    found, alone = on(target="y", features=["x", "g", "h"]), on(target="y", features=["x"])
    assert found["aliased"] == ["g", "h"]
    assert found["warnings"][0] == "left out, as they have a single value in the rows without missing values: g, h"
    assert found["coefficients"] == alone["coefficients"]
    with pytest.raises(ToolError, match="'g' has a single value"):
        on(target="y", features=["g"])


@pytest.mark.parametrize("robust", [False, True])
def test_residuals_of_pure_rounding_give_no_p(tool_on: Callable[[str, str], Regression], robust: bool) -> None:
    """0.1 and 0.3 in two groups; y = 0.1 x + 0.7: what is left is what decimals lose in float64."""
    rows = [f"{n},{'ab'[n % 2]},{(0.1, 0.3)[n % 2]},{n / 10 + 0.7:.1f}" for n in range(30)]
    on = tool_on("regress", "x,g,constant,line\n" + "\n".join(rows) + "\n")
    for target, feature in (("constant", "g"), ("line", "x")):
        found = on(target=target, features=[feature], robust=robust)
        assert [(line["statistic"], line["p"]) for line in found["coefficients"]] == [(None, None)] * 2
        assert (found["f"], found["f_p"], found["durbin_watson"]) == (None, None, None)
        assert any("rounding" in warning for warning in found["warnings"])


def test_robust_errors_of_a_constant_group_are_rounding(tool_on: Callable[[str, str], Regression]) -> None:
    """The first group is 0.1 throughout: HC3 gives its mean an error of rounding alone, the other group's is real."""
    rows = [f"a,{0.1}" for _ in range(15)] + [f"b,{n % 7 / 10}" for n in range(15)]
    found = tool_on("regress", "g,y\n" + "\n".join(rows) + "\n")(target="y", features=["g"], robust=True)
    intercept, b = found["coefficients"]
    assert (intercept["p"], b["p"] is None) == (None, False)
    assert any("no p for (intercept)" in warning for warning in found["warnings"])


@pytest.mark.parametrize(
    ("step", "words", "others"),
    [(lambda n: (-1) ** n, "too large", "too small"), (lambda n: n // 10 % 2, "too small", "too large")],
)
def test_durbin_watson_is_told_the_way_it_points(
    tool_on: Callable[[str, str], Regression], step: Callable[[int], int], words: str, others: str
) -> None:
    """By hand: residuals of +1, -1, … give 4 (n - 1) / n, near 4; steps of ten equal ones give near 0."""
    on = tool_on("regress", "x,y\n" + "".join(f"{n},{n + 3 * step(n)}\n" for n in range(40)))
    found = on(target="y", features=["x"])
    (said,) = (warning for warning in found["warnings"] if "Durbin-Watson" in warning)
    assert (found["durbin_watson"] > 2) == (words == "too large")
    assert words in said
    assert others not in said
    assert found["durbin_watson_p_is_bound"] is True
    assert f"p < {found['durbin_watson_p']:.0e}" in said


def test_a_negligible_autocorrelation_of_very_many_rows_is_not_told(fit_of_steps: Callable[[float], list[str]]) -> None:
    """Both are beyond chance in 60,000 rows; r = 0.015 moves no standard error by more than 1.5 %."""
    assert "autocorrelation" not in fit_of_steps(0.015)
    assert "autocorrelation" in fit_of_steps(0.05)


@pytest.fixture
def fit_of_steps() -> Callable[[float], list[str]]:
    """The codes of the warnings of a fit to 60,000 rows whose errors have that correlation with the one before."""

    def fit(r: float) -> list[str]:
        generator = np.random.default_rng(11)
        x, noise = generator.normal(size=60_000), generator.normal(size=60_000)
        y = lfilter([1.0], [1.0, -r], noise)
        rows = Rows(np.arange(60_000.0), x[:, None], y)
        found = stats.least_squares(lambda: iter([rows]), ["x"])
        assert found.durbin_watson is not None
        assert found.durbin_watson.p < 0.05
        return [warning.code for warning in warnings_of(found, ["x"], is_robust=False)]

    return fit
