"""How sure the scores on the test rows are: 95 % intervals by resampling those rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tools.ml.spec import Task
from tools.ml.validation import Vector

MOST_RESAMPLES, FEWEST_RESAMPLES = 1_000, 100
MOST_DRAWS = 20_000_000
"""Of rows in all: of more than 20,000 test rows, whose interval is narrow anyway, there are fewer resamples."""
MIN_ROWS = 10
"""Of fewer test rows an interval would say more than they know."""
CHUNK_VALUES = 4_000_000
LEVELS = (0.025, 0.975)

Numbers = NDArray[np.float64]
Intervals = dict[str, tuple[float, float]]


def score_intervals(task: Task, y_true: Vector, y_predicted: Vector, seed: int) -> Intervals:
    """The percentile bootstrap's 95 % interval of r2, rmse, mae; of accuracy, balanced_accuracy, f1_macro.

    The model stays as it is: the intervals tell what other test rows would have shown, not what other training rows
    would have made. None of them where there are fewer than ten test rows.

    References
    ----------
    Efron, Tibshirani (1993). An Introduction to the Bootstrap, section 13.3.
    """
    if len(y_true) < MIN_ROWS:
        return {}
    rng = np.random.default_rng(seed)
    drawn = _of_numbers(y_true, y_predicted, rng) if task == "regression" else _of_classes(y_true, y_predicted, rng)
    found = {name: np.quantile(values[np.isfinite(values)], LEVELS) for name, values in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}


def _of_numbers(y_true: Vector, y_predicted: Vector, rng: np.random.Generator) -> Mapping[str, Numbers]:
    """Of each resample the sums that the scores are made of: rows are drawn by how often each is in it."""
    size = float(np.max(np.abs(y_true))) or 1.0  # squares of values near 1 neither over- nor underflow
    centered, error = (y_true - np.mean(y_true)) / size, (y_true - y_predicted) / size
    parts = np.column_stack([error**2, np.abs(error), centered, centered**2])
    n, rows_a_time = len(y_true), max(1, CHUNK_VALUES // len(y_true))
    n_resamples = min(max(MOST_DRAWS // n, FEWEST_RESAMPLES), MOST_RESAMPLES)
    sums = np.vstack(
        [
            rng.multinomial(n, np.full(n, 1 / n), size=min(rows_a_time, n_resamples - start)) @ parts
            for start in range(0, n_resamples, rows_a_time)
        ]
    )
    squares, distances, first, second = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = 1 - squares / (second - first**2 / n)
    return {"r2": explained, "rmse": size * np.sqrt(squares / n), "mae": size * distances / n}


def _of_classes(y_true: Vector, y_predicted: Vector, rng: np.random.Generator) -> Mapping[str, Numbers]:
    """Scores of classes hang on the counts of true and predicted alone: each resample is a draw of those."""
    labels, places = np.unique(np.concatenate([y_true, y_predicted]), return_inverse=True)
    n, k = len(y_true), len(labels)
    cells = np.bincount(places[:n] * k + places[n:], minlength=k * k)
    drawn = rng.multinomial(n, cells / n, size=MOST_RESAMPLES).reshape(-1, k, k)
    right, true, predicted = np.diagonal(drawn, axis1=1, axis2=2), drawn.sum(axis=2), drawn.sum(axis=1)
    is_there, is_named = true > 0, true + predicted > 0
    recalls = np.divide(right, true, out=np.zeros(right.shape), where=is_there)
    f1 = np.divide(2 * right, true + predicted, out=np.zeros(right.shape), where=is_named)
    return {
        "accuracy": right.sum(axis=1) / n,
        "balanced_accuracy": recalls.sum(axis=1) / is_there.sum(axis=1),
        "f1_macro": f1.sum(axis=1) / is_named.sum(axis=1),
    }
