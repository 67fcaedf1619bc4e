"""A job that trains, as estimate_cost takes it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.records.training import Defaults, Encode, Missing, MissingWords, Scale
from tools import ml
from tools.estimate_cost.models import PARAMETERS, TASKS, ModelName
from tools.kinds import CATEGORIES, NUMBERS

TASK = "By default what the target makes it: numbers of more than two values regression, all else classification."
DEFAULTS = (
    "Whose defaults hold for what is not said. usual: ours. scikit_learn: its own estimator with its own defaults "
    "(alpha 1, C 1, max_iter, tol, solver, random_state the seed), no scaling of features or target, rows parted by "
    "train_test_split without strata; for a question of the form 'train LinearRegression(), 80/20, seed 42'."
)
MISSING = (
    "Missing numbers of features. usual: the median; mean; median; most_frequent, words too; constant: fill_value; "
    "keep: as they are, for models that take them; drop: rows without a number or word are left out before the split."
)
MISSING_WORDS = "Missing words. usual: own_value, a value '(missing)' of their own; most_frequent."
SCALE = "Numbers: standard (mean 0, sd 1), minmax (0 to 1), robust, none; usual: what the model needs."
SCALE_TARGET = "Regression: fit to the target of mean 0 and sd 1; by default only where its unit would matter."
ENCODE = (
    "Categories. onehot: a column for each value; onehot_drop_first: but the first; onehot_drop_binary: but the first "
    "of two; ordinal: codes 0, 1, … in the order of the words, in the column's place. It is fitted to training rows."
)
MAX_CATEGORIES = "onehot: of more values than that, the rarest share a column."
STRATIFY = "Classification: the same shares of classes in both parts; by default yes, where there are enough rows."
CV = (
    "Cross-validation of all rows beside the test rows: the fit again on each fold, its scores with mean, sd, interval "
    "and baseline. Classes keep their shares, as stratify says."
)
TUNE = (
    "Search for the parameters that `params` leaves open, by cross-validation inside the training rows, and inside "
    "each fold of `cv`; what was tried is kept. `auto` always searches: then tune only bounds it."
)
TRIALS = (
    f"Settings to try at most; by default {ml.TRIALS}, of auto {ml.AUTO_TRIALS} in {ml.AUTO_SECONDS} s. Bounded by "
    "trials alone, the same job finds the same."
)
SECONDS = "Seconds that one search may take; refused above what a job may take. The final fit comes after it."
SHUFFLED_FOLDS = (
    "Whether rows are shuffled by the seed before they are parted; by default yes, and as in cross_val_score no where "
    "`defaults` is scikit_learn."
)
LEAST_SHARE = 0.01
TEST_SIZE = (
    "Share of the rows kept for testing, 0.01 at least. 0 goes with cv: the model is fitted to all rows, and its "
    "scores are of the folds, each row's by a model that was not fitted to it."
)
GROUPS = (
    "A column whose rows stay together, e.g. customer, patient: none of its values is both in training and test rows "
    "(GroupShuffleSplit; test_size is then the share of the values), nor in two folds (GroupKFold). Say it wherever "
    "several rows are of one person or thing, and new ones are to be predicted. It is no feature."
)
TIME = (
    "A column of dates or numbers in whose order rows are parted: trained on the past, tested on the later rows; cv in "
    "expanding windows (TimeSeriesSplit). Rows of one time stay together. _row is the table's own order. Say it "
    "wherever the future is to be predicted."
)
ROW_WEIGHTS = (
    "A column of numbers of 0 or more: how much each row counts (sample_weight), in the fit and in all scores. It is "
    "no feature. For classes of unequal size there is the parameter class_weight."
)
SHUFFLE = "false: not shuffled, the last rows are the test rows, as with train_test_split(shuffle=False)."


class Param(BaseModel):
    """One parameter of the model."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str = Field(description="Name of the parameter, e.g. n_estimators.")
    value: bool | int | float | str | tuple[int, ...] = Field(description="Its value.")


class Folds(BaseModel):
    """Cross-validation."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    folds: int = Field(default=5, ge=2, le=20, description="Number of folds; each takes as long as the fit.")
    shuffle: bool | None = Field(default=None, description=SHUFFLED_FOLDS)


class Tune(BaseModel):
    """A search for parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    trials: int | None = Field(default=None, ge=2, le=500, description=TRIALS)
    seconds: int | None = Field(default=None, ge=1, le=86_400, description=SECONDS)


class TrainingJob(BaseModel):
    """A model to train."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["training"] = Field(description="What is done.")
    dataset: str = Field(description="Name of a loaded dataset.")
    target: str = Field(description="The column to predict.")
    features: list[str] | None = Field(default=None, description="Columns to predict from; detected by default.")
    without: list[str] | None = Field(default=None, description="Columns to leave out where features are detected.")
    categories: list[str] | None = Field(default=None, description=CATEGORIES)
    numbers: list[str] | None = Field(default=None, description=NUMBERS)
    model: ModelName = Field(description=f"{TASKS}.")
    params: list[Param] | None = Field(
        default=None,
        description=PARAMETERS,
    )
    task: Literal["regression", "classification"] | None = Field(default=None, description=TASK)
    defaults: Defaults = Field(default="usual", description=DEFAULTS)
    missing: Missing = Field(default="usual", description=MISSING)
    missing_words: MissingWords = Field(default="usual", description=MISSING_WORDS)
    fill_value: float | None = Field(default=None, description="For missing: constant.")
    scale: Scale = Field(default="usual", description=SCALE)
    scale_target: bool | None = Field(default=None, description=SCALE_TARGET)
    encode: Encode = Field(default="onehot", description=ENCODE)
    max_categories: int = Field(default=50, ge=2, le=1000, description=MAX_CATEGORIES)
    test_size: float = Field(default=0.2, ge=0, le=0.95, description=TEST_SIZE)
    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="Seed of every random choice.")
    stratify: bool | None = Field(default=None, description=STRATIFY)
    cv: Folds | None = Field(default=None, description=CV)
    tune: Tune | None = Field(default=None, description=TUNE)
    shuffle: bool = Field(default=True, description=SHUFFLE)
    groups: str | None = Field(default=None, description=GROUPS)
    time: str | None = Field(default=None, description=TIME)
    weights: str | None = Field(default=None, description=ROW_WEIGHTS)
