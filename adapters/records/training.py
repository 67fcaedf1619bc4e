"""What is trained, as plain data: frozen into a quote, read by the worker, kept beside the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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


Missing = Literal["usual", "mean", "median", "most_frequent", "constant", "keep", "drop"]
MissingWords = Literal["usual", "own_value", "most_frequent"]
Scale = Literal["usual", "none", "standard", "minmax", "robust"]
Encode = Literal["onehot", "onehot_drop_first", "onehot_drop_binary", "ordinal"]
Defaults = Literal["usual", "scikit_learn"]
Setting = bool | int | float | str | tuple[int, ...]
"""What a parameter of a model can be set to."""


class ParameterValue(Closed):
    """One of the model's own parameters."""

    name: str
    value: Setting


class Preparation(Closed):
    """What is done with the columns before the estimator sees them; "usual" is what the type of model needs.

    `missing` is of numbers: the usual is the median, "constant" is `fill_value`, "keep" leaves them as they are for
    models that take them so; "drop" leaves out rows, of whatever column. `missing_words`: the usual is a value of their
    own, or the most frequent one where numbers get that. `scale` is of numbers. Of more than `max_categories` values
    of a category the rarest share a column; ordinal codes are 0, 1, … in the order of the words.
    """

    missing: Missing = "usual"
    missing_words: MissingWords = "usual"
    fill_value: float = 0.0
    scale: Scale = "usual"
    encode: Encode = "onehot"
    max_categories: int = 50
    scale_target: bool | None = None


class CrossValidation(Closed):
    """In how many folds the fit is done again, each row tested once; by default shuffled as the job's defaults say."""

    folds: int = Field(ge=2, le=20)
    shuffle: bool | None = None


class Tuning(Closed):
    """How long parameters are searched for: until so many settings were tried, or for so many seconds.

    Both where both are given, whichever is first; the search's own numbers where neither is (`search_bounds.py`).
    """

    trials: int | None = Field(default=None, ge=2, le=500)
    seconds: int | None = Field(default=None, ge=1, le=86_400)


class TrainingSpec(Closed):
    """One fit: everything that decides the model beside the table itself.

    `defaults` is whose those are of what is not said: ours, or those of scikit-learn's estimator and `train_test_split`
    (no scaling, its own penalty, tolerance and number of steps, no strata). Without `shuffle` the last rows are the
    test rows. Of `groups` the name of a column, no value of which is in training and test rows both; of `time` that of
    a column of dates or numbers, or "_row", in whose order the model is trained on the earlier rows and tested on the
    later. `weights` names a column that says how much each row counts, in the fit and in the scores. With `tune` the
    parameters that are not named are searched for, inside the training rows.
    """

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
    cv: CrossValidation | None = None
    tune: Tuning | None = None
    shuffle: bool = True
    groups: str | None = None
    time: str | None = None
    weights: str | None = None
    defaults: Defaults = "usual"

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
        own = ("defaults", "test_size", "seed", "stratify", "shuffle")
        for part, names in ((self.preparation, Preparation.model_fields), (self, own)):
            for name in names:
                if getattr(part, name) != type(part).model_fields[name].default:
                    found[name] = getattr(part, name)
        if self.cv is not None:
            found["cross-validation"] = f"{self.cv.folds} folds"
        if self.tune is not None:
            parts = {"settings": self.tune.trials, "seconds": self.tune.seconds}
            bounds = [f"{bound} {unit}" for unit, bound in parts.items() if bound is not None]
            found["tuning"] = f"at most {' or '.join(bounds)}" if bounds else "of the usual length"
        return found
