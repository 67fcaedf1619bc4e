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


Missing = Literal["usual", "mean", "most_frequent", "drop"]
Scale = Literal["usual", "none", "standard", "minmax", "robust"]
Encode = Literal["onehot", "ordinal"]
Setting = bool | int | float | str | tuple[int, ...]
"""What a parameter of a model can be set to."""


class ParameterValue(Closed):
    """One of the model's own parameters."""

    name: str
    value: Setting


class Preparation(Closed):
    """What is done with the columns before the estimator sees them; "usual" is what the type of model needs.

    `missing`: the usual fills numbers with the median and gives missing words a value of their own; "mean" fills
    numbers with the mean, "most_frequent" both with that; "drop" leaves rows out. `scale` is of numbers. Ordinal codes
    are 0, 1, … in the order of the words.
    """

    missing: Missing = "usual"
    scale: Scale = "usual"
    encode: Encode = "onehot"
    scale_target: bool | None = None


class TrainingSpec(Closed):
    """One fit: everything that decides the model beside the table itself."""

    kind: Literal["training"] = "training"
    target: str
    task: Task
    features: tuple[Feature, ...]
    model: str
    params: tuple[ParameterValue, ...] = ()
    preparation: Preparation = Preparation()
    test_size: float = 0.2
    seed: int = 42
    stratify: bool | None = None

    @property
    def kinds(self) -> dict[str, FeatureKind]:
        """The kind of each feature by its name, in their order."""
        return {feature.name: feature.kind for feature in self.features}

    @property
    def values(self) -> dict[str, Setting]:
        """The parameters by name."""
        return {parameter.name: parameter.value for parameter in self.params}

    @property
    def settings(self) -> dict[str, Setting]:
        """The parameters, and all else that is other than it is by default, by name."""
        found = self.values
        for part, names in ((self.preparation, Preparation.model_fields), (self, ("test_size", "seed", "stratify"))):
            for name in names:
                if getattr(part, name) != type(part).model_fields[name].default:
                    found[name] = getattr(part, name)
        return found
