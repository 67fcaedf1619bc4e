"""Classes that are numbers stand by size, 2 before 10: in tables of confusion, lists and columns of probabilities."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from adapters.records import Feature, TrainingSpec
from tests.tools.test_ml import KEY, WHOSE, fit
from tools import ml
from tools.ml.curves import trace_curves
from tools.ml.validation import count_confusions, score_classes
from tools.plots.scores import _by_size

TRUE, SAID = np.array(["10", "2", "1", "10", "2"]), np.array(["10", "2", "2", "1", "2"])
ORDER = ["1", "2", "10"]


def test_a_table_of_confusion_has_them_by_size() -> None:
    assert count_confusions(TRUE, SAID) == (ORDER, [[0, 1, 0], [0, 2, 0], [1, 0, 1]])
    assert count_confusions(np.array(["b", "10"]), np.array(["10", "b"]))[0] == ["10", "b"]


def test_lists_have_them_by_size() -> None:
    assert list(score_classes(TRUE, SAID)) == ORDER
    counts = ml.ClassesSoFar()
    counts.add(SAID)
    assert list(counts.told().counts.items()) == [("1", 1), ("2", 3), ("10", 1)]
    scores = np.tile([0.2, 0.3, 0.5], (5, 1))
    assert [curve.event for curve in trace_curves(TRUE, scores, ["1", "10", "2"])] == ORDER
    assert _by_size({"10", "9", "-1.5"}) == ["-1.5", "9", "10"]
    assert _by_size({"10", "9", "x"}) == ["10", "9", "x"]


@pytest.mark.parametrize("model", ["decision_tree", "naive_bayes"])
def test_each_probability_stands_under_its_own_class(tmp_path: Path, model: str) -> None:
    rng = np.random.default_rng(3)
    code = rng.choice([1, 2, 10], 150)
    frame = pd.DataFrame({"x": code + rng.normal(0, 0.2, 150), "code": code})
    spec = TrainingSpec(target="code", task="classification", features=(Feature(name="x", kind="number"),), model=model)
    metadata = fit(spec, frame, tmp_path / "m")
    assert metadata.classes == tuple(ORDER)
    assert list(metadata.class_scores or {}) == ORDER
    pipeline, told = ml.load_model(tmp_path / "m", WHOSE, KEY)
    table = ml.predict_table(pipeline, told, frame, each_class=True).table
    columns = [f"probability_{name}" for name in ORDER]
    assert [name for name in table.columns if name.startswith("probability_")] == columns
    assert (table[columns].idxmax(axis=1) == "probability_" + table["prediction"].astype(str)).all()
