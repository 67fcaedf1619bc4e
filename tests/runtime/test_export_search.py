"""A model that was searched for, in an exported script: the winner is fitted again without us and scores the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in
from evals.world.programs import Programs
from evals.world.talk import Talk, training
from tests.runtime.test_export import results_of, run_script, same

JOBS: list[dict[str, JsonValue]] = [
    {"target": "body_mass_g", "model": "auto", "tune": {"trials": 9}},
    {"target": "species", "model": "decision_tree", "tune": {"trials": 4}},
]


@pytest.mark.parametrize("job", JOBS, ids=["auto", "tuned"])
def test_the_winner_of_a_search_scores_the_same_in_the_script(
    bare: Programs, job: dict[str, JsonValue], tmp_path: Path
) -> None:
    steps: list[Step] = [call(("c0", "load_dataset", {"source": str(PENGUINS)})), say("It is loaded.")]
    steps += training(0, {"kind": "training", "dataset": "penguins", **job})
    talk = Talk(build_in(tmp_path / "home", model=ScriptedModel(steps)))
    talk.say("load penguins")
    talk.say("train")
    talk.answer(yes=True)
    found, polled = run_script(bare, talk, tmp_path), results_of(talk)["p0"]
    talk.session.program.close()
    (shown,) = [entry["result"]["metrics"] for entry in found.values() if "metrics" in entry.get("result", {})]
    assert same(shown, polled["metrics"])
    assert polled["searched"]["trials"][0]["model"] == polled["fitted"]
    assert len(polled["searched"]["trials"]) == polled["searched"]["n_trials"]


@pytest.mark.parametrize("target", ["body_mass_g", "species"])
def test_xgboost_scores_the_same_in_the_script(bare: Programs, target: str, tmp_path: Path) -> None:
    job: dict[str, JsonValue] = {"kind": "training", "dataset": "penguins", "target": target, "model": "xgboost"}
    steps: list[Step] = [call(("c0", "load_dataset", {"source": str(PENGUINS)})), say("It is loaded.")]
    talk = Talk(build_in(tmp_path / "home", model=ScriptedModel([*steps, *training(0, job)])))
    talk.say("load penguins")
    talk.say("train")
    talk.answer(yes=True)
    found, polled = run_script(bare, talk, tmp_path), results_of(talk)["p0"]
    talk.session.program.close()
    (shown,) = [entry["result"]["metrics"] for entry in found.values() if "metrics" in entry.get("result", {})]
    assert same(shown, polled["metrics"])
