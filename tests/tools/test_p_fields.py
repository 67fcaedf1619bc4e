"""Every result that holds a p says how it was got, and no p is 0: a bound is named as one, and checked as one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

from adapters.records import JsonValue, Message
from agent.number_check import unsupported_numbers
from tools.p_values import P_NAME, p_words, with_bounds
from tools.stats.bounds import bound_above
from tools.stats.correlation import correlate_pair
from tools.stats.normality import normality_tests
from tools.stats.post_hoc import tukey

Call = Callable[..., dict[str, Any]]
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("correlate", {}),
    ("correlate", {"method": "spearman", "by": "species"}),
    ("correlate", {"x": "year", "y": "body_mass_g", "method": "kendall", "where": "bill_length_mm > 55"}),
    ("correlate", {"method": "cramers_v"}),
    ("correlate", {"x": "sex", "y": "body_mass_g", "method": "point_biserial"}),
    ("correlate", {"x": "year", "y": "body_mass_g", "controls": ["bill_depth_mm"]}),
    ("compare_groups", {"value": "body_mass_g", "group": "species"}),
    ("compare_groups", {"value": "body_mass_g", "group": "species", "test": "anova"}),
    ("compare_groups", {"value": "body_mass_g", "group": "species", "test": "kruskal"}),
    ("compare_groups", {"value": "body_mass_g", "group": "sex", "by": "species"}),
    ("compare_groups", {"value": "body_mass_g", "group": "sex", "test": "ks"}),
    ("compare_groups", {"value": "body_mass_g", "group": "sex", "test": "bartlett"}),
    ("compare_groups", {"value": "body_mass_g", "group": "species", "group2": "sex"}),
    ("compare_groups", {"value": "body_mass_g", "mu": 4200}),
    ("compare_groups", {"value": "sex", "group": "species", "event": "male"}),
    ("compare_groups", {"value": "sex", "group": "island", "groups": ["Biscoe", "Dream"], "event": "male"}),
    ("compare_groups", {"value": "bill_length_mm", "value2": "bill_depth_mm"}),
    ("compare_groups", {"value": "bill_length_mm", "repeated": ["bill_depth_mm", "year"], "test": "repeated_anova"}),
    ("compare_groups", {"value": "bill_length_mm", "repeated": ["bill_depth_mm", "year"], "test": "friedman"}),
    ("crosstab", {"row": "species", "column": "island"}),
    ("crosstab", {"row": "sex", "column": "island", "where": "island <> 'Dream'"}),
    ("crosstab", {"row": "sex", "column": "island", "by": "species"}),
    ("crosstab", {"row": "species"}),
    ("analyze_distribution", {"column": "body_mass_g", "by": "species"}),
    ("regress", {"target": "body_mass_g", "features": ["flipper_length_mm", "species"]}),
    ("regress", {"target": "sex", "features": ["body_mass_g"], "kind": "logit"}),
    ("regress", {"target": "year", "features": ["body_mass_g"], "kind": "poisson"}),
]


def p_values(value: JsonValue) -> Iterator[tuple[str, float, dict[str, JsonValue]]]:
    """Every p with its name and what stands beside it."""
    if isinstance(value, dict):
        for key, item in value.items():
            if P_NAME.fullmatch(key) and isinstance(item, float):
                yield key, item, value
            yield from p_values(item)
    elif isinstance(value, list):
        for item in value:
            yield from p_values(item)


def without_a_method(value: JsonValue) -> list[str]:
    """The p-values beside which nothing says how they were got; a corrected one needs both: how, and by what."""
    return [
        key
        for key, _, beside in p_values(value)
        if not (beside.get(f"{key}_method") or (key != "p_adjusted" and beside.get("p_method")))
        or (key == "p_adjusted" and not beside.get("p_method"))
    ]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_every_p_says_how_it_was_got_and_none_is_zero(
    tool_of: Callable[[str], Call], name: str, arguments: dict[str, Any]
) -> None:
    found = tool_of(name)(**arguments)
    shown = list(p_values(found))
    assert shown
    assert without_a_method(found) == []
    assert all(0 < p <= 1 for _, p, _ in shown)


def test_a_p_without_a_method_is_seen() -> None:
    assert without_a_method({"results": [{"p": 0.5}, {"f_p": 0.5, "f_p_method": "F"}]}) == ["p"]
    corrected: dict[str, JsonValue] = {"p": 0.5, "p_method": "t", "p_adjusted": 0.9}
    assert without_a_method([corrected, corrected | {"p_adjusted_method": "Holm over 2"}]) == ["p_adjusted"]


def test_a_corrected_p_names_its_correction_and_over_how_many(tool_of: Callable[[str], Call]) -> None:
    """The pairs of three species, the pairs of five columns, and the results of `by`, those without a p not counted."""
    for correction, name in (("holm", "Holm"), ("benjamini_hochberg", "Benjamini-Hochberg")):
        pairs = tool_of("correlate")(correction=correction)["pairs"]
        assert {pair["p_adjusted_method"] for pair in pairs} == {f"{name} over {len(pairs)}"}
    tables = tool_of("crosstab")(row="species", column="sex", by="island")["results"]
    assert [table.get("p_adjusted_method") for table in tables] == ["Holm over 2", "Holm over 2", None]
    for test, methods in {
        "anova": {"studentized range, Tukey-Kramer"},
        "welch_anova": {"studentized range, Games-Howell"},
        "kruskal": {"normal, Holm"},
    }.items():
        found = tool_of("compare_groups")(value="body_mass_g", group="species", test=test)
        assert {pair["p_method"] for pair in found["post_hoc"]} == methods


def test_no_pair_has_a_p_that_the_integral_cannot_give(tool_of: Callable[[str], Call]) -> None:
    """Body mass by species: the pairs' p was 0 and 6.3e-14; the bound is far below, of the method of the third pair."""
    found = tool_of("compare_groups")(value="body_mass_g", group="species")
    bounds = [pair for pair in found["post_hoc"] if pair.get("p_is_bound")]
    assert len(bounds) == 2
    assert all(pair["p"] < 1e-40 and math.log10(pair["p"]) == round(math.log10(pair["p"])) for pair in bounds)
    assert {pair["p_method"] for pair in found["post_hoc"]} == {"studentized range, Games-Howell"}


