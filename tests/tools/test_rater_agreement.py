"""Cohen's kappa: against a published example and statsmodels, and at the edges."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from adapters.model.scripted import ScriptedModel, call, say
from evals.world.home import build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk
from runtime.session import Session
from tests.runtime.test_export import results_of, run_script, same
from tools.errors import ToolError

FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
"""Fleiss (1981), Statistical Methods for Rates and Proportions, table 13.1: kappa 0.676, z 8.879 with se 0.076."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    built = build_in(tmp_path_factory.mktemp("kappa") / "home")
    yield built
    built.program.close()


def load(session: Session, rows: list[tuple[Any, Any]], name: str = "t") -> None:
    path = session.settings.home.parent / f"{name}.csv"
    path.write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows))
    session.call_tool("load_dataset", json.dumps({"source": str(path)}), None)


def rows_of(table: list[list[int]], levels: list[Any]) -> list[tuple[Any, Any]]:
    return [(levels[i], levels[j]) for i, line in enumerate(table) for j, n in enumerate(line) for _ in range(n)]


def ask(session: Session, **given: Any) -> Any:
    return session.call_tool(
        "rater_agreement", json.dumps({"dataset": "t", "first": "a", "second": "b", **given}), None
    ).content


def test_the_published_example_is_met(session: Session) -> None:
    load(session, rows_of(FLEISS, ["psychotic", "neurotic", "organic"]))
    found = ask(session, order=["psychotic", "neurotic", "organic"])
    assert round(found["kappa"], 3) == 0.676
    assert (round(found["agreed"], 2), round(found["expected"], 3)) == (0.89, 0.66)
    assert found["table"] == FLEISS
    assert found["p"] == pytest.approx(math.erfc(8.879 / math.sqrt(2)), rel=0.02)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
@pytest.mark.parametrize("table", [FLEISS, [[5, 3, 1, 0], [2, 9, 4, 1], [0, 3, 8, 2], [1, 0, 2, 7]], [[3, 9], [8, 2]]])
def test_it_is_what_statsmodels_gives(session: Session, table: list[list[int]], weights: str) -> None:
    load(session, rows_of(table, list(range(1, len(table) + 1))))
    found = ask(session, weights=weights)
    expected = cohens_kappa(np.array(table), wt=None if weights == "none" else weights)
    kappa = expected.kappa
    assert found["kappa"] == pytest.approx(kappa, rel=1e-10)
    assert found["se"] == pytest.approx(expected.std_kappa, rel=1e-9)
    assert found["p"] == pytest.approx(expected.pvalue_two_sided, rel=1e-8)
    assert found["ci_low"] == pytest.approx(max(-1, kappa - 1.959964 * expected.std_kappa), rel=1e-5)
    assert (found["agreed"] - found["expected"]) / (1 - found["expected"]) == pytest.approx(kappa, rel=1e-10)


@pytest.mark.parametrize(
    ("rows", "given", "problem"),
    [
        ([("x", "x"), ("x", "x")], {}, "the same single category in every row"),
        ([("x", ""), ("", "y")], {}, "no row has a rating of both"),
        ([("x", "y"), ("y", "x")], {"weights": "linear"}, r"give order \('x', 'y'\)"),
        ([("x", "y"), ("y", "x")], {"order": ["x"]}, "order lacks 'y'"),
        ([("x", "y"), ("y", "x")], {"order": ["x", "y", "z"]}, "no rating is 'z'"),
        ([("x", "y"), ("y", "x")], {"order": ["x", "y", "x"]}, "twice"),
        ([("x", "y"), ("y", "x")], {"second": "a"}, "the same column"),
    ],
)
def test_what_has_no_kappa_is_one_sentence(
    session: Session, rows: list[tuple[Any, Any]], given: dict[str, Any], problem: str
) -> None:
    load(session, rows)
    with pytest.raises(ToolError, match=problem):
        ask(session, **given)


def test_missing_ratings_prevailing_categories_and_few_rows_are_said(session: Session) -> None:
    load(session, [("x", "x")] * 19 + [("x", "y"), ("", "x")])
    found = ask(session)
    assert (found["n"], found["missing"]) == (20, 1)
    said = " ".join(found["warnings"])
    assert all(words in said for words in ("1 row with a missing rating", "with 20 rows", "are 'x': kappa is low then"))
    load(session, [("x", "1"), ("y", "2"), ("x", "2"), ("y", "1")])
    assert "no category in common" in " ".join(ask(session)["warnings"])


def test_a_rater_with_one_category_agrees_by_chance(session: Session) -> None:
    load(session, [("x", "x")] * 12 + [("x", "y")] * 8)
    found = ask(session)
    assert (round(found["kappa"], 12), found["p"]) == (0, 1)


def test_the_script_gives_the_same_kappa(bare: Programs, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows_of(FLEISS, [1, 2, 3])))
    given: dict[str, Any] = {"dataset": "t", "first": "a", "second": "b", "weights": "quadratic", "where": "a < 3"}
    script = [call(("c0", "load_dataset", {"source": str(path)})), call(("c1", "rater_agreement", given)), say("Done.")]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(script)))
    talk.say("compute")
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    assert same(found[1]["result"], expected["c1"])
    talk.session.program.close()
