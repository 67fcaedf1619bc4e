"""Features that give the target away: one alone says nearly all of it."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tools.ml.preprocessing import build_pipeline
from tools.ml.spec import Feature, TrainingSpec
from tools.ml.splitting import Split
from tools.ml.training_warns import TrainingWarns
from tools.warned import Warned

MAX_ROWS = 5_000
MAX_FEATURES = 200
MIN_TEST_ROWS = 10
NEARLY_ALL = 0.999


def find_leaks(spec: TrainingSpec, split: Split) -> list[Warned]:
    """A warning for each feature that predicts the test rows nearly by itself (r2 or balanced accuracy of 0.999).

    Judged by a straight line or by one decision tree, whichever is better, fitted to at most 5,000 training rows; of
    more than 200 features the first 200 are looked at. Such a column is often a copy of the target, or known only
    afterwards.
    """
    if len(split.test) < MIN_TEST_ROWS:
        return []
    found = {feature.name: _alone(spec, split, feature) for feature in spec.features[:MAX_FEATURES]}
    measure = "r2" if spec.task == "regression" else "balanced accuracy"
    return [
        TrainingWarns.LEAK(name=name, target=spec.target, measure=measure, score=score)
        for name, score in found.items()
        if score >= NEARLY_ALL
    ]


def _alone(spec: TrainingSpec, split: Split, feature: Feature) -> float:
    """How well the target follows from that feature."""
    train, y_train = split.train[[feature.name]].iloc[:MAX_ROWS], split.y_train[:MAX_ROWS]
    test = split.test[[feature.name]]
    is_regression = spec.task == "regression"
    tree = (DecisionTreeRegressor if is_regression else DecisionTreeClassifier)(random_state=spec.seed)
    pipeline = build_pipeline({feature.name: feature.kind}, tree, scale="none", encode="ordinal")
    predicted = pipeline.fit(train, y_train).predict(test)
    if not is_regression:
        return float(balanced_accuracy_score(split.y_test, predicted))
    score = float(r2_score(split.y_test, predicted))
    if feature.kind == "number":
        x, x_test = (pipeline[:-1].transform(part)[:, 0] for part in (train, test))
        line = np.polynomial.Polynomial.fit(x, y_train, 1) if np.ptp(x) else None
        score = max(score, float(r2_score(split.y_test, line(x_test)))) if line is not None else score
    return score
