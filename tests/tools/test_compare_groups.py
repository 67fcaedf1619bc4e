"""compare_groups as Claude calls it: which test, against published results, and sentences for what does not fit."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.session import Session
from tools import find_tool
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


def test_a_test_with_a_direction_has_an_interval_with_one_end(tool_on: Callable[[str, str], Compare]) -> None:
    """R: t.test(a, b, paired = TRUE, alternative = "less") of sleep: p 0.001416, interval up to -0.8669947."""
    a, b = "0.7 -1.6 -0.2 -1.2 -0.1 3.4 3.7 0.8 0.0 2.0".split(), "1.9 0.8 1.1 0.1 -0.1 4.4 5.5 1.6 4.6 3.4".split()
    wide = "a,b\n" + "".join(f"{x},{y}\n" for x, y in zip(a, b, strict=True))
    paired = tool_on("compare_groups", wide)(value="a", value2="b", alternative="less", test="paired")
    assert paired["p"] == pytest.approx(0.001416, abs=5e-7)
    assert paired["difference"]["ci_low"] is None
    assert paired["difference"]["ci_high"] == pytest.approx(-0.8669947, abs=5e-8)
    on = tool_on("compare_groups", "v,g\n" + "".join(f"{x},a\n" for x in a) + "".join(f"{x},b\n" for x in b))
    sought: list[dict[str, Any]] = [{"mu": 0.0}, {"group": "g"}]
    for given in sought:
        for alternative, open_end in (("less", "ci_low"), ("greater", "ci_high")):
            ends = on(value="v", test="t", alternative=alternative, **given)["difference"]
            assert [end for end in ("ci_low", "ci_high") if ends[end] is None] == [open_end]


PAIRS_OF_LEVELS = "y,a,b\n4.2,p,u\n5.1,p,u\n6.3,p,v\n5.9,p,v\n7.7,q,u\n8.1,q,u\n7.2,q,v\n9.6,q,v\n3.3,r,u\n2.7,r,u\n"


def test_two_factors_may_leave_a_cell_empty(tool_on: Callable[[str, str], Compare]) -> None:
    """R: anova(lm(y ~ b), lm(y ~ a + b), lm(y ~ a * b)): F = 20.48420 and 0.62241; of b beside a 2.62241, p 0.16629."""
    on = tool_on("compare_groups", PAIRS_OF_LEVELS)
    found = on(value="y", group="a", group2="b")
    assert [line["f"] for line in found["terms"]] == pytest.approx([20.48420, 2.62241, 0.62241], abs=5e-6)
    assert [line["p"] for line in found["terms"]] == pytest.approx([0.0039019, 0.16629, 0.46590], abs=5e-6)
    assert found["groups"][-1] == {"group": "r, v", "n": 0, "mean": None, "sd": None, "median": None}
    assert "1 pair of levels has no rows" in found["warnings"]
    with pytest.raises(ToolError, match="use type 2"):
        on(value="y", group="a", group2="b", sums_of_squares=3)


def test_two_values_each_tell_nothing_of_equal_variances(tool_on: Callable[[str, str], Compare]) -> None:
    """Both lie as far from their median as each other: what is left is rounding, of which F would be 1e30."""
    found = tool_on("compare_groups", PAIRS_OF_LEVELS)(value="y", group="a", group2="b")
    check = found["assumptions"][-1]
    assert (check["statistic"], check["p"], check["holds"]) == (None, None, None)
    assert not any("variances differ" in warning for warning in found["warnings"])


def test_values_that_do_not_vary_have_no_result(tool_on: Callable[[str, str], Compare]) -> None:
    on = tool_on("compare_groups", "v,g,k\n" + "".join(f"{i // 3 % 4},{'ab'[i % 2]},7\n" for i in range(24)))
    with pytest.raises(ToolError, match="all values are the same"):
        on(value="k", mu=3, test="t")


def test_equal_variances_are_equal_to_bartlett_whatever_rounding_says(tool_on: Callable[[str, str], Compare]) -> None:
    """agridat's holshouser.splitstrip, columns by population in a block: each group holds 1, 3, 6 and 8."""
    on = tool_on("compare_groups", "v,g\n" + "".join(f"{v},g{group}\n" for group in range(5) for v in (1, 3, 6, 8)))
    found = on(value="v", group="g", test="bartlett")
    assert (found["statistic"], found["p"]) == (0, 1)


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


