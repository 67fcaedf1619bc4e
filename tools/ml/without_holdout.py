"""A model that is fitted to every row: its scores come from folds, each row's by a model not fitted to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tools.ml.importance import rank_features
from tools.ml.spec import Task, TrainingSpec
from tools.ml.splitting import Split, as_many_as_it_takes, usable_rows
from tools.ml.validation import Vector


@dataclass(frozen=True)
class FoldModel:
    """The rows of a fold, by their index, that the model was not fitted to, and the model."""

    index: pd.Index
    pipeline: Pipeline


class OutOfFold:
    """Looks like one fitted pipeline; each row is answered by the model of the fold that it was held out of.

    It says only what all of its models can say: they are of one type.
    """

    def __init__(self, models: Sequence[FoldModel], classes: Vector | None) -> None:
        self.models = models
        if classes is not None:
            self.classes_ = classes

    @property
    def index(self) -> pd.Index:
        """The rows that it answers for."""
        return self.models[0].index.append([one.index for one in self.models[1:]])

    def __getattr__(self, name: str) -> object:
        if name not in ("predict_proba", "decision_function") or not hasattr(self.models[0].pipeline, name):
            raise AttributeError(name)
        return lambda frame: self._told(frame, name)

    def predict(self, frame: pd.DataFrame) -> Vector:
        """What is said of each row."""
        return self._told(frame, "predict")

    def _told(self, frame: pd.DataFrame, method: str) -> Vector:
        told: Vector | None = None
        for one in self.models:
            places = np.flatnonzero(frame.index.isin(one.index))
            if not len(places):
                continue
            said = self._in_order(one.pipeline, getattr(one.pipeline, method)(frame.iloc[places]))
            if told is None:
                told = np.empty((len(frame), *said.shape[1:]), dtype=object if said.dtype.kind in "OU" else said.dtype)
            told[places] = said
        assert told is not None  # noqa: S101 - every row that is asked about is in a fold
        return told.astype(str) if told.dtype == object else told

    def _in_order(self, pipeline: Pipeline, said: Vector) -> Vector:
        """A fold may lack a class: its probabilities get a column of 0 there."""
        if said.ndim < 2 or len(pipeline.classes_) == len(self.classes_):
            return said
        whole = np.zeros((len(said), len(self.classes_)))
        whole[:, np.searchsorted(self.classes_, pipeline.classes_)] = said
        return whole


def keep_every_row(spec: TrainingSpec, frame: pd.DataFrame) -> Split:
    """All rows that can be used, as training rows; which of them are tested is the folds' to say.

    Raises
    ------
    ValueError
        As `split_rows` says.
    """
    usable, y, warnings = usable_rows(spec, frame)
    kept = as_many_as_it_takes(spec, len(usable))
    return Split(usable.iloc[kept], usable, y[kept], y, False, tuple(warnings))


def tested_in_folds(split: Split, judge: OutOfFold) -> Split:
    """The same with the rows as test rows that some fold was tested on; of windows of time the earliest are not."""
    places = np.flatnonzero(split.test.index.isin(judge.index))
    return Split(
        split.train, split.test.iloc[places], split.y_train, split.y_test[places], split.is_stratified, split.warnings
    )


def first_fold(split: Split, judge: OutOfFold) -> Split:
    """The rows as the first fold parts them, for what must be seen on rows that nothing was fitted to."""
    is_test = split.test.index.isin(judge.models[0].index)
    return Split(split.test[~is_test], split.test[is_test], split.y_test[~is_test], split.y_test[is_test], False, ())


def rank_in_folds(
    judge: OutOfFold, frame: pd.DataFrame, y_true: Vector, task: Task, seed: int, weights: Vector | None
) -> dict[str, float]:
    """`rank_features` of each fold's model on the fold's rows, and the mean over all rows; the largest first."""
    total = dict.fromkeys(map(str, frame.columns), 0.0)
    for one in judge.models:
        places = np.flatnonzero(frame.index.isin(one.index))
        counted = None if weights is None else weights[places]
        found = rank_features(one.pipeline, frame.iloc[places], y_true[places], task, seed, counted)
        for name, drop in found.items():
            total[name] += drop * len(places) / len(frame)
    return dict(sorted(total.items(), key=lambda item: -item[1]))
