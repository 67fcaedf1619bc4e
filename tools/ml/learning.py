"""How the score grows with the rows that a model is fitted to, on folds of its training rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tools.ml.counting import weights_of
from tools.ml.fitting import fit_pipeline
from tools.ml.folds import make_folds
from tools.ml.known_scores import MAIN
from tools.ml.reporting import nobody
from tools.ml.spec import TrainingSpec
from tools.ml.validation import Vector, score

N_FOLDS = 5
SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
FEWEST = 10
"""Rows of the smallest part."""
N_FITS = N_FOLDS * sum(SHARES)
"""What it costs, in fits to all training rows, if a fit takes as long as it has rows."""


Scored = Callable[[NDArray[np.intp], NDArray[np.intp]], tuple[float, float]]
"""Fits to some rows; gives the score on them and on others."""


@dataclass(frozen=True)
class Learnt:
    """The score of each fold by how many rows were fitted to.

    `sizes` of shape (k,), ascending; `known` (on the very rows that were fitted to) and `later` (on the fold's other
    rows) of shape (k, folds); `measure` is r2 or accuracy.
    """

    measure: str
    sizes: tuple[int, ...]
    known: NDArray[np.float64]
    later: NDArray[np.float64]


def learn(spec: TrainingSpec, train: pd.DataFrame, y_train: Vector) -> Learnt:
    """Fit to growing parts of each fold's training rows: as scikit-learn's `learning_curve` shuffled by the seed.

    In the order of time the parts are the latest rows before those that are tested on. Test rows of the model are never
    looked at.

    Raises
    ------
    ValueError
        If the rows are too few, or a part holds one class only at every size.
    """
    _, counts = np.unique(y_train, return_counts=True)
    n_folds = N_FOLDS if spec.task == "regression" else int(max(2, min(N_FOLDS, counts.min())))
    folds, draws = make_folds(spec, train, y_train, n_folds), np.random.RandomState(spec.seed)
    is_time = spec.time is not None
    parts = [(known if is_time else draws.permutation(known), new) for known, new in folds.parts]
    sizes, scores = grow(parts, y_train, is_time, lambda rows, new: _fold(spec, train, y_train, rows, new))
    if len(sizes) < 2:
        raise ValueError(f"{len(train)} training rows are too few for a learning curve")
    return Learnt(MAIN[spec.task], tuple(sizes), scores[:, :, 0], scores[:, :, 1])


def grow(
    parts: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]], y: Vector, is_time: bool, scored: Scored
) -> tuple[list[int], NDArray[np.float64]]:
    """The sizes, and what `scored` gives of growing parts of each fold's rows: shape (sizes, folds, 2).

    `is_time`: the parts are the latest rows. A size at which some part has one value of y only is left out; of fewer
    than two nothing is scored.
    """
    whole = min(len(known) for known, _ in parts)
    sizes = [size for share in SHARES if (size := int(share * whole)) >= FEWEST]
    cut = {size: [(known[-size:] if is_time else known[:size], new) for known, new in parts] for size in sizes}
    sizes = [size for size in sizes if all(len(np.unique(y[rows])) > 1 for rows, _ in cut[size])]
    if len(sizes) < 2:
        return sizes, np.empty((0, len(parts), 2))
    return sizes, np.array([[scored(rows, new) for rows, new in cut[size]] for size in sizes])


def _fold(
    spec: TrainingSpec, train: pd.DataFrame, y: Vector, rows: NDArray[np.intp], new: NDArray[np.intp]
) -> tuple[float, float]:
    """The score on the rows of a fit, and on others."""
    pipeline, *_ = fit_pipeline(spec, train.iloc[rows], y[rows], nobody)
    found = []
    for part in (rows, new):
        table = train.iloc[part]
        metrics = score(spec.task, y[part], pipeline.predict(table), weights_of(spec, table))
        value = metrics[MAIN[spec.task]]
        if value is None:
            raise ValueError("a fold has too few rows to be scored")
        found.append(value)
    return found[0], found[1]
