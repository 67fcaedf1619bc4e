"""How much a model needs each column: its score on rows it has not seen, once that column is shuffled."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import r2_score
from sklearn.pipeline import Pipeline

from tools.ml.preprocessing import column_names
from tools.ml.spec import Task
from tools.ml.validation import Vector

N_REPEATS = 5
MAX_IMPORTANCE_ROWS = 2_000
DIGITS = 12
"""Beyond them a sum depends on where in a batch its row stands: a column left out by the model would not be at 0."""


def rank_features(
    pipeline: Pipeline, frame: pd.DataFrame, y_true: Vector, task: Task, seed: int, weights: Vector | None = None
) -> dict[str, float]:
    """How much worse the model gets when one column's values are shuffled: the mean drop in r2 or accuracy.

    The permutation importance of scikit-learn, shuffle by shuffle, on at most 2,000 rows, five shuffles a column; the
    largest first. Near 0 or below means that the column was of no use. Two columns that say the same share their
    importance between them.

    Parameters
    ----------
    frame : DataFrame with the features alone
        Rows that the model has not seen. Of one row nothing can be shuffled: each importance is 0.

    References
    ----------
    Breiman (2001). Random forests. Machine Learning 45, 5-32. Fisher, Rudin, Dominici (2019). JMLR 20(177).
    """
    if len(frame) < 2:
        return dict.fromkeys(frame.columns, 0.0)
    rows = np.random.default_rng(seed).permutation(len(frame))[:MAX_IMPORTANCE_ROWS]
    y, counted = y_true[rows], None if weights is None else weights[rows]
    kinds = pipeline["columns"].kw_args["kinds"]
    split = pipeline["columns"].transform(frame.iloc[rows])
    orders = _orders(len(rows), seed)
    shuffled = [(frozenset(column_names(name, kinds[name])), order) for name in frame.columns for order in orders]
    # scikit-learn predicts once a shuffle; of a short table the calls take longer than the model.
    n_at_once = max(1, MAX_IMPORTANCE_ROWS // len(rows))
    asked = [(frozenset[str](), orders[0]), *shuffled]
    scores = []
    for start in range(0, len(asked), n_at_once):
        part = asked[start : start + n_at_once]
        predicted = pipeline[1:].predict(_stacked(split, part)).reshape(len(part), len(rows))
        scores.append(_scores(task, y, predicted, counted))
    whole, *each = np.concatenate(scores)
    drops = (whole - np.reshape(each, (len(frame.columns), N_REPEATS))).mean(axis=1)
    # A zero has no sign.
    importance = zip(frame.columns, (np.round(drops, DIGITS) + 0.0).tolist(), strict=True)
    return dict(sorted(importance, key=lambda item: -item[1]))


def _orders(n: int, seed: int) -> list[NDArray[np.intp]]:
    """The shuffles as scikit-learn draws them, the same for every column: each is of what the one before left."""
    drawn = np.random.RandomState(np.random.RandomState(seed).randint(np.iinfo(np.int32).max + 1))
    places, order, orders = np.arange(n), np.arange(n), []
    for _ in range(N_REPEATS):
        drawn.shuffle(places)
        order = order[places]
        orders.append(order)
    return orders


def _stacked(split: pd.DataFrame, asked: list[tuple[frozenset[str], NDArray[np.intp]]]) -> pd.DataFrame:
    """The rows again and again, each time with those columns in that order."""
    there = np.arange(len(split))
    columns = {
        name: split[name].array.take(np.concatenate([order if name in names else there for names, order in asked]))
        for name in split.columns
    }
    return pd.DataFrame(columns)


def _scores(task: Task, y_true: Vector, predicted: Vector, weights: Vector | None) -> Vector:
    """r2 or accuracy of each row of predictions."""
    if task == "classification":
        found: Vector = np.average(predicted == y_true, axis=1, weights=weights)
    else:
        true = np.tile(y_true[:, None], len(predicted))
        found = r2_score(true, predicted.T, sample_weight=weights, multioutput="raw_values")
    return found
