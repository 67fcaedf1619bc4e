"""Numbers that are categories stand in the order of numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OrdinalEncoder

from tools import ml
from tools.ml.word_order import in_order


@pytest.mark.parametrize(
    ("words", "order"),
    [
        (["10", "9", "2"], ["2", "9", "10"]),
        (["10", "(missing)", "9"], ["9", "10", "(missing)"]),
        (["-1", "1.5", "1"], ["-1", "1", "1.5"]),
        (["b", "10", "9"], ["10", "9", "b"]),
        (["b", "a"], ["a", "b"]),
    ],
)
def test_words_that_are_numbers_are_ordered_by_their_size(words: list[str], order: list[str]) -> None:
    assert in_order(words) == order


def test_codes_of_numbers_are_those_of_scikit_learn(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    grade = rng.choice([1, 2, 9, 10, 11], size=80)
    frame = pd.DataFrame({"grade": grade, "y": grade + rng.normal(size=80)})
    spec = ml.TrainingSpec(
        target="y", task="regression", model="linear_regression", defaults="scikit_learn",
        features=(ml.Feature(name="grade", kind="category"),), preparation=ml.Preparation(encode="ordinal"),
    )  # fmt: skip
    found = ml.fit_job(spec, frame, "sha", tmp_path / "m", lambda sentence, fraction: None)
    train, test = train_test_split(frame, test_size=0.2, random_state=42)
    encoder = OrdinalEncoder().fit(train[["grade"]])
    plain = LinearRegression().fit(encoder.transform(train[["grade"]]), train["y"])
    assert found.metrics["r2"] == pytest.approx(plain.score(encoder.transform(test[["grade"]]), test["y"]), rel=1e-9)
    assert found.features[0].values == ("1", "2", "9", "10", "11")
