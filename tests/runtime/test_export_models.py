"""Models of each shape in an exported script: fitted again without us, they score the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk, training
from tests.runtime.test_export import results_of, run_script, same

SETTLES: JsonValue = [{"name": "hidden_layer_sizes", "value": [9, 4]}, {"name": "max_iter", "value": 3000}]
JOBS: list[dict[str, JsonValue]] = [
    {"target": "body_mass_g", "model": "svm", "params": [{"name": "kernel", "value": "linear"}]},
    {"target": "body_mass_g", "model": "polynomial_regression", "features": ["bill_length_mm", "bill_depth_mm"]},
    {"target": "species", "model": "mlp_classifier", "params": SETTLES},
    {"target": "body_mass_g", "model": "elastic_net"},
    {"target": "species", "model": "svm", "cv": {"folds": 3}},
]


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    steps: list[Step] = [call(("c0", "load_dataset", {"source": str(PENGUINS)})), say("It is loaded.")]
    for n, job in enumerate(JOBS):
        steps += training(n, {"kind": "training", "dataset": "penguins", **job})
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(steps)))
    talk.say("load penguins")
    for _ in JOBS:
        talk.say("train")
        talk.answer(yes=True)
    return talk


def test_each_model_scores_the_same_in_the_script(bare: Programs, talk: Talk, tmp_path: Path) -> None:
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    shown = [entry["result"]["metrics"] for entry in found.values() if "metrics" in entry.get("result", {})]
    polled = [expected[f"p{n}"]["metrics"] for n in range(len(JOBS))]
    talk.session.program.close()
    folds = [entry["result"]["folds"] for entry in found.values() if "folds" in entry.get("result", {})]
    assert folds == [expected["p4"]["cross_validated"]["scores"]["accuracy"]["folds"]]
    assert len(shown) == len(JOBS)
    assert all(same(one, whole) for one, whole in zip(shown, polled, strict=True))