def test_the_bound_of_a_pair_is_above_the_p_that_the_integral_gives() -> None:
    """Where SciPy's integral is still right (R's TukeyHSD says the same), p is it, and Bonferroni's bound is near."""
    draw = np.random.default_rng(2)
    groups = [draw.normal(mean, 1, 12) for mean in (0.0, 0.1, 2.2)]
    for is_equal in (True, False):
        theirs = stats.tukey_hsd(*groups, equal_var=is_equal).pvalue
        assert [pair.p for pair in tukey(groups, is_equal)] == [theirs[1, 0], theirs[2, 0], theirs[2, 1]]
        far = tukey([*groups[:2], groups[2] + 12], is_equal)
        assert [pair.p_is_bound for pair in far] == [False, True, True]


def test_a_straight_line_has_a_bound_and_no_p_of_zero() -> None:
    found = correlate_pair(np.arange(5.0), np.arange(5.0) * 3)
    assert found.p_is_bound
    assert found.p is not None
    assert 0 < found.p < 1e-10
    assert not correlate_pair(np.arange(5.0), np.array([0.0, 1, 2, 3, 5])).p_is_bound


@pytest.mark.parametrize(("p", "bound"), [(0.0, 1e-300), (3e-48, 1e-47), (1e-47, 1e-47), (1.2e-47, 1e-46), (0.3, 1.0)])
def test_a_bound_is_the_power_of_ten_above(p: float, bound: float) -> None:
    assert bound_above(p) == bound


def test_what_underflows_is_a_bound_in_the_result_and_in_the_sentence() -> None:
    assert with_bounds({"p": 0.0, "p_method": "t"}) == {"p": 1e-300, "p_is_bound": True, "p_method": "t"}
    assert with_bounds({"f_p": 0.0}) == {"f_p": 1e-300, "f_p_is_bound": True}
    assert with_bounds({"p": 0.2, "p_is_bound": False}) == {"p": 0.2}
    assert p_words(0.0) == "< 1e-300"
    assert p_words(1e-47, "studentized range", is_bound=True) == "< 1e-47, studentized range"
    assert (p_words(0.0123, "t"), p_words(0.0123, "exact")) == ("= 0.012", "= 0.012, exact")


def test_the_number_check_knows_a_bound_of_ours() -> None:
    result = json.dumps(with_bounds({"p": 0.0, "post_hoc": [{"p": 1e-47, "p_is_bound": True}]}))
    given = [Message(0, "user", [{"type": "tool_result", "tool_use_id": "c1", "content": result}])]
    assert unsupported_numbers("They differ (p < 1e-300), and so do the pairs (p < 1e-47).", given) == []
    assert unsupported_numbers("They differ (p < 1e-200).", given) == []  # wider, and so true
    assert unsupported_numbers("They differ (p < 1e-302).", given) == ["1e-302"]


def test_dagostinos_test_of_values_without_skewness() -> None:
    """1, 2, … 8: the skewness is 0, and K² the square of the kurtosis' z alone (SciPy's normaltest says 1.700)."""
    tests = {test.name: test for test in normality_tests(np.arange(1.0, 9.0))}
    found = tests["dagostino"]
    z = float(stats.kurtosistest(np.arange(1.0, 9.0)).statistic)
    assert found.statistic == pytest.approx(z * z, rel=1e-12)
    assert (found.statistic, found.p) == pytest.approx((0.679, 0.712), abs=5e-4)
    # Next to it, where SciPy has no special case, it is nearly the same.
    near = np.arange(1.0, 9.0)
    near[-1] += 1e-6
    assert found.p == pytest.approx(stats.normaltest(near).pvalue, rel=1e-4)


def test_of_three_values_a_p_of_rounding_is_a_bound() -> None:
    shapiro = normality_tests(np.array([0.0, 0.0, 1.0]))[0]
    assert shapiro.p_is_bound
    assert shapiro.p == 1e-14
