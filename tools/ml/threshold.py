"""From which probability on a row is said to be the event: chosen on the training rows, by a stated aim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.ml.counting import weights_of
from tools.ml.fitting import fit_pipeline
from tools.ml.folds import make_folds
from tools.ml.reporting import nobody
from tools.ml.spec import Aim, TrainingSpec
from tools.ml.validation import Vector

N_FOLDS = 5
MOST_DRAWN = 500


@dataclass(frozen=True)
class Costs:
    """What a false alarm and a missed event cost, in any unit."""

    false_alarm: float = 1.0
    missed: float = 1.0


@dataclass(frozen=True)
class Chosen:
    """The threshold, and how the aim stands there and at 0.5, on the same rows out of fold (of costs: a row's mean).

    `tried` are thresholds in (0, 1], ascending, and `values` the aim at each of them; of very many, some.
    """

    threshold: float
    reached: float
    at_half: float
    n: int
    n_folds: int
    tried: Vector
    values: Vector


def out_of_fold(spec: TrainingSpec, train: pd.DataFrame, y_train: Vector, event: str) -> tuple[Vector, Vector, int]:
    """Row numbers, the event's probability by a model that was not fitted to the row, and the number of folds."""
    _, counts = np.unique(y_train, return_counts=True)
    folds = make_folds(spec, train, y_train, int(max(2, min(N_FOLDS, counts.min()))))
    rows, scores = [], []
    for known, new in folds.parts:
        pipeline, *_ = fit_pipeline(spec, train.iloc[known], y_train[known], nobody)
        place = [str(name) for name in pipeline.classes_].index(event)
        rows.append(new)
        scores.append(pipeline.predict_proba(train.iloc[new])[:, place])
    return np.concatenate(rows), np.concatenate(scores), len(folds.parts)


def choose_threshold(
    spec: TrainingSpec, train: pd.DataFrame, y_train: Vector, event: str, aim: Aim, costs: Costs
) -> Chosen:
    """The threshold that serves the aim best on the training rows out of fold; of equal ones the highest.

    `youden` is the share of events found less the share of others taken for one; `f1` is of the event; `cost` is the
    mean of what false alarms and missed events cost.

    Raises
    ------
    ValueError
        If no threshold serves the aim better than never saying the event.

    References
    ----------
    Youden (1950). Cancer 3(1), 32-35. Elkan (2001). The foundations of cost-sensitive learning. IJCAI, 973-978.
    """
    rows, scores, n_folds = out_of_fold(spec, train, y_train, event)
    weights = weights_of(spec, train)
    counted = np.ones(len(rows)) if weights is None else weights[rows]
    is_event = y_train[rows] == event
    threshold, reached, at_half = best_threshold(is_event, scores, counted, aim, costs)
    if np.isinf(threshold):
        raise ValueError(
            f"aim: no threshold is better by {aim} than never saying {event!r}: the model has nothing to add"
        )
    thresholds, values = measure(is_event, scores, counted, aim, costs)
    some = np.unique(np.linspace(len(values) - 1, 1, MOST_DRAWN).round().astype(int))[::-1]
    drawn = {"tried": thresholds[some], "values": values[some]}
    return Chosen(threshold, reached, at_half, len(rows), n_folds, **drawn)


def best_threshold(
    is_event: NDArray[np.bool_], scores: Vector, weights: Vector, aim: Aim, costs: Costs
) -> tuple[float, float, float]:
    """The threshold, infinite where never saying the event is best; how the aim stands there, and at 0.5."""
    thresholds, values = measure(is_event, scores, weights, aim, costs)
    best = int(np.argmin(values) if aim == "cost" else np.argmax(values))
    half = measure(is_event, np.where(scores >= 0.5, 1.0, 0.0), weights, aim, costs)
    at_half = float(half[1][list(half[0]).index(1.0)]) if 1.0 in half[0] else float(half[1][0])
    return float(thresholds[best]), float(values[best]), at_half


def measure(
    is_event: NDArray[np.bool_], scores: Vector, weights: Vector, aim: Aim, costs: Costs
) -> tuple[Vector, Vector]:
    """The aim at each threshold, the highest first: infinity, where no row is the event, and every different score."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found = np.append(0.0, np.cumsum((weights * is_event)[order])[ends])
    false = np.append(0.0, np.cumsum((weights * ~is_event)[order])[ends])
    events, others = found[-1], false[-1]
    thresholds = np.append(np.inf, scores[order][ends])
    if aim == "youden":
        return thresholds, found / events - false / others
    if aim == "f1":
        return thresholds, 2 * found / (found + false + events)
    return thresholds, (costs.false_alarm * false + costs.missed * (events - found)) / (events + others)
