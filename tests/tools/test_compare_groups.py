"""compare_groups as Claude calls it: which test, against published results, and sentences for what does not fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.app import App
from tools.errors import ToolError

Compare = Callable[..., dict[str, Any]]


@pytest.fixture
def compare(tool_of: Callable[[str], Compare]) -> Compare:
    return tool_of("compare_groups")


def test_two_groups_are_compared_by_welch(compare: Compare) -> None:
    """R: t.test(body_mass_g ~ sex, penguins): t = -8.5545, df = 323.9, p = 4.794e-16, means 3862.273 and 4545.685."""
    found = compare(value="body_mass_g", group="sex")
    assert (found["test"], found["n"], found["missing"]) == ("welch_t", 333, 11)
    assert found["statistic"] == pytest.approx(-8.5545, abs=5e-5)
    assert found["df"] == pytest.approx(323.9, abs=0.05)
    assert found["p"] == pytest.approx(4.794e-16, rel=1e-3)
    assert [group["mean"] for group in found["groups"]] == pytest.approx([3862.273, 4545.685], abs=5e-4)
    assert "differs between female and male (welch t, p = 4.8e-16); the effect is large" in found["interpretation"]
    assert {other["test"] for other in found["others"]} == {"student_t", "mann_whitney"}


def test_many_groups_are_compared_with_their_pairs(compare: Compare) -> None:
    """R: aov(body_mass_g ~ species): F = 343.6 on 2 and 339; kruskal.test: 217.6, df = 2 (palmerpenguins)."""
    found = compare(value="body_mass_g", group="species")
    assert found["test"] == "welch_anova"
    assert "variances are unequal" in found["why"]
    assert [(pair["a"], pair["b"], pair["p"] < 0.05) for pair in found["post_hoc"]] == [
        ("Adelie", "Chinstrap", False),
        ("Adelie", "Gentoo", True),
        ("Chinstrap", "Gentoo", True),
    ]
    classical = compare(value="body_mass_g", group="species", test="anova")
    assert classical["statistic"] == pytest.approx(343.6, abs=0.05)
    assert (classical["df"], classical["df2"]) == (2, 339)
    assert any("Welch's test is safer" in warning for warning in classical["warnings"])
    ranks = compare(value="body_mass_g", group="species", test="kruskal")
    assert ranks["statistic"] == pytest.approx(217.6, abs=0.05)
    assert ranks["effect"]["name"] == "epsilon_squared"


def test_parts_and_directions(compare: Compare) -> None:
    two = compare(value="body_mass_g", group="species", groups=["Chinstrap", "Adelie"], where="year = 2008")
    assert [group["group"] for group in two["groups"]] == ["Chinstrap", "Adelie"]
    both = compare(value="body_mass_g", group="sex", test="t")
    less = compare(value="body_mass_g", group="sex", test="t", alternative="less")
    assert less["p"] == pytest.approx(both["p"] / 2)
    pairs = compare(value="bill_length_mm", value2="bill_depth_mm")
    assert (pairs["test"], pairs["n"]) == ("paired_t", 342)
    one = compare(value="body_mass_g", mu=4200)
    assert (one["test"], one["df"]) == ("t", 341)
    assert one["interpretation"].startswith("No difference of body_mass_g from 4200 is shown (t, p = 0.97)")


def test_small_and_crooked_groups_are_ranked_and_said(penguins: App, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("v,g\n" + "".join(f"{2.0**n},{'ab'[n % 2]}\n" for n in range(14)) + ",a\n5,\n")
    penguins.call_tool("load_dataset", json.dumps({"source": str(path)}), None)
    found = penguins.call_tool("compare_groups", '{"dataset": "few", "value": "v", "group": "g"}', None).content
    assert found["test"] == "mann_whitney"
    assert found["missing"] == 2
    assert "a group has only 7 values" in str(found["warnings"])
    means = penguins.call_tool(
        "compare_groups", '{"dataset": "few", "value": "v", "group": "g", "test": "t"}', None
    ).content
    assert "a test of ranks is safer" in str(means["warnings"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"value": "body_mass_g"}, "give one of: group"),
        ({"value": "body_mass_g", "group": "sex", "mu": 1}, "give one of: group"),
        ({"value": "species", "group": "sex"}, "holds text, not numbers"),
        ({"value": "body_mass_g", "group": "sexx"}, "no column 'sexx'"),
        ({"value": "body_mass_g", "group": "bill_length_mm"}, "makes 164 groups"),
        ({"value": "body_mass_g", "group": "species", "groups": ["Adelie", "Emperor"]}, "has no 'Emperor'"),
        ({"value": "body_mass_g", "group": "species", "test": "t"}, "compares two groups; there are 3"),
        ({"value": "body_mass_g", "group": "species", "test": "kruskal", "alternative": "less"}, "has no direction"),
        ({"value": "body_mass_g", "group": "sex", "test": "wilcoxon"}, "give value2 in place of group"),
        ({"value": "body_mass_g", "value2": "year", "test": "anova"}, "does not compare pairs"),
        ({"value": "body_mass_g", "mu": 1, "test": "kruskal"}, "does not compare one mean"),
        ({"value": "body_mass_g", "group": "sex", "where": "body_mass_g = 3750"}, "all values are the same"),
    ],
)
def test_what_does_not_fit_is_one_sentence(compare: Compare, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        compare(**arguments)
