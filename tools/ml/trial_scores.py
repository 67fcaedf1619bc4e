"""What a setting is scored by on a fold, when it is behind another, and what is said of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.pipeline import Pipeline

from tools.ml.curves import MAX_CLASSES
from tools.ml.searched import Ranked, Trial
from tools.ml.spec import TrainingSpec
from tools.ml.validation import Vector, rank_scores

LEAST_BEHIND = 0.02
"""Of what is between the best score and 1."""


def ranked_by(spec: TrainingSpec, y: Vector) -> Ranked:
    """What settings are ranked by: of many classes there are no curves."""
    if spec.task == "regression":
        return "r2"
    return "roc_auc" if len(np.unique(y)) <= MAX_CLASSES else "accuracy"


def score_of(
    ranked: Ranked, pipeline: Pipeline, test: pd.DataFrame, y_test: Vector, weights: Vector | None
) -> float | None:
    """Larger is better; the mean area over the classes that are there."""
    if ranked == "roc_auc":
        scores, is_event = rank_scores(pipeline, test), y_test[:, None] == pipeline.classes_
        there = [place for place, n in enumerate(is_event.sum(axis=0)) if 0 < n < len(y_test)]
        return (
            float(np.mean([roc_auc_score(is_event[:, n], scores[:, n], sample_weight=weights) for n in there]))
            if there
            else None
        )
    if ranked == "accuracy":
        return float(accuracy_score(y_test, pipeline.predict(test), sample_weight=weights))
    return float(r2_score(y_test, pipeline.predict(test), sample_weight=weights)) if len(y_test) > 1 else None


def is_behind(scores: Sequence[float], best: Sequence[float]) -> bool:
    """Whether the mean of the folds so far is behind that of the best by more than such a mean of it varies.

    A few folds may agree by chance: at least by a fiftieth of what is between the best and a score of 1.
    """
    varies = float(np.std(best, ddof=1)) / math.sqrt(len(scores)) if len(best) > 1 else 0.0
    return behind(scores, best) > max(varies, LEAST_BEHIND * (1 - float(np.mean(best))))


def behind(scores: Sequence[float], best: Sequence[float]) -> float:
    """How far the mean of the folds so far is behind that of the best on the same folds."""
    n = min(len(scores), len(best))
    return float(np.mean(best[:n])) - float(np.mean(scores[:n]))


def rank_of(trial: Trial) -> tuple[bool, int, float]:
    """Those with every fold first, the best first; of equal ones that which was tried first, as `sorted` is stable."""
    return trial.ended != "scored", -len(trial.folds), -(trial.mean if trial.mean is not None else math.inf)


def told_of(trial: Trial, score: Ranked) -> str:
    """The setting, its score, and how it ended, in words."""
    shown = ", ".join(
        f"{one.name} {one.value:.4g}" if isinstance(one.value, float) else f"{one.name} {one.value}"
        for one in trial.params
    )
    worth = "" if trial.mean is None else f", {score} {trial.mean:.4g}"
    ended = "" if trial.ended == "scored" else f" ({trial.ended.replace('_', ' ')} after {len(trial.folds)} folds)"
    return f"{trial.model}{f' with {shown}' if shown else ''}{worth}{ended}"
