"""Splits that keep groups and times together in an exported script: the same rows without us, the same scores."""

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
    {"target": "body_mass_g", "model": "linear_regression", "groups": "island", "cv": {"folds": 3}},
    {"target": "sex", "model": "naive_bayes", "time": "year", "cv": {"folds": 2}},
    {"target": "sex", "model": "naive_bayes", "time": "_row", "test_size": 0.6},
    {"target": "sex", "model": "naive_bayes", "weights": "year", "cv": {"folds": 2}},
    {"target": "sex", "model": "decision_tree", "encode": "ordinal", "categories": ["flipper_length_mm", "year"]},
    {"target": "body_mass_g", "model": "linear_regression", "test_size": 0, "cv": {"folds": 3}},
]


def test_each_split_is_the_same_in_the_script(bare: Programs, tmp_path: Path) -> None:
    steps: list[Step] = [call(("c0", "load_dataset", {"source": str(PENGUINS)})), say("It is loaded.")]
    for n, job in enumerate(JOBS):
        steps += training(n, {"kind": "training", "dataset": "penguins", **job})
    talk = Talk(build_in(tmp_path / "home", model=ScriptedModel(steps)))
    talk.say("load penguins")
    for _ in JOBS:
        talk.say("train")
        talk.answer(yes=True)
    found, expected = run_script(bare, talk, tmp_path), results_of(talk)
    talk.session.program.close()
    shown = [entry["result"] for entry in found.values() if {"metrics", "folds"} & set(entry.get("result", {}))]
    polled = [expected[f"p{n}"] for n in range(len(JOBS))]
    # Of the last, the folds are the scores.
    assert ["metrics" in one for one in shown] == [*[True] * 5, False]
    assert all(same(one["metrics"], whole["metrics"]) for one, whole in zip(shown[:5], polled[:5], strict=True))
    for one, whole, measure in zip(shown, polled, ("r2", "accuracy", None, "accuracy", None, "r2"), strict=True):
        if measure is None:
            continue
        folds = whole["cross_validated"]["scores"][measure]["folds"]
        assert one["folds"] == pytest.approx(folds, abs=1e-9)
