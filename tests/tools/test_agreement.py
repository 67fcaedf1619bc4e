"""Where only one of p and the interval of the effect shows something, that is a warning; where both do, it is none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.tools.conftest import Call
from tools.agreement import disagreement
from tools.stats import Effect


@pytest.mark.parametrize(
    ("test", "p", "effect", "why"),
    [
        ("welch_t", 0.086, Effect("hedges_g", -0.79, -1.43, -0.15), "p is Welch's, and the interval is of the pooled"),
        (
            "welch_t",
            0.04,
            Effect("hedges_g", 0.5, -0.02, 1.02),
            "interval of Hedges' g holds 0",
        ),
        ("mann_whitney", 0.047, Effect("rank_biserial", -0.35, -0.66, 0.06), "different methods"),
        ("anova", 0.032, Effect("eta_squared", 0.09, 0.0, 0.26), "its lower end is a bound at 2.5 %"),
        ("chi_square", 0.027, Effect("cramers_v", 0.29, 0.0, 0.54), "its lower end is a bound at 2.5 %"),
        ("brown_forsythe", 0.063, Effect("variance_ratio", 0.36, 0.17, 0.91), "leaves out 1"),
    ],
)
def test_a_difference_between_the_two_is_said(test: str, p: float, effect: Effect, why: str) -> None:
    (warned,) = disagreement(test, p, effect)
    assert warned.code == "borderline"
    assert warned.words.startswith("borderline: p is ")
    assert why in warned.words


@pytest.mark.parametrize(
    ("p", "effect"),
    [
        (0.01, Effect("hedges_g", 0.8, 0.2, 1.4)),
        (0.4, Effect("hedges_g", 0.1, -0.4, 0.6)),
        (0.01, Effect("odds_ratio", 3.0, 1.2, 8.0)),
        (0.3, Effect("variance_ratio", 1.3, 0.6, 2.5)),
        (0.01, Effect("eta_squared", 0.2, 0.02, 0.4)),
        (0.01, Effect("ks_distance", 0.5, None, None)),
    ],
)
def test_where_they_agree_nothing_is_said(p: float, effect: Effect) -> None:
    assert disagreement("welch_t", p, effect) == []


def test_it_stands_among_the_warnings_of_the_tool(tool_on: Callable[[str, str], Call]) -> None:
    """SciPy's ttest_ind of these values: Welch's p 0.007461, the pooled one 0.1641."""
    wide = [((n * 37) % 41 - 20) / 7.0 for n in range(41)]
    narrow = [1.0, 1.4, 0.2, 1.1, 0.7, 1.6, 0.5]
    rows = [f"{value!r},a" for value in wide] + [f"{value!r},b" for value in narrow]
    on = tool_on("compare_groups", "v,g\n" + "\n".join(rows) + "\n")
    found = on(value="v", group="g", test="welch")
    assert found["p"] == pytest.approx(0.007461, rel=1e-3)
    assert found["effect"]["ci_low"] < 0 < found["effect"]["ci_high"]
    assert any("borderline: p is below 0.05" in warning for warning in found["warnings"])
    pooled = on(value="v", group="g", test="student")
    assert pooled["p"] == pytest.approx(0.1641, rel=1e-3)
    assert not any("borderline" in warning for warning in pooled["warnings"])
