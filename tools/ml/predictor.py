"""A fitted model at work: what it adds to rows. It needs scikit-learn alone, so an exported model takes it along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import (
    BaseEnsemble,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC, SVR
from sklearn.tree import BaseDecisionTree, DecisionTreeClassifier

from tools.ml.mixed_naive_bayes import MixedNaiveBayes
from tools.ml.word_order import in_order

if TYPE_CHECKING:
    from tools.ml.metadata import Metadata

Vector = NDArray[Any]
LIKELIEST = (
    *(ExtraTreesClassifier, GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier),
    *(DecisionTreeClassifier, GaussianNB, KNeighborsClassifier, LogisticRegression, MLPClassifier),
    MixedNaiveBayes,
)
"""Classifiers that predict the class of the largest probability: both come of one pass over the rows."""
ROW_BY_ROW = (BaseDecisionTree, BaseEnsemble, HistGradientBoostingClassifier, HistGradientBoostingRegressor, SVC, SVR)
"""Of these each row is worked out by itself."""
TOGETHER = 64
"""Products of matrices take the last rows, those beyond a multiple of a few, another way: they differ in the last digit
from what the same rows give inside a larger table. A table that is filled up has no such rows."""
TIE = 1e-9
"""Between two classes so near to each other the classifier itself decides: its own rule may see what rounding hid."""


class Predictor:
    """A fitted pipeline and the columns that it adds to rows, by the name of each.

    `prediction`; of a number `prediction_low` and `prediction_high`, where its margin is known; of a class its
    `probability`, where the model has one, and `probability_…` of each class where that was asked for. With a `cut`, a
    class of two and a threshold, the prediction is that class from this probability on, and the other below.

    Raises
    ------
    ValueError
        If the probability of `each_class` is asked of a model that has none.
    """

    def __init__(
        self, pipeline: Pipeline, metadata: Metadata, each_class: bool = False, cut: tuple[str, float] | None = None
    ) -> None:
        self._pipeline = _alone(pipeline)
        self._is_row_by_row = isinstance(getattr(pipeline[-1], "regressor_", pipeline[-1]), ROW_BY_ROW)
        self._margin = metadata.margin
        self._has_probabilities = hasattr(pipeline[-1], "predict_proba")
        if each_class and not self._has_probabilities:
            raise ValueError(f"each_class: a {metadata.spec.model} ({metadata.spec.task}) gives no probabilities")
        self._cut = cut
        classes = list(map(str, pipeline[-1].classes_)) if each_class else []
        self._each = tuple(in_order(classes))
        self._places = [classes.index(name) for name in self._each]
        self.names: tuple[str, ...] = ("prediction",)
        if self._margin is not None:
            self.names += ("prediction_low", "prediction_high")
        if self._has_probabilities:
            self.names += ("probability", *(f"probability_{name}" for name in self._each))

    def predict(self, frame: pd.DataFrame) -> dict[str, Vector]:
        """The added columns, for every row of a table that has the features: the same however the table is parted."""
        X = self._pipeline[:-1].transform(frame)
        if self._is_row_by_row:
            return self._added(X)
        added = self._added(_filled_up(X))
        return {name: values[: len(frame)] for name, values in added.items()}

    def _added(self, X: Any) -> dict[str, Vector]:
        if not self._has_probabilities:
            predicted: Vector = self._pipeline[-1].predict(X)
            if self._margin is None:
                return {"prediction": predicted}
            bounds = (predicted, predicted - self._margin, predicted + self._margin)
            return dict(zip(self.names, bounds, strict=True))
        probabilities: Vector = self._pipeline[-1].predict_proba(X)
        each = probabilities.T[self._places] if self._each else ()
        if self._cut is not None:
            return dict(zip(self.names, (*self._parted(probabilities, *self._cut), *each), strict=True))
        likeliest = probabilities.max(axis=1)
        return dict(zip(self.names, (self._classes(X, probabilities), likeliest, *each), strict=True))

    def _parted(self, probabilities: Vector, event: str, threshold: float) -> tuple[Vector, Vector]:
        """The class by the threshold, and its own probability, which may be the smaller of the two."""
        classes = self._pipeline[-1].classes_
        place = list(map(str, classes)).index(event)
        is_said = probabilities[:, place] >= threshold
        places = np.where(is_said, place, 1 - place)
        return classes.take(places), probabilities[np.arange(len(places)), places]

    def _classes(self, X: Any, probabilities: Vector) -> Vector:
        estimator = self._pipeline[-1]
        if type(estimator) not in LIKELIEST or probabilities.shape[1] < 2:
            predicted: Vector = estimator.predict(X)
            return predicted
        predicted = estimator.classes_.take(probabilities.argmax(axis=1))
        second, first = np.partition(probabilities, -2, axis=1)[:, -2:].T
        near = np.flatnonzero(first - second < TIE)
        if len(near):
            predicted[near] = estimator.predict(X[near])
        return predicted


def _filled_up(X: Any) -> Any:
    """The rows and the last one again, up to a multiple of TOGETHER."""
    n_more = -X.shape[0] % TOGETHER
    if not n_more:
        return X
    more = X[[-1] * n_more]
    return sparse.vstack([X, more], format="csr") if sparse.issparse(X) else np.concatenate([X, more])


def _alone(pipeline: Pipeline) -> Pipeline:
    """The pipeline on one processor: threads add up a forest's trees as they come, and the last digit differs."""
    estimator = pipeline[-1]
    parts: list[Any] = [estimator, getattr(estimator, "regressor_", estimator)]
    for part in parts:
        if hasattr(part, "n_jobs"):
            part.n_jobs = 1
    return pipeline


def given_names(names: Sequence[str], added: Sequence[str]) -> list[str]:
    """The names of a table's own columns beside those that are added: `prediction` becomes `prediction_given`."""
    free: list[str] = []
    taken = {name.casefold() for name in (*added, *names)}
    for name in names:
        new = name
        while new.casefold() in {other.casefold() for other in added} or (new != name and new.casefold() in taken):
            new = f"{new}_given"
        taken.add(new.casefold())
        free.append(new)
    return free
