"""How good a model is on rows that it has not seen, beside a baseline that knows nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    f1_score,
    mean_absolute_error,
    r2_score,
    root_mean_squared_error,
)

from tools.ml.spec import Task

N_REPEATS = 5
MAX_IMPORTANCE_ROWS = 2_000

Vector = NDArray[Any]
"""Numbers as float64, or class names as str: which one is the task's to say, not the type's."""


def score(task: Task, y_true: Vector, y_predicted: Vector) -> dict[str, float | None]:
    """Regression: r2, rmse, mae (in the target's unit). Classification: accuracy, balanced_accuracy, f1_macro.

    r2 is None for fewer than two rows.
    """
    if task == "regression":
        return {
            "r2": float(r2_score(y_true, y_predicted)) if len(y_true) > 1 else None,
            "rmse": float(root_mean_squared_error(y_true, y_predicted)),
            "mae": float(mean_absolute_error(y_true, y_predicted)),
        }
    recalls = [np.mean(y_predicted[y_true == label] == label) for label in np.unique(y_true)]
    return {
        "accuracy": float(accuracy_score(y_true, y_predicted)),
        "balanced_accuracy": float(np.mean(recalls)),
        "f1_macro": float(f1_score(y_true, y_predicted, average="macro", zero_division=0)),
    }


def baseline_value(task: Task, y_train: Vector) -> float | str:
    """What a baseline says of every row: the training mean, or the most frequent class (the first of ties)."""
    if task == "regression":
        return float(np.mean(y_train))
    labels, counts = np.unique(y_train, return_counts=True)
    return str(labels[np.argmax(counts)])


def count_confusions(y_true: Vector, y_predicted: Vector) -> tuple[list[str], list[list[int]]]:
    """Class names, and counts with a row for each true and a column for each predicted class."""
    labels = [str(label) for label in np.unique(np.concatenate([y_true, y_predicted]))]
    return labels, confusion_matrix(y_true, y_predicted, labels=labels).tolist()


def permutation_importance(
    predict: Callable[[pd.DataFrame], Vector],
    frame: pd.DataFrame,
    y_true: Vector,
    task: Task,
    names: Sequence[str],
    seed: int,
) -> dict[str, float]:
    """How much worse the model gets when one column's values are shuffled: the mean drop in r2 or accuracy.

    At most 2,000 rows, five shuffles a column; near 0 or below means that the column was of no use. Two columns that
    say the same share their importance between them.

    References
    ----------
    Breiman (2001). Random forests. Machine Learning 45, 5-32. Fisher, Rudin, Dominici (2019). JMLR 20(177).
    """
    random = np.random.default_rng(seed)
    rows = random.permutation(len(frame))[:MAX_IMPORTANCE_ROWS]
    frame, y_true = frame.iloc[rows], y_true[rows]
    measure = "r2" if task == "regression" else "accuracy"

    def quality(table: pd.DataFrame) -> float:
        return score(task, y_true, predict(table))[measure] or 0.0

    best = quality(frame)
    importance = {}
    for name in names:
        drops = []
        for _ in range(N_REPEATS):
            shuffled = frame.copy()
            shuffled[name] = frame[name].to_numpy()[random.permutation(len(frame))]
            drops.append(best - quality(shuffled))
        importance[name] = float(np.mean(drops))
    return dict(sorted(importance.items(), key=lambda item: -item[1]))
