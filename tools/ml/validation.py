"""How good a model is on rows that it has not seen, beside a baseline that knows nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    median_absolute_error,
    precision_recall_fscore_support,
    r2_score,
    root_mean_squared_error,
)
from sklearn.pipeline import Pipeline

from tools.ml.spec import ClassScore, Task
from tools.ml.word_order import in_order

Vector = NDArray[Any]
"""Numbers as float64, or class names as str: which one is the task's to say, not the type's."""


def score(task: Task, y_true: Vector, y_predicted: Vector, weights: Vector | None = None) -> dict[str, float | None]:
    """Regression: r2, rmse, mae, mse, mape, median_absolute_error. Classification: accuracy, balanced_accuracy, and
    precision, recall and f1, macro (the mean of all classes that are there or were predicted), weighted (by their rows)
    and, of two classes, of the second one in their order.

    rmse and mae are in the target's unit, mse in its square, None beyond float64; mape is a share, None where a true
    value is 0. r2 is None for fewer than two rows. recall_weighted is accuracy. `weights` is how much each row counts.
    """
    counted = {"sample_weight": weights}
    if task == "regression":
        return {
            "r2": float(r2_score(y_true, y_predicted, **counted)) if len(y_true) > 1 else None,
            "rmse": float(root_mean_squared_error(y_true, y_predicted, **counted)),
            "mae": float(mean_absolute_error(y_true, y_predicted, **counted)),
            "mse": _if_finite(mean_squared_error(y_true, y_predicted, **counted)),
            "mape": float(np.average(np.abs(1 - y_predicted / y_true), weights=weights)) if np.all(y_true) else None,
            "median_absolute_error": float(median_absolute_error(y_true, y_predicted, **counted)),
        }
    each = np.ones(len(y_true)) if weights is None else weights
    shares = [(each[y_true == label].sum(), label) for label in np.unique(y_true)]
    recalls = [each[(y_true == label) & (y_predicted == label)].sum() / share for share, label in shares if share]
    return {
        "accuracy": float(accuracy_score(y_true, y_predicted, **counted)),
        "balanced_accuracy": float(np.mean(recalls)),
        **_averages(y_true, y_predicted, weights),
    }


def _averages(y_true: Vector, y_predicted: Vector, weights: Vector | None) -> dict[str, float]:
    """precision, recall and f1 as `score` gives them."""
    labels, found = np.unique(np.concatenate([y_true, y_predicted])), dict[str, float]()
    counted = {"labels": labels, "sample_weight": weights, "zero_division": 0}
    precision, recall, f1, shares = precision_recall_fscore_support(y_true, y_predicted, **counted)
    for name, each in (("f1", f1), ("precision", precision), ("recall", recall)):
        found |= {f"{name}_macro": float(each.mean()), f"{name}_weighted": float(np.average(each, weights=shares))}
        if len(labels) == 2:
            found[name] = float(each[1])
    found.pop("recall_weighted")
    return found


def _if_finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def score_classes(y_true: Vector, y_predicted: Vector) -> dict[str, ClassScore]:
    """Of each class that is there or was predicted: precision, recall, f1, and how many rows are of it."""
    labels = in_order(np.unique(np.concatenate([y_true, y_predicted])).tolist())
    parts = precision_recall_fscore_support(y_true, y_predicted, labels=labels, zero_division=0)
    return {
        str(label): ClassScore(precision=float(precision), recall=float(recall), f1=float(f1), n=int(n))
        for label, precision, recall, f1, n in zip(labels, *parts, strict=True)
    }


def baseline_value(task: Task, y_train: Vector, weights: Vector | None = None) -> float | str:
    """What a baseline says of every row: the training mean, or the most frequent class (the first of ties)."""
    if task == "regression":
        return float(np.average(y_train, weights=weights))
    labels, places = np.unique(y_train, return_inverse=True)
    return str(labels[np.argmax(np.bincount(places, weights))])


def count_confusions(y_true: Vector, y_predicted: Vector) -> tuple[list[str], list[list[int]]]:
    """Class names, numbers among them by size, and counts with a row for each true and a column for each predicted."""
    labels = in_order(map(str, np.unique(np.concatenate([y_true, y_predicted]))))
    return labels, confusion_matrix(y_true, y_predicted, labels=labels).tolist()


def rank_scores(pipeline: Pipeline, frame: pd.DataFrame) -> Vector:
    """What orders rows by each class, of shape (n, n_classes): probabilities, or where there are none the margins."""
    if hasattr(pipeline, "predict_proba"):
        probabilities: Vector = pipeline.predict_proba(frame)
        return probabilities
    margins: Vector = pipeline.decision_function(frame)
    return margins if margins.ndim == 2 else np.column_stack([-margins, margins])
