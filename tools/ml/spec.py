"""What is trained, as plain data, and what of it is known of one class."""

from __future__ import annotations

from pydantic import BaseModel

from adapters.records.training import Feature, FeatureKind, ParameterValue, Preparation, Setting, Task, TrainingSpec

__all__ = [
    "ClassCurve",
    "ClassScore",
    "Feature",
    "FeatureKind",
    "ParameterValue",
    "Preparation",
    "Setting",
    "Task",
    "TrainingSpec",
]


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