def test_small_and_crooked_groups_are_ranked_and_said(penguins: Session, tmp_path: Path) -> None:
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
        ({"value": "species", "group": "sex"}, "has 3 values, not two .'Adelie', 'Chinstrap'"),
        ({"value": "body_mass_g", "group": "sexx"}, "no column 'sexx'"),
        ({"value": "body_mass_g", "group": "bill_length_mm"}, "makes 164 groups"),
        ({"value": "body_mass_g", "group": "species", "groups": ["Adelie", "Emperor"]}, "has no 'Emperor'"),
        (
            {"value": "body_mass_g", "group": "species", "test": "t"},
            "three or more groups are compared",
        ),
        ({"value": "body_mass_g", "group": "species", "test": "kruskal", "alternative": "less"}, "has no direction"),
        (
            {"value": "body_mass_g", "group": "sex", "test": "wilcoxon"},
            "compares the same subjects again",
        ),
        (
            {"value": "body_mass_g", "value2": "year", "test": "anova"},
            "pairs are compared; for that",
        ),
        (
            {"value": "body_mass_g", "mu": 1, "test": "kruskal"},
            "one mean is compared with mu",
        ),
        ({"value": "body_mass_g", "group": "sex", "where": "body_mass_g = 3750"}, "all values are the same"),
    ],
)
def test_what_does_not_fit_is_one_sentence(compare: Compare, arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        compare(**arguments)


SLEEP = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0, 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
"""R's sleep: extra hours of ten people on two drugs (Student 1908)."""


def test_a_subject_is_compared_with_itself(tool_on: Callable[..., Compare]) -> None:
    """R: t.test(extra ~ group, sleep, paired = TRUE): t = -4.0621, df = 9, p = 0.002833; rows in any order."""
    rows = [f"{extra},{1 + place // 10},{1 + place % 10}" for place, extra in enumerate(SLEEP)]
    compare = tool_on("compare_groups", "extra,group,ID\n" + "\n".join([*rows[::-1], "9,1,77"]) + "\n")
    found = compare(value="extra", group="group", subject="ID", test="t")
    assert (found["test"], found["df"], found["n"], found["missing"]) == ("paired_t", 9, 10, 1)
    assert found["statistic"] == pytest.approx(-4.0621, abs=5e-5)
    assert found["p"] == pytest.approx(0.002833, abs=5e-7)
    with pytest.raises(ToolError, match="'7' has several values in '1': average them first"):
        tool_on("compare_groups", "v,g,s\n1,1,7\n2,1,7\n3,2,7\n4,2,8\n")(value="v", group="g", subject="s")


def test_columns_measured_again(tool_on: Callable[..., Compare]) -> None:
    """Laerd: exercise before and after: F(2, 10) = 12.53, epsilon 0.638 (Greenhouse-Geisser)."""
    table = "pre,three,six\n45,50,55\n42,42,45\n36,41,43\n39,35,40\n51,55,59\n44,49,56\n,1,2\n"
    compare = tool_on("compare_groups", table)
    found = compare(value="pre", repeated=["three", "six"])
    assert (found["test"], found["df"], found["df2"], found["missing"]) == ("repeated_anova", 2, 10, 1)
    assert found["statistic"] == pytest.approx(12.534, abs=5e-4)
    assert found["sphericity"]["greenhouse_geisser"] == pytest.approx(0.638, abs=5e-4)
    assert any("do not spread alike (epsilon 0.64): go by" in warning for warning in found["warnings"])
    assert [(pair["a"], pair["b"]) for pair in found["post_hoc"]] == [
        ("pre", "three"),
        ("pre", "six"),
        ("three", "six"),
    ]
    assert found["interpretation"].startswith("pre differs within subjects between pre, three, six")
    ranks = compare(value="pre", repeated=["three", "six"], test="friedman")
    assert ranks["effect"]["name"] == "kendalls_w"
    assert compare(value="pre", value2="three")["test"] in ("paired_t", "wilcoxon")


def test_two_factors(compare: Compare) -> None:
    """R: car's Anova of lm(body_mass_g ~ species * sex): F = 749.016, 387.460, 8.757 on 2, 1, 2 and 327."""
    found = compare(value="body_mass_g", group="species", group2="sex")
    assert found["test"] == "two_way_anova"
    assert [line["term"] for line in found["terms"]] == ["species", "sex", "species:sex"]
    assert [line["df"] for line in found["terms"]] == [2, 1, 2]
    assert [line["f"] for line in found["terms"]] == pytest.approx([749.016, 387.460, 8.757], abs=5e-3)
    first = compare(value="body_mass_g", group="species", group2="sex", sums_of_squares=1)
    assert [line["f"] for line in first["terms"]] == pytest.approx([758.358, 387.460, 8.757], abs=5e-3)
    assert (found["n"], found["residual"]["df"], found["df2"]) == (333, 327, 327)
    assert any("the factors interact" in warning for warning in found["warnings"])
    assert len(found["groups"]) == 6


def test_shares_are_compared(compare: Compare, tool_on: Callable[..., Compare]) -> None:
    """Newcombe (1998): 56 of 70 against 48 of 80: the difference 0.2 lies in 0.0524 to 0.3339."""
    rows = ["a,yes"] * 56 + ["a,no"] * 14 + ["b,yes"] * 48 + ["b,no"] * 32 + ["b,"]
    shares = tool_on("compare_groups", "arm,better\n" + "\n".join(rows) + "\n")
    found = shares(value="better", group="arm", event="yes")
    assert (found["test"], found["event"], found["n"], found["missing"]) == ("proportions_z", "yes", 150, 1)
    assert [group["share"] for group in found["groups"]] == pytest.approx([0.8, 0.6])
    assert [found["difference"][key] for key in ("ci_low", "ci_high")] == pytest.approx([0.0524, 0.3339], abs=5e-5)
    assert found["interpretation"].startswith("The share of yes in better differs between a and b (proportions z")
    one = shares(value="better", mu=0.6, power=True)
    assert (one["test"], one["groups"][0]["yes"]) == ("binomial", 104)
    assert one["power"]["measure"] == "h"
    three = compare(value="sex", group="species", event="female")
    assert (three["test"], three["df"], len(three["post_hoc"])) == ("proportions_chi_square", 2, 3)


def test_none_of_eighteen_is_a_share(tool_on: Callable[..., Compare]) -> None:
    """R: binom.test(0, 18, 0.1)$p.value is 0.2482915."""
    share = tool_on("compare_groups", "ok\n" + "no\n" * 18)
    found = share(value="ok", mu=0.1, event="yes")
    assert (found["test"], found["event"], found["n"], found["groups"][0]["yes"]) == ("binomial", "yes", 18, 0)
    assert found["p"] == pytest.approx(0.2482915, abs=5e-8)
    assert "no row holds 'yes': make sure that it is the right word" in found["warnings"]
    assert share(value="ok", mu=0.1, event="No")["groups"][0]["yes"] == 18
    with pytest.raises(ToolError, match="say in `event` which one counts as yes"):
        share(value="ok", mu=0.1)


def test_an_event_that_no_row_of_several_values_holds_is_refused(tool_on: Callable[..., Compare]) -> None:
    share = tool_on("compare_groups", "ok\nno\nyes\nno\n")
    with pytest.raises(ToolError, match="event: 'ok' has no 'maybe'; it has 'no', 'yes'"):
        share(value="ok", mu=0.1, event="maybe")


@pytest.mark.parametrize(("words", "event"), [("ja nein", "ja"), ("on off", "on"), ("y n", "y"), ("F M", "M")])
def test_of_two_values_the_yes_is_the_event(tool_on: Callable[..., Compare], words: str, event: str) -> None:
    share = tool_on("compare_groups", "ok\n" + "\n".join(words.split() * 9) + "\n")
    assert share(value="ok", mu=0.5)["event"] == event


def test_spreads_and_whole_distributions(compare: Compare) -> None:
    spread = compare(value="body_mass_g", group="species", test="levene")
    assert spread["interpretation"].startswith("The spread of body_mass_g differs between the groups of species")
    assert {other["test"] for other in spread["others"]} == {"brown_forsythe", "bartlett", "fligner"}
    shape = compare(value="body_mass_g", group="sex", test="ks")
    assert shape["effect"]["value"] == shape["statistic"]
    assert shape["interpretation"].startswith("The distribution of body_mass_g differs between female and male")


def test_each_of_many_comparisons_has_its_codes_as_one_alone_has(compare: Compare) -> None:
    found = compare(value="body_mass_g", group="sex", by="species")
    alone = [compare(value="body_mass_g", group="sex", where=f"species = '{one['group']}'") for one in found["results"]]
    assert [one["warning_codes"] for one in alone if one["warnings"]] == [["missing_values"]] * 2
    for one, other in zip(found["results"], alone, strict=True):
        assert (one["warnings"], one.get("warning_codes")) == (other["warnings"], other.get("warning_codes"))


def test_a_comparison_for_each_value(compare: Compare) -> None:
    """Each is what `where` gives; p is corrected by Holm over the three species; rows of none are no group."""
    found = compare(value="body_mass_g", group="sex", by="species")
    assert [result["group"] for result in found["results"]] == ["Adelie", "Chinstrap", "Gentoo"]
    for result in found["results"]:
        alone = compare(value="body_mass_g", group="sex", where=f"species = '{result['group']}'")
        assert (result["statistic"], result["p"]) == (alone["statistic"], alone["p"])
    least = min(found["results"], key=lambda result: float(result["p"]))
    assert least["p_adjusted"] == pytest.approx(3 * least["p"])
    islands = compare(value="body_mass_g", group="species", by="island")
    assert [("error" in result) for result in islands["results"]] == [False, False, True]
    assert "makes 1 groups" in islands["results"][2]["error"]


def test_power_is_said_when_asked_for(compare: Compare, tool_on: Callable[[str, str], Compare]) -> None:
    found = compare(value="body_mass_g", group="sex", power=True, where="species = 'Adelie'")
    assert found["power"]["measure"] == "d"
    assert found["power"]["power"] > 0.99
    assert found["power"]["detectable"] == pytest.approx(2.8 * (2 / 73) ** 0.5, abs=0.02)
    wide: list[tuple[dict[str, Any], str]] = [
        ({"value": "year", "group": "sex", "test": "mann_whitney"}, "r"),
        ({"value": "bill_length_mm", "value2": "bill_depth_mm", "test": "wilcoxon"}, "r"),
        ({"value": "year", "group": "sex", "group2": "island"}, "f"),
        ({"value": "bill_length_mm", "repeated": ["bill_depth_mm", "year"]}, "f"),
    ]
    for given, measure in wide:
        power = compare(**given, power=True)["power"]
        assert power["measure"] == measure
        assert 0 < power["power"] <= 1
    exact = "v,g\n0,a\n1e-9,a\n1e9,b\n1000000000.000001,b\n5e12,c\n5000000000000.01,c\n"
    with pytest.raises(ToolError, match="leave nothing unexplained"):
        tool_on("compare_groups", exact)(value="v", group="g", test="anova", power=True)
    with pytest.raises(ToolError, match="none is known for kruskal"):
        compare(value="body_mass_g", group="species", test="kruskal", power=True)


def test_integers_with_missing_values_keep_their_names(tool_on: Callable[..., Compare]) -> None:
    found = tool_on("compare_groups", "v,g\n1,1\n2,1\n4,2\n9,2\n3,\n5,2\n")(value="v", group="g")
    assert [group["group"] for group in found["groups"]] == ["1", "2"]


def test_a_group_that_does_not_vary_is_compared_by_ranks(tool_on: Callable[..., Compare]) -> None:
    rows = [f"{v},{g}" for g in range(3) for v in range(g * 40)] + ["0,0"] * 40
    found = tool_on("compare_groups", "v,g\n" + "\n".join(rows) + "\n")(value="v", group="g")
    assert found["test"] == "kruskal"
    assert "a group does not vary" in found["why"]
    assert found["n"] == 160


def test_what_is_done_is_told_and_ends_when_the_user_stops(penguins: Session) -> None:
    tool, told = find_tool("compare_groups"), list[str]()
    call = tool.parse({"dataset": "penguins", "value": "body_mass_g", "group": "species"})
    tool.call(call, penguins.context("c1", threading.Event(), lambda sentence, fraction: told.append(sentence)))
    assert told[:2] == ["checking what the tests assume", "running welch_anova"]
    assert told[-1] == "comparing the pairs"
    stop = threading.Event()
    with pytest.raises(ToolError, match="stopped"):
        tool.call(call, penguins.context("c1", stop, lambda sentence, fraction: stop.set()))


def test_two_values_a_group_warn_nobody_but_the_reader(tool_on: Callable[..., Compare]) -> None:
    """Their distances from the median do not vary: the check says nothing, and no library's warning comes out."""
    found = tool_on("compare_groups", "v,g\n1,a\n2,a\n3.5,b\n4,b\n")(value="v", group="g")
    (check,) = [check for check in found["assumptions"] if "variances" in check["name"]]
    assert (check["statistic"], check["p"], check["holds"]) == (None, None, None)


@pytest.mark.parametrize(
    ("csv", "arguments", "sentence"),
    [
        (
            "g,v\n" + "a,0.3\na,0.30000000000000004\n" * 9 + "b,0.1\n" * 9,
            {"value": "v", "group": "g", "test": "t"},
            "neither group varies",
        ),
        ("v\n" + "0.3\n0.30000000000000004\n" * 9, {"value": "v", "mu": 0.1, "test": "t"}, "all values are the same"),
        (
            "a,b\n39.1,18.7\n20.5,0.1\n30.4,10.0\n21.1,0.7\n",
            {"value": "a", "value2": "b", "test": "paired"},
            "all differences are the same",
        ),
    ],
)
def test_rounding_is_no_spread(
    tool_on: Callable[[str, str], Compare], csv: str, arguments: dict[str, Any], sentence: str
) -> None:
    """0.1 + 0.2 is 0.30000000000000004, and 39.1 - 18.7 is not 20.5 - 0.1: a t of 1e15 would be measured by that."""
    with pytest.raises(ToolError, match=sentence):
        tool_on("compare_groups", csv)(**arguments)


@pytest.mark.parametrize(
    "more",
    [{}, {"group2": "sex"}, {"value": "sex", "event": "male"}],
    ids=["two groups", "two factors", "shares"],
)
def test_only_rows_of_the_groups_that_were_asked_about_are_left_out(compare: Compare, more: dict[str, Any]) -> None:
    """Of penguins' missing body masses one is an Adelie's and one a Gentoo's; of missing sexes 6, none and 5."""
    found = compare(**{"value": "body_mass_g", "group": "species", "groups": ["Adelie", "Chinstrap"], **more})
    n = 6 if "sex" in str(more) else 1
    assert f"{n} row{'' if n == 1 else 's'} with missing values left out" in found["warnings"]
