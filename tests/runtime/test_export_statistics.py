"""The statistical tools in an exported conversation: its script and its plan give the same numbers again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in
from evals.world.programs import Programs
from evals.world.talk import Talk
from tests.runtime.test_export import results_of, run_plan, run_script, same

COMPUTED = ["c1", *(f"c{n}" for n in range(16, 53))]


def script_of() -> list[Step]:
    """A conversation that uses each statistical tool, in most of its forms."""
    whole: dict[str, JsonValue] = {"dataset": "penguins"}
    pairs: dict[str, JsonValue] = {"value": "bill_length_mm", "value2": "bill_depth_mm", "test": "wilcoxon"}
    lengths: dict[str, JsonValue] = {"x": "bill_length_mm", "y": "flipper_length_mm", "method": "spearman"}
    chance: dict[str, JsonValue] = {"target": "species", "features": ["year"]}
    masses: dict[str, JsonValue] = {
        "target": "body_mass_g",
        "features": ["flipper_length_mm", "species"],
        "robust": True,
    }
    coded: dict[str, JsonValue] = {"features": ["flipper_length_mm", "YEAR"], "categories": ["Year"]}
    crossed: dict[str, JsonValue] = {
        "features": ["island", "species"],
        "interactions": [{"columns": ["island", "species"]}],
    }
    few: dict[str, JsonValue] = {**whole, "where": "bill_length_mm > 54.2"}
    many: dict[str, JsonValue] = {**whole, "where": "flipper_length_mm < 205"}
    return [
        call(("c1", "load_dataset", {"source": str(PENGUINS)})),
        call(
            ("c16", "compare_groups", {**whole, "value": "body_mass_g", "group": "species"}),
            ("c17", "compare_groups", {**whole, **pairs}),
            ("c18", "crosstab", {**whole, "row": "species", "column": "island"}),
            ("c19", "crosstab", {**whole, "row": "year"}),
            ("c20", "regress", {**whole, **masses}),
            ("c21", "regress", {**whole, "target": "sex", "features": ["body_mass_g"], "kind": "logit"}),
        ),
        call(
            ("c22", "analyze_distribution", {**whole, "column": "body_mass_g", "by": "species"}),
            ("c23", "find_outliers", {**whole, "columns": ["body_mass_g", "year"], "method": "mad", "by": "species"}),
            ("c24", "find_outliers", {**whole, "columns": ["bill_depth_mm"], "action": "remove", "threshold": 0.5}),
        ),
        call(
            ("c25", "correlate", {**whole, "x": "body_mass_g", "y": "year", "method": "kendall", "by": "sex"}),
            ("c26", "correlate", {**whole, **lengths, "controls": ["body_mass_g"]}),
            ("c27", "correlate", {**whole, "x": "sex", "y": "body_mass_g", "method": "point_biserial"}),
            ("c28", "correlate", {**whole, "method": "cramers_v"}),
        ),
        call(
            ("c29", "compare_groups", {**whole, "value": "body_mass_g", "group": "sex", "by": "species"}),
            ("c30", "compare_groups", {**whole, "value": "body_mass_g", "group": "species", "group2": "sex"}),
            ("c31", "compare_groups", {**whole, "value": "sex", "group": "species", "event": "male"}),
            ("c32", "compare_groups", {**whole, "value": "bill_length_mm", "repeated": ["bill_depth_mm", "year"]}),
            ("c33", "compare_groups", {**whole, "value": "body_mass_g", "group": "island", "test": "fligner"}),
            ("c34", "compare_groups", {**whole, "value": "body_mass_g", "mu": 4000, "test": "wilcoxon"}),
        ),
        call(
            ("c35", "regress", {**whole, "target": "body_mass_g", "features": ["bill_depth_mm"], "by": "species"}),
            ("c36", "regress", {**whole, **masses, **coded, "kind": "wls", "weights": "bill_length_mm"}),
            ("c37", "regress", {**whole, "target": "year", "features": ["bill_depth_mm"], "intercept": False}),
            ("c38", "regress", {**whole, **chance, "event": "Gentoo", "kind": "logit"}),
            ("c39", "crosstab", {**whole, "row": "species", "column": "sex", "by": "island"}),
            ("c40", "describe", {**whole, "columns": ["body_mass_g", "island"], "by": ["Species", "sex"]}),
            ("c41", "regress", {**whole, **masses, "kind": "poisson", "exposure": "bill_depth_mm"}),
            ("c42", "regress", {**whole, "target": "body_mass_g", **crossed}),
            ("c43", "correlate", {**whole, **lengths, "by": ["species", "sex"]}),
            (
                "c44",
                "compare_groups",
                {
                    **whole,
                    "value": "body_mass_g",
                    "group": "sex",
                    "by": "species, island",
                    "where": "island <> 'Dream'",
                },
            ),
        ),
        call(
            ("c45", "correlate", {**few, **lengths}),
            ("c46", "correlate", {**few, **lengths, "method": "kendall"}),
            ("c47", "compare_groups", {**few, "value": "year", "group": "sex", "test": "mann_whitney"}),
            ("c48", "compare_groups", {**whole, "value": "year", "group": "sex", "test": "ks"}),
            ("c49", "compare_groups", {**few, **pairs}),
            ("c50", "compare_groups", {**few, "value": "sex", "group": "year", "event": "male"}),
            ("c51", "crosstab", {**few, "row": "sex", "column": "year"}),
            ("c52", "crosstab", {**many, "row": "species", "column": "flipper_length_mm"}),
        ),
        say("That is all."),
    ]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    session = build_in(tmp_path_factory.mktemp("talk") / "home", model=ScriptedModel(script_of()))
    talk = Talk(session)
    talk.say("compute everything")
    yield talk
    session.program.close()


def test_the_script_gives_the_same_numbers(bare: Programs, talk: Talk, tmp_path: Path) -> None:
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    compared = 0
    for step, call_id in enumerate(COMPUTED):
        if step in found:
            assert same(found[step]["result"], expected[call_id]), (call_id, found[step]["result"], expected[call_id])
            compared += 1
    assert compared == 38


def test_the_plan_gives_the_same_results(statagent: str, talk: Talk, tmp_path: Path) -> None:
    done = run_plan(statagent, talk, tmp_path)
    assert done.returncode == 0, done.stderr
    expected = results_of(talk)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["result"] for line in lines] == [expected[call_id] for call_id in COMPUTED]
