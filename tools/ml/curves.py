"""How well a classifier's probabilities or margins order the test rows: each class's curve, area and precision."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from tools.ml.spec import ClassCurve
from tools.ml.validation import Vector
from tools.ml.word_order import in_order

MAX_CLASSES = 20
MAX_POINTS = 200
"""Of a curve that are kept for its picture; area and average precision are of all rows."""


def trace_curves(y_true: Vector, scores: Vector, classes: list[str], weights: Vector | None = None) -> list[ClassCurve]:
    """For each class its ROC curve on the test rows, the class against all others.

    Of more than 20 classes none. A class that all test rows are of, or none, has no curve.

    Parameters
    ----------
    y_true : array of shape (n,)
        Class names.
    scores : array of shape (n, n_classes)
        Larger where the class is likelier: probabilities, or margins.
    weights : array of shape (n,)
        How much each row counts; the same where it is left out.

    References
    ----------
    Fawcett (2006). An introduction to ROC analysis. Pattern Recognition Letters 27(8), 861-874.
    """
    if len(classes) > MAX_CLASSES:
        return []
    curves: list[ClassCurve] = []
    for place in map(classes.index, in_order(classes)):
        is_event, own = y_true == classes[place], scores[:, place]
        n_events = int(np.count_nonzero(is_event))
        if not 0 < n_events < len(y_true):
            continue
        if weights is not None and not 0 < weights[is_event].sum() < weights.sum():
            continue
        false, found, _ = roc_curve(is_event, own, drop_intermediate=False, sample_weight=weights)
        kept = np.unique(np.linspace(0, len(false) - 1, MAX_POINTS).round().astype(int))
        curves.append(
            ClassCurve(
                event=classes[place],
                n_events=n_events,
                n=len(y_true),
                area=float(roc_auc_score(is_event, own, sample_weight=weights)),
                average_precision=float(average_precision_score(is_event, own, sample_weight=weights)),
                false=false[kept].tolist(),
                found=found[kept].tolist(),
            )
        )
    return curves
