"""Features that give the target away: one alone says nearly all of it."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tools.ml.preprocessing import Matrix, build_pipeline, column_names
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
    looked_at = spec.features[:MAX_FEATURES]
    kinds = {feature.name: feature.kind for feature in looked_at}
    prepare = build_pipeline(kinds, None, scale="none", encode="ordinal")[:-1]
    train, test = prepare.fit_transform(split.train.iloc[:MAX_ROWS]), prepare.transform(split.test)
    measure = "r2" if spec.task == "regression" else "balanced accuracy"
    found, start = [], 0
    for feature in looked_at:
        columns = slice(start, start + len(column_names(feature.name, feature.kind)))
        score = _alone(spec, split, feature, train[:, columns], test[:, columns])
        if score >= NEARLY_ALL:
            found.append(TrainingWarns.LEAK(name=feature.name, target=spec.target, measure=measure, score=score))
        start = columns.stop
    return found


def _alone(spec: TrainingSpec, split: Split, feature: Feature, train: Matrix, test: Matrix) -> float:
    """How well the target follows from that feature, which is these columns."""
    y_train = split.y_train[:MAX_ROWS]
    if spec.task != "regression":
        classes = DecisionTreeClassifier(random_state=spec.seed).fit(train, y_train)
        return float(balanced_accuracy_score(split.y_test, classes.predict(test)))
    tree = DecisionTreeRegressor(random_state=spec.seed).fit(train, y_train)
    score = float(r2_score(split.y_test, tree.predict(test)))
    x, x_test = train[:, 0], test[:, 0]
    if feature.kind == "number" and np.ptp(x):
        line = np.polynomial.Polynomial.fit(x, y_train, 1)
        score = max(score, float(r2_score(split.y_test, line(x_test))))
    return score
