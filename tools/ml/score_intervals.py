"""How sure the scores on the test rows are: 95 % intervals by resampling those rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.stats import norm, rankdata

from tools.ml.counting import Counting
from tools.ml.spec import Task
from tools.ml.validation import Vector

MOST_RESAMPLES, FEWEST_RESAMPLES = 1_000, 100
MOST_DRAWS = 20_000_000
"""Of rows in all: of more than 20,000 test rows, whose interval is narrow anyway, there are fewer resamples."""
MIN_ROWS = 10
"""Of fewer test rows, or groups, an interval would say more than they know."""
PLAIN = Counting()
CHUNK_VALUES = 4_000_000
LEVELS = (0.025, 0.975)

Numbers = NDArray[np.float64]
Intervals = dict[str, tuple[float, float]]


def score_intervals(
    task: Task, y_true: Vector, y_predicted: Vector, seed: int, counting: Counting = PLAIN
) -> Intervals:
    """The percentile bootstrap's 95 % interval of r2, rmse, mae; of accuracy, balanced_accuracy, f1_macro.

    The model stays as it is: the intervals tell what other test rows would have shown, not what other training rows
    would have made. Whole groups are drawn where there are some. None of them where there are fewer than ten rows, or
    groups.

    References
    ----------
    Efron, Tibshirani (1993). An Introduction to the Bootstrap, section 13.3.
    """
    if counting.units(len(y_true))[1] < MIN_ROWS:
        return {}
    draw = _of_numbers if task == "regression" else _of_classes
    drawn = draw(y_true, y_predicted, counting, np.random.default_rng(seed))
    found = {name: np.quantile(values[np.isfinite(values)], LEVELS) for name, values in drawn.items()}
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}


def area_interval(is_event: NDArray[np.bool_], scores: Vector, counting: Counting = PLAIN) -> Intervals:
    """DeLong's 95 % interval of the area under the ROC curve, as `roc_auc`; nothing where the rows cannot tell.

    They cannot where they are fewer than ten or fewer than two on a side, are alike in groups or have weights, or where
    the two sides are told apart without a fault: the error would be 0, and the area is not that sure.

    References
    ----------
    DeLong, DeLong, Clarke-Pearson (1988). Biometrics 44(3), 837-845; by ranks: Sun, Xu (2014). IEEE Signal Processing
    Letters 21(11), 1389-1393.
    """
    n, n_events = len(is_event), int(np.sum(is_event))
    if n < MIN_ROWS or not 2 <= n_events <= n - 2 or not counting.is_plain:
        return {}
    # Of each event the share of others below it, of each other the share of events above it; ties count half.
    events, others = scores[is_event], scores[~is_event]
    ranks = rankdata(np.concatenate([events, others]))
    below = (ranks[:n_events] - rankdata(events)) / len(others)
    above = 1 - (ranks[n_events:] - rankdata(others)) / n_events
    se = float(np.sqrt(np.var(below, ddof=1) / n_events + np.var(above, ddof=1) / len(others)))
    if se == 0:
        return {}
    area, half = float(np.mean(below)), float(norm.ppf(LEVELS[1])) * se
    return {"roc_auc": (max(0.0, area - half), min(1.0, area + half))}


def _of_numbers(
    y_true: Vector, y_predicted: Vector, counting: Counting, rng: np.random.Generator
) -> Mapping[str, Numbers]:
    """Of each resample the sums that the scores are made of: rows are drawn by how often each is in it."""
    weights = counting.weights
    size = float(np.max(np.abs(y_true))) or 1.0  # squares of values near 1 neither over- nor underflow
    centered = (y_true - np.average(y_true, weights=weights)) / size
    error = (y_true - y_predicted) / size
    parts = np.column_stack([np.ones(len(error)), error**2, np.abs(error), centered, centered**2])
    parts *= 1.0 if weights is None else weights[:, None]
    places, n = counting.units(len(y_true))
    if counting.groups is not None:
        parts = np.column_stack([np.bincount(places, part, n) for part in parts.T])
    rows_a_time = max(1, CHUNK_VALUES // n)
    n_resamples = min(max(MOST_DRAWS // n, FEWEST_RESAMPLES), MOST_RESAMPLES)
    sums = np.vstack(
        [
            rng.multinomial(n, np.full(n, 1 / n), size=min(rows_a_time, n_resamples - start)) @ parts
            for start in range(0, n_resamples, rows_a_time)
        ]
    )
    total, squares, distances, first, second = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = 1 - squares / (second - first**2 / total)
        return {"r2": explained, "rmse": size * np.sqrt(squares / total), "mae": size * distances / total}


def _of_classes(
    y_true: Vector, y_predicted: Vector, counting: Counting, rng: np.random.Generator
) -> Mapping[str, Numbers]:
    """Scores of classes hang on the counts of true and predicted alone: each resample is a draw of those."""
    labels, codes = np.unique(np.concatenate([y_true, y_predicted]), return_inverse=True)
    n_rows, k = len(y_true), len(labels)
    drawn = _draw_cells(codes[:n_rows] * k + codes[n_rows:], k * k, counting, rng).reshape(-1, k, k)
    right, true, predicted = np.diagonal(drawn, axis1=1, axis2=2), drawn.sum(axis=2), drawn.sum(axis=1)
    is_there, is_named = true > 0, true + predicted > 0
    recalls = np.divide(right, true, out=np.zeros(right.shape), where=is_there)
    f1 = np.divide(2 * right, true + predicted, out=np.zeros(right.shape), where=is_named)
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "accuracy": right.sum(axis=1) / true.sum(axis=1),
            "balanced_accuracy": recalls.sum(axis=1) / is_there.sum(axis=1),
            "f1_macro": f1.sum(axis=1) / is_named.sum(axis=1),
        }


def _draw_cells(cells: NDArray[np.intp], n_cells: int, counting: Counting, rng: np.random.Generator) -> Numbers:
    """How much of each resample is in each cell of true and predicted class, of shape (n_resamples, n_cells)."""
    n_rows = len(cells)
    if counting.is_plain:
        shares = np.bincount(cells, minlength=n_cells) / n_rows
        return rng.multinomial(n_rows, shares, size=MOST_RESAMPLES).astype("float64")
    places, n = counting.units(n_rows)
    weights = np.ones(n_rows) if counting.weights is None else counting.weights
    held = csr_matrix((weights, (places, cells)), shape=(n, n_cells))
    rows_a_time = max(1, CHUNK_VALUES // n)
    n_resamples = min(max(MOST_DRAWS // n, FEWEST_RESAMPLES), MOST_RESAMPLES)
    return np.vstack(
        [
            (held.T @ rng.multinomial(n, np.full(n, 1 / n), size=min(rows_a_time, n_resamples - start)).T).T
            for start in range(0, n_resamples, rows_a_time)
        ]
    )
