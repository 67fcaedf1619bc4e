"""The importance of columns beside scikit-learn's own function: every kind of column, weights, short and long."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import Lasso

from tools.ml.importance import rank_features
from tools.ml.preprocessing import build_pipeline

KINDS = {"x": "number", "gaps": "number", "is_new": "boolean", "day": "date", "word": "category", "none": "number"}


def table(n: int) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    rng = np.random.default_rng(n)
    x, day = rng.normal(size=n), rng.integers(0, 900, n)
    frame = pd.DataFrame(
        {
            "x": x,
            "gaps": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
            "is_new": rng.random(n) < 0.4,
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(day, unit="D"),
            "word": np.array(["a", "b", None])[rng.integers(0, 3, n)],
            "none": rng.normal(size=n),
        },
        index=np.arange(n)[::-1],
    )
    y = 2 * x + day / 300 + (frame["word"] == "a") + rng.normal(scale=0.5, size=n)
    return frame, np.asarray(y)


@pytest.mark.parametrize("n", [2, 40, 900, 2_100])
@pytest.mark.parametrize("is_weighted", [True, False])
@pytest.mark.parametrize("task", ["regression", "classification"])
def test_it_is_scikit_learns_shuffle_by_shuffle(n: int, is_weighted: bool, task: Any) -> None:
    frame, y = table(300)
    forest = RandomForestClassifier(5, random_state=1)
    y_fit = y if task == "regression" else np.where(y > 1, "high", "low")
    pipeline = build_pipeline(KINDS, Lasso(0.1) if task == "regression" else forest).fit(frame, y_fit)
    frame, y = table(n)
    y_true = y if task == "regression" else np.where(y > 1, "high", "low")
    weights = np.random.default_rng(3).integers(1, 5, n) / 2 if is_weighted else None
    rows = np.random.default_rng(7).permutation(n)[:2_000]
    theirs = permutation_importance(
        pipeline,
        frame.iloc[rows],
        y_true[rows],
        scoring="r2" if task == "regression" else "accuracy",
        random_state=7,
        sample_weight=None if weights is None else weights[rows],
    )
    found = rank_features(pipeline, frame, y_true, task, 7, weights)
    assert found == pytest.approx(dict(zip(KINDS, theirs.importances_mean, strict=True)), rel=1e-9, abs=1e-11)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_a_column_that_the_model_leaves_out_is_at_zero_exactly() -> None:
    frame, y = table(300)
    pipeline = build_pipeline(KINDS, Lasso(0.3)).fit(frame, y)
    found = rank_features(pipeline, frame, y, "regression", 1)
    assert str(found["none"]) == "0.0"
    assert found["x"] > 0.1
