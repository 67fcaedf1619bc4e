"""What compare_groups says of its result: the sentence beside the numbers that R gives, and tests that disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Compare = Callable[..., dict[str, Any]]


@pytest.fixture
def compare(tool_of: Callable[[str], Compare]) -> Compare:
    return tool_of("compare_groups")


def test_a_one_sided_test_is_called_one(compare: Compare) -> None:
    """R 4: t.test(flipper_length_mm ~ sex, penguins, alternative = "less") gives p = 1.2e-06, two-sided 2.34e-06."""
    less = compare(value="flipper_length_mm", group="sex", alternative="less")["interpretation"]
    assert less.startswith("flipper_length_mm is less in female than in male (welch t, one-sided, p = 1.2e-06)")
    greater = compare(value="flipper_length_mm", group="sex", alternative="greater")["interpretation"]
    assert greater.startswith(
        "No sign that flipper_length_mm is greater in female than in male is found (welch t, one-"
    )


def test_the_sentence_gives_the_intervals_of_the_effect_and_of_the_means_difference(compare: Compare) -> None:
    """R: t.test(body_mass_g ~ sex): 3862.272727 - 4545.684524, interval -840.5782615 to -526.2453316."""
    found = compare(value="body_mass_g", group="sex")
    effect, said = found["effect"], found["interpretation"]
    assert f"Hedges' g = -0.93, 95 % interval {effect['ci_low']:.2f} to {effect['ci_high']:.2f}; " in said
    assert "difference of means (female - male) = -683.412, 95 % interval -840.578 to -526.245)" in said


def test_the_sentence_about_one_mean_gives_its_distance_with_interval(compare: Compare) -> None:
    """R: t.test(bill_length_mm, mu = 43): mean 43.92193, interval less 43 from 0.3412473467 to 1.5026123025."""
    said = compare(value="bill_length_mm", mu=43)["interpretation"]
    assert "mean minus 43 = 0.92193, 95 % interval 0.341247 to 1.50261" in said
    one_sided = compare(value="bill_length_mm", mu=43, alternative="greater")["interpretation"]
    assert "mean minus" not in one_sided


def test_tests_that_do_not_agree_are_named_with_their_p(tool_on: Callable[[str, str], Compare]) -> None:
    """SciPy: ttest_ind(a, b, equal_var=False) p 0.63524, mannwhitneyu(a, b) p 0.002663."""
    a, b = [*range(1, 12), 200], [8, 9, 10, *range(12, 21)]
    rows = "v,g\n" + "".join(f"{v},a\n" for v in a) + "".join(f"{v},b\n" for v in b)
    found = tool_on("compare_groups", rows)(value="v", group="g", test="t")
    (warning,) = [text for text in found["warnings"] if "do not agree" in text]
    ranks = next(other["p"] for other in found["others"] if other["test"] == "mann_whitney")
    assert ranks == pytest.approx(0.002663, rel=0.15)  # counted out here, by the normal curve there
    assert f"(welch t: p = 0.64; mann whitney: p = {ranks:.2g})" in warning
    assert "student t" not in warning
