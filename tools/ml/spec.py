"""What is trained, as plain data: frozen into a quote, read by the worker, kept beside the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Task = Literal["regression", "classification"]
FeatureKind = Literal["number", "category", "date", "boolean"]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Feature(_Closed):
    """One input column and how it is prepared."""

    name: str
    kind: FeatureKind


class ParameterValue(_Closed):
    """One of the model's own parameters."""

    name: str
    value: float


class TrainingSpec(_Closed):
    """One fit: everything that decides the model beside the table itself."""

    kind: Literal["training"] = "training"
    target: str
    task: Task
    features: tuple[Feature, ...]
    model: str
    params: tuple[ParameterValue, ...] = ()
    test_size: float = 0.2
    seed: int = 42

    @property
    def kinds(self) -> dict[str, FeatureKind]:
        """The kind of each feature by its name, in their order."""
        return {feature.name: feature.kind for feature in self.features}

    @property
    def values(self) -> dict[str, float]:
        """The parameters by name."""
        return {parameter.name: parameter.value for parameter in self.params}


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
