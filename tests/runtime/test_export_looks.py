"""Looks at models in an exported script: taken again without us, they give the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.programs import Programs
from evals.world.talk import Talk, training
from tests.runtime.test_export import results_of, run_script, same

NUMBERS: list[JsonValue] = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm"]
KEPT_TOGETHER: dict[str, JsonValue] = {"groups": "flipper_length_mm", "weights": "year"}
JOBS: list[dict[str, JsonValue]] = [
    {"target": "body_mass_g", "model": "linear_regression", "features": [*NUMBERS, "species"]},
    {"target": "sex", "model": "logistic_regression", "features": NUMBERS, "params": [{"name": "C", "value": 1.0}]},
    {"target": "body_mass_g", "model": "decision_tree", "features": NUMBERS[:2], **KEPT_TOGETHER},
    {"target": "sex", "model": "decision_tree", "features": NUMBERS[:2], "time": "body_mass_g"},
]
CELLS = [*({"name": name, "value": 40.0} for name in NUMBERS), {"name": "species", "value": "Gentoo"}]
LOOKS: list[tuple[int, dict[str, Any]]] = [
    (0, {"kind": "partial_dependence", "feature": "bill_depth_mm"}),
    (0, {"kind": "partial_dependence", "feature": "species"}),
    (0, {"kind": "residuals"}),
    (0, {"kind": "prediction", "row": 7}),
    (0, {"kind": "prediction", "cells": CELLS}),
    (0, {"kind": "learning_curve"}),
    (1, {"kind": "calibration", "event": "female"}),
    (1, {"kind": "prediction", "row": 7, "event": "female"}),
    (1, {"kind": "threshold"}),
    (1, {"kind": "threshold", "event": "female", "aim": "cost", "missed_cost": 4}),
    (1, {"kind": "partial_dependence", "feature": "bill_depth_mm", "event": "female"}),
    (2, {"kind": "residuals"}),
    (2, {"kind": "prediction", "row": 0}),
    (2, {"kind": "learning_curve"}),
    (3, {"kind": "threshold", "aim": "f1"}),
    (3, {"kind": "learning_curve"}),
]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    steps: list[Step] = [call(("c0", "load_dataset", {"source": str(PENGUINS)})), say("It is loaded.")]
    for n, job in enumerate(JOBS):
        steps += training(n, {"kind": "training", "dataset": "penguins", **job})
    talk = Talk(build_in(used_home(tmp_path_factory.mktemp("looks") / "home"), model=ScriptedModel(steps)))
    talk.say("load penguins")
    for _ in JOBS:
        talk.say("train")
        talk.answer(yes=True)
    models = [results_of(talk)[f"p{n}"]["model"] for n in range(len(JOBS))]
    for k, look in LOOKS:
        asked = {"model": models[k], **look}
        talk.session.command(
            talk.conversation, "/explain_model", "explain_model", asked, talk.events.append, talk.cancel
        )
    yield talk
    talk.session.program.close()


def test_each_look_gives_the_same_numbers_in_the_script(bare: Programs, talk: Talk, tmp_path_factory: Any) -> None:
    found, expected = run_script(bare, talk, tmp_path_factory.mktemp("exported")), talk.results("explain_model")
    shown = [entry["result"] for entry in found.values() if entry["tool"] == "explain_model"]
    assert (len(shown), len(expected)) == (len(LOOKS), len(LOOKS))
    for look, one, whole in zip(LOOKS, shown, expected, strict=True):
        assert len(one) > 1
        assert same(one, whole), (look, one, whole)


def test_a_model_of_another_conversation_is_said_to_be_missing(
    talk: Talk, bare: Programs, tmp_path_factory: Any
) -> None:
    session = talk.session
    model = results_of(talk)["p0"]["model"]
    steps = [call(("c0", "explain_model", {"model": model, "kind": "residuals"})), say("So it is.")]
    other = Talk(build_in(session.settings.home, model=ScriptedModel(steps)))
    other.say("look")
    assert run_script(bare, other, tmp_path_factory.mktemp("other")) == {}
    other.session.program.close()
