"""The scores that there are: where each lies, and which one decides."""

from __future__ import annotations

import math
from collections.abc import Mapping

from tools.ml.spec import Task

RANGES: Mapping[str, tuple[float, float]] = {
    "r2": (-math.inf, 1.0),
    "rmse": (0.0, math.inf),
    "mae": (0.0, math.inf),
    "mse": (0.0, math.inf),
    "mape": (0.0, math.inf),
    "median_absolute_error": (0.0, math.inf),
    "accuracy": (0.0, 1.0),
    "balanced_accuracy": (0.0, 1.0),
    "f1_macro": (0.0, 1.0),
    "f1_weighted": (0.0, 1.0),
    "f1": (0.0, 1.0),
    "precision_macro": (0.0, 1.0),
    "precision_weighted": (0.0, 1.0),
    "precision": (0.0, 1.0),
    "recall_macro": (0.0, 1.0),
    "recall": (0.0, 1.0),
    "roc_auc": (0.0, 1.0),
}
"""Where each score lies by its definition; both ends belong to it, what is infinite does not."""
MAIN: Mapping[Task, str] = {"regression": "r2", "classification": "accuracy"}
"""The score by which a model is told apart from its baseline in the folds."""
