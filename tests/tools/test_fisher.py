"""Fisher's test of larger tables against R 4.2.2's fisher.test, and one rule for shares and tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tools.stats.contingency import examine_counts
from tools.stats.fisher import count_tables, fisher_p, needs_fisher
from tools.stats.proportions import compare_proportions

Call = Callable[..., dict[str, Any]]
NONE_OF_18 = "g,ok\n" + "a,no\n" * 18 + "b,no\n" * 16 + "b,yes\n" * 4


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ([[3, 1, 0], [0, 4, 2], [1, 0, 5]], 0.00511988012),
        ([[5, 2, 9], [1, 8, 3]], 0.01502201303),
        ([[20, 15, 30], [10, 28, 13], [5, 4, 3]], 0.006184878938),
        ([[3, 0, 0, 1, 2], [0, 4, 1, 1, 0], [2, 2, 0, 0, 6]], 0.009760761801),
        ([[1, 0, 1], [0, 1, 0]], 1.0),
    ],
)
def test_larger_tables_are_counted_as_in_r(table: list[list[int]], p: float) -> None:
    """fisher.test(matrix(c(...), byrow = TRUE), workspace = 2e8)$p.value."""
    found = fisher_p(np.array(table, dtype=np.float64))
    assert found.p == pytest.approx(p, rel=1e-8)
    assert found.method == "exact"
    assert fisher_p(np.array(table, dtype=np.float64).T).p == pytest.approx(found.p, rel=1e-10)


def test_a_table_with_too_many_relatives_is_drawn_alike_in_each_order_of_its_rows() -> None:
    """R: ?fisher.test, Job: 0.7827."""
    job = np.array([[1.0, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])
    assert count_tables(job.astype(np.int64)) is None
    found = fisher_p(job)
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low < 0.7827 < found.ci_high
    assert fisher_p(job[::-1]) == found


def test_the_rule_is_an_expected_count_below_five() -> None:
    assert not needs_fisher(np.array([[5.0, 5], [5, 5]]))
    assert needs_fisher(np.array([[5.0, 5], [5, 4]]))
    assert not needs_fisher(np.array([[4000.0, 1], [4000, 1]]))


def test_a_table_of_two_by_two_shows_three_tests_and_names_the_main_one() -> None:
    """R: chisq.test(correct = FALSE), chisq.test and fisher.test of 0 of 18 against 4 of 20."""
    found = examine_counts(np.array([[18.0, 0], [16, 4]]), None)
    p = {one.test: one.p for one in found.tests}
    assert p == pytest.approx(
        {"chi_square": 0.04486972, "chi_square_corrected": 0.1397974, "fisher": 0.1070921}, rel=1e-6
    )
    assert (found.test, found.p, found.p_method) == ("fisher", p["fisher"], "exact")
    assert found.has_filled_cells
    even = examine_counts(np.array([[18.0, 10], [16, 14]]), None)
    assert (even.test, even.p_method) == ("chi_square", "chi-square")
    assert not even.has_filled_cells
    assert examine_counts(np.array([[18.0, 10], [16, 14]]), "chi_square_corrected").p_method == "chi-square, Yates"


def test_one_question_has_one_verdict_in_both_tools(tool_on: Callable[..., Call]) -> None:
    shares = tool_on("compare_groups", NONE_OF_18)(value="ok", group="g", event="yes")
    table = tool_on("crosstab", NONE_OF_18)(row="g", column="ok")
    assert (shares["test"], shares["p"]) == ("fisher", pytest.approx(table["p"], rel=1e-12))
    assert shares["statistic"] is None
    assert {other["test"] for other in shares["others"]} == {"proportions_z", "chi_square_corrected"}
    assert "exactly" in shares["why"]


def test_shares_have_a_direction_in_the_exact_test_too() -> None:
    """R: fisher.test(matrix(c(0, 18, 4, 16), 2, byrow = TRUE), alternative = "less") 0.06563707."""
    assert compare_proportions((0, 4), (18, 20), "less").p == pytest.approx(0.06563707, rel=1e-6)
    assert compare_proportions((0, 4), (18, 20), "greater").p == pytest.approx(1.0)
    assert compare_proportions((9, 4, 9), (18, 20, 21)).test == "proportions_chi_square"
    assert compare_proportions((0, 4, 5), (18, 20, 9)).test == "fisher"


def test_a_wide_table_of_few_rows_is_drawn_at_once() -> None:
    """R 4: fisher.test(table(0:59 %% 14, (0:59)^2 %% 13), simulate.p.value = TRUE, B = 200000) gives 0.98813."""
    counts = np.zeros((14, 13))
    for i in range(60):
        counts[i % 14, i * i % 13] += 1
    found = fisher_p(counts)
    assert found.method == "drawn: 9,999"
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.ci_low < 0.98813 < found.ci_high
