"""A training that is interrupted and goes on from its checkpoint finds what one finds that nobody interrupts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_wine

from tools import ml
from tools.ml import checkpoint as checkpoints
from tools.ml.model_files import METADATA

TIMES = ("seconds", "created_at")


class TakenAway(BaseException):
    """The machine is gone."""


def frame_of(task: ml.Task) -> pd.DataFrame:
    frame: pd.DataFrame = (load_diabetes if task == "regression" else load_wine)(as_frame=True).frame
    return frame if task == "regression" else frame.assign(target="class " + frame["target"].astype(str))


def spec_of(model: str, task: ml.Task = "regression", **more: Any) -> ml.TrainingSpec:
    names = [str(name) for name in frame_of(task).columns if name != "target"][:4]
    features = tuple(ml.Feature(name=name, kind="number") for name in names)
    return ml.TrainingSpec(target="target", task=task, features=features, model=model, **more)


def fit(spec: ml.TrainingSpec, folder: Path, until: int = 10_000, file: Path | None = None) -> list[str]:
    """What the training says, which is taken away at that sentence."""
    heard: list[str] = []

    def report(sentence: str, fraction: float) -> None:
        assert 0 <= fraction <= 1
        heard.append(sentence)
        if len(heard) >= until:
            raise TakenAway

    try:
        ml.fit_job(spec, frame_of(spec.task), "sha", folder, report, checkpoint=file)
    except TakenAway:
        assert not folder.exists()
    return heard


def without_times(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: without_times(one) for name, one in value.items() if name not in TIMES}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def found(folder: Path) -> Any:
    return without_times(json.loads((folder / METADATA).read_text()))


def assert_same(ours: Any, theirs: Any) -> None:
    """To rounding: a forest's threads add up in any order."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys()
        for name, value in theirs.items():
            assert_same(ours[name], value)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs)
        for one, value in zip(ours, theirs, strict=True):
            assert_same(one, value)
    else:
        assert ours == (pytest.approx(theirs, rel=1e-12, abs=1e-12) if isinstance(theirs, float) else theirs)


JOBS = {
    "a search": spec_of("decision_tree", tune=ml.Tuning(trials=8)),
    "auto with folds": spec_of("auto", "classification", tune=ml.Tuning(trials=6), cv=ml.CrossValidation(folds=3)),
    "folds of a forest": spec_of(
        "random_forest", params=(ml.ParameterValue(name="n_estimators", value=20),), cv=ml.CrossValidation(folds=4)
    ),
    "every row kept": spec_of(
        "k_nearest_neighbors", "classification", tune=ml.Tuning(trials=4), cv=ml.CrossValidation(folds=3), test_size=0
    ),
}


@pytest.mark.parametrize("name", JOBS)
def test_what_is_interrupted_twice_ends_as_what_is_not(name: str, tmp_path: Path) -> None:
    spec, file = JOBS[name], tmp_path / "checkpoint.json"
    whole = fit(spec, tmp_path / "whole")
    third = len(whole) // 3
    first = fit(spec, tmp_path / "broken", third + 1, file)
    second = fit(spec, tmp_path / "broken", third + 2, file)
    last = fit(spec, tmp_path / "m", file=file)
    assert_same(found(tmp_path / "m"), found(tmp_path / "whole"))
    for again in (second, last):
        assert again[1].startswith("goes on from an earlier machine: ")
    # What was scored once is not fitted again.
    work = [sentence for sentence in (*first, *second, *last) if "setting " in sentence or "fold " in sentence]
    asked = [sentence for sentence in whole if "setting " in sentence or "fold " in sentence]
    assert sorted(set(work)) == sorted(set(asked))
    assert len(work) <= len(asked) + (2 * 3 if spec.test_size == 0 else 0)


def test_a_search_by_time_counts_the_time_of_the_first_machine(tmp_path: Path) -> None:
    spec, file = spec_of("decision_tree", tune=ml.Tuning(seconds=60, trials=5)), tmp_path / "checkpoint.json"
    fit(spec, tmp_path / "broken", 4, file)
    kept = json.loads(file.read_text())
    kept["searches"][checkpoints.WHOLE]["seconds"] = 59.999
    file.write_text(json.dumps(kept))
    fit(spec, tmp_path / "m", file=file)
    searched = json.loads((tmp_path / "m" / METADATA).read_text())["searched"]
    assert searched["stopped_by"] == "seconds"
    assert len(searched["trials"]) == 3


def another_setting(kept: Any) -> Any:
    (steps,) = kept["searches"].values()
    return {**kept, "searches": {checkpoints.WHOLE: {**steps, "drawn": steps["drawn"][::-1]}}}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda kept: {**kept, "of": "another"}, "begins anew: what an earlier machine left is of another device"),
        (lambda kept: {**kept, "more": 1}, "begins anew: what an earlier machine left cannot be read"),
        (lambda kept: [kept], "begins anew: what an earlier machine left cannot be read"),
        (lambda kept: {**kept, "folds": {"1": {"ours": {"r2": float("nan")}, "baseline": {}}}}, "cannot be read"),
        (another_setting, "the search begins anew: what an earlier machine left are other settings"),
    ],
)
def test_what_is_of_another_training_is_not_used_and_that_is_said(change: Any, told: str, tmp_path: Path) -> None:
    spec, file = JOBS["a search"], tmp_path / "checkpoint.json"
    whole = fit(spec, tmp_path / "whole")
    fit(spec, tmp_path / "broken", 5, file)
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    heard = fit(spec, tmp_path / "m", file=file)
    assert any(told in sentence for sentence in heard)
    assert [one for one in heard if "setting " in one] == [one for one in whole if "setting " in one]
    assert found(tmp_path / "m") == found(tmp_path / "whole")


def test_another_table_device_or_library_makes_another_checkpoint_and_another_python_does_not() -> None:
    spec, versions = JOBS["a search"], {"python": "3.12.3", "scikit-learn": "1.9.1"}
    one = checkpoints.identity(spec, "sha", "cpu", versions)
    assert one == checkpoints.identity(spec, "sha", "cpu", {**versions, "python": "3.12.9"})
    others = {
        checkpoints.identity(JOBS["every row kept"], "sha", "cpu", versions),
        checkpoints.identity(spec, "another", "cpu", versions),
        checkpoints.identity(spec, "sha", "cuda", versions),
        checkpoints.identity(spec, "sha", "cpu", {**versions, "scikit-learn": "1.9.2"}),
    }
    assert len(others | {one}) == 5
