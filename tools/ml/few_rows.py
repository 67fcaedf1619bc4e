"""Whether there are rows enough for what is asked of them: for a fit, for a score, for the rarest class."""

from __future__ import annotations

import numpy as np
from sklearn.pipeline import Pipeline

from tools.ml.against_baseline import FEW_ROWS
from tools.ml.model_types import find_model_type
from tools.ml.spec import TrainingSpec
from tools.ml.splitting import Split
from tools.ml.training_warns import TrainingWarns
from tools.warned import Warned

FEW_TRAINING_ROWS = 50
FEW_TEST_ROWS = 30
RARE_SHARE = 0.1
PER_COLUMN = 10
"""Rows that a fit without a penalty should have for each column; of classes, rows of the rarest one.

Harrell (2015). Regression Modeling Strategies, 2nd edition, section 4.4.
"""
WITHOUT_PENALTY = ("linear_regression", "polynomial_regression")


def doubts_of_size(spec: TrainingSpec, split: Split, pipeline: Pipeline) -> list[Warned]:
    """Warnings of few rows to train or test on, and of more columns than they can carry."""
    n_train, n_test = len(split.train), len(split.test)
    few = [TrainingWarns.FEW_TRAINING_ROWS(n=n_train)] if n_train < FEW_TRAINING_ROWS else []
    few += [TrainingWarns.FEW_TEST_ROWS(n=n_test)] if n_test < FEW_TEST_ROWS else []
    n_columns = pipeline[:-1].transform(split.test.iloc[:1]).shape[1]
    n_terms = find_model_type(spec.model, spec.task).terms(n_columns, spec.values)
    if n_terms >= n_train:
        return [*few, TrainingWarns.MORE_COLUMNS_THAN_ROWS(columns=n_terms, n=n_train)]
    if spec.model in WITHOUT_PENALTY and n_terms * PER_COLUMN > n_train:
        return [*few, TrainingWarns.WIDE(columns=n_terms, n=n_train)]
    return few


def doubt_of_shares(spec: TrainingSpec, split: Split) -> list[Warned]:
    """A warning of classes whose shares are far apart, where they are not weighed against it.

    Classes too small to be learned at all have a warning of their own (against_baseline).
    """
    labels, counts = np.unique(np.concatenate([split.y_train, split.y_test]), return_counts=True)
    share = float(counts.min() / counts.sum())
    if counts.min() < FEW_ROWS:
        return []
    if share >= RARE_SHARE / max(1.0, len(labels) / 2) or spec.values.get("class_weight") == "balanced":
        return []
    has = any(one.name == "class_weight" for one in find_model_type(spec.model, spec.task).parameters)
    advice = "class_weight balanced weighs" if has else "another type of model with class_weight balanced weighs"
    return [TrainingWarns.RARE_CLASS(label=str(labels[np.argmin(counts)])[:40], share=share, advice=advice)]
