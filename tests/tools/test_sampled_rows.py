"""An exported script fits a model that takes so many rows to the same ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from tools import ml
from tools.ml.splitting import split_rows
from tools.scripts.trained import sample_lines


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize(("model", "n_fitted"), [("svm", 20_000), ("decision_tree", 25_000)])
def test_the_rows_of_a_script_are_those_of_the_fit(shuffle: bool, model: str, n_fitted: int) -> None:
    x = np.random.default_rng(5).normal(size=50_000)
    rows = pd.DataFrame({"x": x, "y": x**2})
    feature = ml.Feature(name="x", kind="number")
    spec = ml.TrainingSpec(
        target="y", task="regression", features=(feature,), model=model, test_size=0.5, seed=3, shuffle=shuffle
    )
    train, _, y_train, _ = train_test_split(
        rows, rows["y"].to_numpy(), test_size=0.5, shuffle=shuffle, random_state=3 if shuffle else None
    )
    names: dict[str, Any] = {"np": np, "train": train, "y_train": y_train}
    exec("\n".join(sample_lines(spec)), names)
    fitted = split_rows(spec, rows)
    assert len(fitted.train) == n_fitted
    assert names["train"].equals(fitted.train)
    assert np.array_equal(names["y_train"], fitted.y_train)
