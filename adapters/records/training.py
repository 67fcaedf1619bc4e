"""What is trained, as plain data: frozen into a quote, read by the worker, kept beside the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Task = Literal["regression", "classification"]
FeatureKind = Literal["number", "category", "date", "boolean"]


class Closed(BaseModel):
    """The base of what is frozen into rows and files: read once, by its class."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Feature(Closed):
    """One input column and how it is prepared."""

    name: str
    kind: FeatureKind


Setting = bool | int | float | str | tuple[int, ...]
"""What a parameter of a model can be set to."""


class ParameterValue(Closed):
    """One of the model's own parameters."""

    name: str
    value: Setting


class TrainingSpec(Closed):
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
    def values(self) -> dict[str, Setting]:
        """The parameters by name."""
        return {parameter.name: parameter.value for parameter in self.params}
