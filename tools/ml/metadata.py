"""What training wrote down of a model: kept beside it as metadata.json and in its row."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.ml.cross_validated import CrossValidated, Standing
from tools.ml.searched import Searched
from tools.ml.spec import ClassCurve, ClassScore, FeatureKind, TrainingSpec

Scores = dict[str, float | None]
"""By the name of the score; r2 of one test row is None."""
HyperParameter = bool | int | float | str | tuple[int, ...] | None
"""What a parameter of a fitted estimator is; what is no plain value as words."""


class _Part(BaseModel):
    """In JSON with just the fields that were given; what an infinite number would be fails there."""

    model_config = ConfigDict(
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        ser_json_inf_nan="constants",
    )

    def as_json(self) -> dict[str, Any]:
        """The fields that were given."""
        return self.model_dump(mode="json", exclude_unset=True)


class SeenShares(_Part):
    """How training rows are spread: over the values `words`, or over the bins between `edges` (each with its upper).

    `counts` has one number for each, then one for all other values of words, then one for missing.
    """

    words: tuple[str, ...]
    edges: tuple[float, ...]
    counts: tuple[int, ...]


class SeenFeature(_Part):
    """What training saw of a feature: its range, or its values; a prediction is checked against it."""

    name: str
    kind: FeatureKind
    missing: int
    values: tuple[str, ...] | None = None
    low: float | str | None = None
    high: float | str | None = None
    shares: SeenShares | None = None


class RowCounts(_Part):
    """Rows that the model was trained and tested on, and those that had no target."""

    train: int
    test: int
    without_target: int


class ChosenPenalty(_Part):
    """A linear model's penalty and where it is from; of a choice, by how many rows and folds."""

    parameter: Literal["alpha", "C"]
    value: float
    chosen_by: Literal["given", "usual", "cross_validation"]
    n_rows: int | None = None
    n_folds: int | None = None


class Coefficient(_Part):
    """The change of the prediction (of a classifier: of the log odds of the class) with one unit of the term."""

    term: str
    of_class: str | None = Field(default=None, validation_alias="class", serialization_alias="class")
    estimate: float


class Intercept(_Part):
    """One class's intercept, where there are more than two classes."""

    of_class: str = Field(validation_alias="class", serialization_alias="class")
    estimate: float


class Equation(_Part):
    """A linear model's coefficients, in the units of the table; of other models nothing is given.

    Of two classes `event` is the one whose log odds they are; of more classes each has its own, and an intercept in
    `intercepts`. Of penalized models `n_nonzero` out of `n_coefficients`; of least squares the `reference` of each
    category.
    """

    n_nonzero: int | None = None
    n_coefficients: int | None = None
    event: str | None = None
    reference: dict[str, str] | None = None
    intercept: float | None = None
    intercepts: tuple[Intercept, ...] | None = None
    coefficients: tuple[Coefficient, ...] | None = None


SpreadPart = Literal["folds", "penalty", "trees"]
"""What a cluster does side by side: folds of cross-validation or a search, those that choose a penalty, trees."""


class ClusterUse(_Part):
    """The cluster that did parts of the training, how many workers it had, and which parts those were."""

    address: str
    n_workers: int
    parts: tuple[SpreadPart, ...]


class Former(_Part):
    """The version of the model before this one."""

    model_id: str
    version: int


class Cost(_Part):
    """What the training's machine was paid for, in US dollars and seconds."""

    usd: float
    seconds: float


class Cut(_Part):
    """The class that is said from a probability on."""

    event: str
    threshold: float


class Kept(_Part):
    """What is known of a model only where it is kept: its place in its owner's files, the table, what it has cost.

    `cut` stands in an export alone: elsewhere the model's row holds the threshold, which its owner may change.
    """

    dataset: str | None = None
    model_id: str | None = None
    job_id: str | None = None
    parent: Former | None = None
    cost: Cost | None = None
    cut: Cut | None = None


class Metadata(Equation, Kept):
    """Everything about a model but the model; what an earlier version did not write down has a default.

    `spec` is of the model that is kept: where parameters or the type were searched for, with what was found; the job as
    it was asked for is in `searched`.
    `hyper_parameters` are all of the estimator's, set or not; `probe` is what the model said of three rows made of its
    schema (`library_versions.py`). `margin` of a regression is how far 90 of 100 predictions are off at most, in the
    target's unit (`conformal.py`). `device` is what the model was fitted on, `cluster` what else
    had a part in that.
    """

    spec: TrainingSpec
    features: tuple[SeenFeature, ...] = Field(validation_alias="schema", serialization_alias="schema")
    metrics: Scores
    intervals: dict[str, tuple[float, float]] = {}
    margin: float | None = None
    baseline: Scores
    against_baseline: Standing | None = None
    importance: dict[str, float]
    classes: tuple[str, ...] | None = None
    confusion: tuple[tuple[int, ...], ...] | None = None
    curves: tuple[ClassCurve, ...] = ()
    class_scores: dict[str, ClassScore] | None = None
    small_classes: dict[str, int] | None = None
    penalty: ChosenPenalty | None = None
    rows: RowCounts
    stratified: bool | None = None
    cross_validated: CrossValidated | None = None
    searched: Searched | None = None
    warnings: tuple[str, ...]
    warning_codes: tuple[str, ...] = ()
    hyper_parameters: dict[str, HyperParameter] = {}
    probe: tuple[float, ...] | tuple[str, ...] | None = None
    data_sha256: str
    versions: dict[str, str]
    created_at: str
    device: Literal["cpu", "cuda"] = "cpu"
    cluster: ClusterUse | None = None

    @property
    def asked(self) -> TrainingSpec:
        """The job as it was asked for."""
        return self.spec if self.searched is None else self.searched.asked
