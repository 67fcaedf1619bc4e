"""What is trained, as plain data, and what of it is known of one class."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from adapters.records.training import (
    CrossValidation,
    Defaults,
    Feature,
    FeatureKind,
    ParameterValue,
    Preparation,
    Setting,
    Task,
    TrainingSpec,
    Tuning,
)

__all__ = [
    "Aim",
    "ClassCurve",
    "ClassScore",
    "CrossValidation",
    "Defaults",
    "Feature",
    "FeatureKind",
    "ParameterValue",
    "Preparation",
    "Scale",
    "Setting",
    "Task",
    "TrainingSpec",
    "Tuning",
]


Aim = Literal["youden", "f1", "cost"]
"""What a threshold serves (`threshold.py`)."""
Scale = Literal["target", "probability", "log_odds", "margin"]
"""What a prediction that is taken apart is measured in (`contributions.py`)."""


class ClassScore(BaseModel):
    """How a classifier does on one class, of which `n` test rows are."""

    precision: float
    recall: float
    f1: float
    n: int


class ClassCurve(BaseModel):
    """How well a classifier orders the test rows by the probability of one class, set against all others.

    `found` is the share of its rows, `false` that of the others, above each of at most 200 thresholds, both from 0 to 1
    (the ROC curve); `area` is that under the curve of all thresholds.
    """

    event: str
    n_events: int
    n: int
    area: float
    average_precision: float
    false: list[float]
    found: list[float]
