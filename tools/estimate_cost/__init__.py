"""estimate_cost: a job gets a price before anything runs."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.records import Column, Dataset
from adapters.records.training import Defaults, Encode, Missing, MissingWords, Scale
from tools import ml
from tools.columns import find_column
from tools.context import ToolContext
from tools.errors import ToolError
from tools.estimate_cost.models import PARAMETERS, TASKS, ModelName
from tools.estimate_cost.parted import parted_by, weighed_by
from tools.estimate_cost.result import Quoted
from tools.estimate_cost.sentences import SENTENCES
from tools.estimate_cost.told import told
from tools.estimate_cost.where import MACHINE, MAX_USD, WHERE, WITHIN_S, Where
from tools.jobs.quoting import Need
from tools.kinds import CATEGORIES, NUMBERS, choose_kinds, warn_of_codes
from tools.quote_lines import quote_line
from tools.results import ToolOutput, if_any
from tools.schema import detect_in, facts_of
from tools.spec import Arguments, tool
from tools.warned import said

STARTUP_S = 4
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


class EstimateCost(Arguments):
    """The job, and where it may run."""

    job: TrainingJob = Field(description="What is to be done.")
    where: Where = Field(default="auto", description=WHERE)
    machine: str | None = Field(default=None, min_length=1, max_length=80, description=MACHINE)
    max_usd: float | None = Field(default=None, ge=0, description=MAX_USD)
    within_s: int | None = Field(default=None, ge=1, description=WITHIN_S)


@tool(
    effect="write",
    gives="quotes for a training: machine, expected time and dollars, the cap; nothing is started",
    example={"job": {"kind": "training", "dataset": "penguins", "target": "species", "model": "random_forest"}},
    sentences=SENTENCES,
    told=told,
)
def estimate_cost(arguments: EstimateCost, context: ToolContext) -> ToolOutput[Quoted]:
    """Make quotes for a training job, cheapest first. Nothing is started and nothing is spent.

    Each quote holds the frozen job, machine, expected time, expected and highest dollars (cap_usd) and where the price
    comes from; it is good for ten minutes. Pass its quote_id to launch_training: the user is then shown the price by
    the program and asked. You cannot agree for the user. Parameters are scikit-learn's, by its names. Our defaults
    differ from its own: numbers are scaled for all but gradient boosting; a linear model's alpha or C is chosen by
    cross-validation where it is left out (it is for scaled columns, and lasso's is in the target's unit); its fit has
    10,000 steps and a finer tolerance; ridge is solved by svd; linear_regression drops no direction above rounding,
    where scikit-learn's tol of 1e-6 does; trees, networks and support vector machines are fitted to a scaled target;
    classes are stratified. `defaults: scikit_learn` undoes all of that. gradient_boosting is HistGradientBoosting,
    exact_gradient_boosting GradientBoosting. What was scaled or encoded before the split is said by transform.
    Where the user names no model, or wants the best one, `auto` compares types and settings within the time of the
    quote; `tune` searches for the parameters of one type.
    `kinds` says how each feature is read, as regress reads it: numbers as numbers, text as categories; read the
    warnings to the user. `not_asked` says which provider could not be asked, and why.
    """
    job = arguments.job
    dataset = context.data.get(job.dataset)
    spec = _spec(job, dataset)
    expected_s = STARTUP_S + math.ceil(ml.training_seconds(spec, dataset.rows))
    need = Need(
        expected_s,
        ml.training_bytes(spec, dataset.rows),
        arguments.where,
        machine=arguments.machine or "",
        max_usd=None if arguments.max_usd is None else Decimal(str(arguments.max_usd)),
        within_s=arguments.within_s,
    )
    warnings = warn_of_codes({f.name: f.kind for f in spec.features}, job.numbers or (), dataset)
    told = [warned.words for warned in warnings]
    not_asked: list[str] = []
    quotes = context.jobs.quote(context.conversation_id, dataset, spec, need, told, not_asked.append)
    asked = if_any(not_asked=tuple(not_asked))
    return ToolOutput(Quoted(quotes=tuple(map(quote_line, quotes)), task=spec.task, **asked, **said(warnings)))


def _spec(job: TrainingJob, dataset: Dataset) -> ml.TrainingSpec:
    schema = detect_in(dataset, job.target)
    groups, time = parted_by(dataset, job.groups, job.time)
    weights = weighed_by(dataset, job.weights)
    if job.features is None:
        left_out = {groups, weights, *(find_column(dataset, name).name for name in job.without or ())}
        columns = [find_column(dataset, one.name) for one in schema.features if one.name not in left_out]
    else:
        columns = [_column(dataset, schema, name) for name in dict.fromkeys(job.features)]
    if not columns:
        raise ToolError(f"no column of {dataset.name!r} is left to predict {schema.target!r} from")
    for name in [*(job.categories or ()), *(job.numbers or ())]:
        _column(dataset, schema, name)
    kinds = choose_kinds(columns, job.categories, job.numbers, dataset)
    features = tuple(ml.Feature(name=name, kind=kind) for name, kind in kinds.items())
    params = tuple(ml.ParameterValue(name=param.name, value=param.value) for param in job.params or ())
    spec = ml.TrainingSpec(
        target=schema.target,
        task=job.task or schema.task,
        features=features,
        model=job.model,
        params=params,
        preparation=ml.Preparation(
            missing=job.missing,
            missing_words=job.missing_words,
            fill_value=job.fill_value or 0.0,
            scale=job.scale,
            encode=job.encode,
            max_categories=job.max_categories,
            scale_target=job.scale_target,
        ),
        test_size=job.test_size,
        seed=job.seed,
        stratify=job.stratify,
        cv=None if job.cv is None else ml.CrossValidation(folds=job.cv.folds, shuffle=job.cv.shuffle),
        tune=None if job.tune is None else ml.Tuning(trials=job.tune.trials, seconds=job.tune.seconds),
        shuffle=job.shuffle,
        groups=groups,
        time=time,
        weights=weights,
        defaults=job.defaults,
    )
    _check(spec, job, dataset, schema)
    return spec


def _check(spec: ml.TrainingSpec, job: TrainingJob, dataset: Dataset, schema: ml.Schema) -> None:
    """ToolError for what cannot be fitted as it is said."""
    target = facts_of(find_column(dataset, spec.target))
    try:
        ml.check_task(target, dataset.rows, spec.task)
        model = ml.find_model_type(spec.model, spec.task)
        ml.check_parameters(model, spec.task, spec.values)
        ml.check_choices(model, spec)
        ml.check_terms(model, len(spec.features), spec.values)
    except ValueError as error:
        why = f"; {schema.target!r} makes it a {schema.task}" if job.task is None else ""
        raise ToolError(f"{error}{why}") from error
    if spec.params:
        try:
            ml.try_parameters(spec, target.distinct)
        except ValueError as error:
            raise ToolError(f"params: scikit-learn does not take these for {spec.model}: {error}") from error
    if spec.test_size < LEAST_SHARE and (spec.test_size > 0 or spec.cv is None):
        raise ToolError(
            f"test_size: {LEAST_SHARE} at least; 0 goes with cv, whose folds then give the scores "
            f"(got {spec.test_size:g})"
        )
    if spec.cv is not None and dataset.rows < 2 * spec.cv.folds:
        raise ToolError(f"cv: {spec.cv.folds} folds need at least {2 * spec.cv.folds} rows; there are {dataset.rows}")
    for name in ("stratify",) if spec.task == "regression" else ("scale_target",):
        if getattr(job, name) is not None:
            raise ToolError(f"{name}: a {spec.task} has no such choice")
    if job.without is not None and job.features is not None:
        raise ToolError("features and without: give one of them")
    if job.fill_value is not None and job.missing != "constant":
        raise ToolError(f"fill_value: it is for missing: constant, not {job.missing}")


def _column(dataset: Dataset, schema: ml.Schema, name: str) -> Column:
    """The column of that name; ToolError if it cannot be a feature."""
    column = find_column(dataset, name)
    if column.name == schema.target:
        raise ToolError(f"{column.name!r} is the target: it cannot be a feature too")
    reasons = dict(schema.dropped)
    if column.name in reasons:
        raise ToolError(f"{column.name!r} cannot be a feature: {reasons[column.name]}")
    return column
