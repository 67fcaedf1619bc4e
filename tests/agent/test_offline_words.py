"""What the offline model says about a result: in the names, with the corrections, that the result itself has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from scipy import stats as scipy_stats

from agent.offline import OfflineModel
from agent.offline.memory import Step
from agent.offline.words import words_about
from evals.world.home import PENGUINS, build_in
from runtime.session import Session

MEASURES = ["bill_length_mm", "bill_depth_mm", "year"]


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    built = build_in(tmp_path_factory.mktemp("words") / "home", model=OfflineModel())
    built.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    yield built
    built.program.close()


def _said(session: Session, tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    """What is said of a call over penguins, and its result."""
    given = {"dataset": "penguins", **arguments}
    result = dict(session.call_tool(tool, json.dumps(given), None).content)
    return words_about(Step(tool, given, result)), result


@pytest.mark.parametrize(("method", "symbol"), [("pearson", "r"), ("spearman", "rho"), ("kendall", "tau")])
def test_a_correlation_has_its_own_symbol(session: Session, method: str, symbol: str) -> None:
    words, result = _said(session, "correlate", x="bill_length_mm", y="body_mass_g", method=method)
    assert f" and body_mass_g: {symbol} = {result['pairs'][0]['r']:.4f}" in words
    assert result["interpretation"] in words
    assert ("explains 35 % of the variance" in words) is (method == "pearson")
    assert "Cohen" not in words


@pytest.mark.parametrize(("method", "symbol"), [("pearson", "partial r"), ("spearman", "partial rho")])
def test_a_partial_correlation_names_what_is_held_constant(session: Session, method: str, symbol: str) -> None:
    controls = ["flipper_length_mm", "year"]
    words, result = _said(session, "correlate", x="bill_length_mm", y="bill_depth_mm", method=method, controls=controls)
    assert f"{symbol} = " in words
    assert f"({method}, with flipper_length_mm, year held constant)" in words
    assert "with flipper_length_mm, year held constant" in result["interpretation"]
    assert f"({symbol} = " in result["interpretation"]
    assert "of the variance" not in words


def test_no_share_of_the_variance_is_told_of_a_correlation_that_is_not_shown(session: Session) -> None:
    words, result = _said(session, "correlate", x="bill_length_mm", y="year")
    assert result["pairs"][0]["p"] > 0.05
    assert "No association of bill_length_mm and year is shown" in words
    assert "of the variance" not in words


def test_a_matrix_shows_the_corrected_p_and_names_the_correction(session: Session) -> None:
    words, result = _said(session, "correlate", columns=MEASURES)
    raw = [pair["p"] for pair in result["pairs"]]
    # Holm (1979) by hand, of three: the smallest three times, the next twice, never falling.
    largest, middle, smallest = sorted(raw, reverse=True)
    steps = [3 * smallest, max(3 * smallest, 2 * middle), max(3 * smallest, 2 * middle, largest)]
    lines = [line.split(" | ") for line in words.splitlines() if line.startswith("| ")]
    assert lines[0][3] == "p (corrected)"
    assert sorted(float(line[3]) for line in lines[1:]) == pytest.approx([min(1.0, p) for p in steps], rel=0.05)
    assert "3 pairs (pearson); p is corrected for their number: Holm over 3." in words


def test_a_correlation_within_groups_shows_the_corrected_p(session: Session) -> None:
    words, _ = _said(session, "correlate", x="bill_length_mm", y="year", by="species")
    assert "p is corrected for their number: Holm over 3" in words
    assert "| x | y | group | r | p (corrected) |" in words


def test_results_for_each_value_show_the_corrected_p(session: Session) -> None:
    words, result = _said(session, "compare_groups", value="bill_length_mm", group="sex", by="species")
    assert words.count("p corrected for the number of results (Holm over 3): ") == len(result["results"])


def test_rho_is_that_of_scipy(session: Session) -> None:
    rows = session.call_tool(
        "query", json.dumps({"sql": "SELECT bill_length_mm, year FROM penguins", "limit": 400}), None
    )
    found: list[Any] = json.loads(json.dumps(rows.content["rows"]))
    pairs = [row for row in found if row[0] is not None]
    rho = scipy_stats.spearmanr([row[0] for row in pairs], [row[1] for row in pairs]).statistic
    words, _ = _said(session, "correlate", x="bill_length_mm", y="year", method="spearman")
    assert f"rho = {rho:.4f}".rstrip("0") in words


@pytest.mark.parametrize(
    ("test", "head"),
    [
        ("kruskal", "| a | b | difference of mean ranks (b - a) | p (Dunn with Holm) |"),
        ("anova", "| a | b | b - a | p (Tukey-Kramer) |"),
        ("welch_anova", "| a | b | b - a | p (Games-Howell) |"),
    ],
)
def test_a_table_of_pairs_says_what_differs_and_what_corrected_p(session: Session, test: str, head: str) -> None:
    words, _ = _said(session, "compare_groups", value="year", group="island", test=test)
    assert head in words


def test_pairs_of_one_table_are_corrected_in_one_way_and_a_bound_is_shown_as_one(session: Session) -> None:
    words, _ = _said(session, "compare_groups", value="body_mass_g", group="species", test="anova")
    assert "| a | b | b - a | p (Tukey-Kramer) |" in words
    near = next(line for line in words.splitlines() if line.startswith("| Adelie | Chinstrap |"))
    far = next(line for line in words.splitlines() if line.startswith("| Adelie | Gentoo |"))
    assert near.endswith("| 0.88 |")
    assert far.split(" | ")[-1].startswith("< 1e-")


def test_mean_ranks_are_those_of_r(session: Session) -> None:
    """R: tapply(rank(body_mass_g), species, mean): 110.6456954, 116.3823529, 276.6788618."""
    words, _ = _said(session, "compare_groups", value="body_mass_g", group="species", test="kruskal")
    assert f"| Adelie | Gentoo | {276.6788618 - 110.6456954:.2f} |" in words


def test_pairs_of_measurements_say_what_corrected_p(session: Session) -> None:
    columns = ["bill_depth_mm", "flipper_length_mm"]
    by_ranks, _ = _said(session, "compare_groups", value="bill_length_mm", repeated=columns, test="friedman")
    by_means, _ = _said(session, "compare_groups", value="bill_length_mm", repeated=columns, test="repeated_anova")
    assert "| a | b | median of b - a | p (Wilcoxon with Holm) |" in by_ranks
    assert "| a | b | b - a | p (Holm) |" in by_means


def test_shares_are_shown_as_shares(session: Session) -> None:
    words, result = _said(session, "compare_groups", value="sex", group="island")
    assert "| group | n | yes | share |" in words
    assert f"| Biscoe | {result['groups'][0]['n']} | {result['groups'][0]['yes']} |" in words


def test_a_condition_is_a_part_of_the_answer() -> None:
    result = {"rows": 1, "columns": [{"column": "a", "n": 1, "missing": 0, "distinct": 1, "top": []}]}
    said = words_about(Step("describe", {"dataset": "t", "where": "\"g\" = 'x'"}, result))
    assert said.startswith("Where \"g\" = 'x':\n\na over 1 row of t")
    assert not words_about(Step("describe", {"dataset": "t"}, result)).startswith("Where")


def test_columns_that_were_cut_are_counted() -> None:
    column = {"name": "a", "type": "text", "missing": 0, "distinct": 1, "example": "x"}
    result = {"dataset": "wide", "rows": 30, "columns": [column], "warnings": [], "left_out": {"columns": 1999}}
    assert words_about(Step("load_dataset", {}, result)).startswith("**wide**: 30 rows, 2000 columns.")


def test_a_job_that_was_cancelled_is_said_once_to_be() -> None:
    ended: dict[str, Any] = {
        "job_id": "job_a", "state": "cancelled", "progress": 0.4, "status": "cancelled", "metrics": None,
        "seconds": 1, "cost_usd": 0.000138, "log_tail": [],
    }  # fmt: skip
    said = "The job ended without a result (cancelled), at 40% after 1.0 s, for $0.00014."
    assert words_about(Step("cancel_job", {}, ended)) == said
    before = f"job_a had ended before (cancelled): nothing was cancelled.\n\n{said}"
    assert words_about(Step("cancel_job", {}, {**ended, "had_ended": True})) == before
