"""estimate_cost: a job gets a price before anything runs."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters.records import Column, Dataset
from adapters.records.training import Encode, Missing, Scale
from tools import ml
from tools.columns import find_column
from tools.context import ToolContext
from tools.errors import ToolError
from tools.estimate_cost.models import PARAMETERS, TASKS, ModelName
from tools.estimate_cost.result import Quoted
from tools.estimate_cost.sentences import SENTENCES
from tools.estimate_cost.told import told
from tools.kinds import CATEGORIES, NUMBERS, choose_kinds, warn_of_codes
from tools.quote_lines import quote_line
from tools.results import ToolOutput
from tools.schema import detect_in, facts_of
from tools.spec import Arguments, tool
from tools.warned import said

STARTUP_S = 4
TASK = "By default what the target makes it: numbers of more than two values regression, all else classification."
MISSING = (
    "Missing values of features. usual: numbers get the median, words a value of their own; mean: numbers get the "
    "mean; most_frequent: both get that; drop: such rows are left out before the split."
)
SCALE = "Numbers: standard (mean 0, sd 1), minmax (0 to 1), robust, none; usual: what the model needs."
SCALE_TARGET = "Regression: fit to the target of mean 0 and sd 1; by default only where its unit would matter."
ENCODE = "Categories: a column for each value, or one column of codes 0, 1, … in the order of the words."
STRATIFY = "Classification: the same shares of classes in both parts; by default yes, where there are enough rows."


class Param(BaseModel):
    """One parameter of the model."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str = Field(description="Name of the parameter, e.g. n_estimators.")
    value: bool | int | float | str | tuple[int, ...] = Field(description="Its value.")


class TrainingJob(BaseModel):
    """A model to train."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    kind: Literal["training"] = Field(description="What is done.")
    dataset: str = Field(description="Name of a loaded dataset.")
    target: str = Field(description="The column to predict.")
    features: list[str] | None = Field(default=None, description="Columns to predict from; detected by default.")
    categories: list[str] | None = Field(default=None, description=CATEGORIES)
    numbers: list[str] | None = Field(default=None, description=NUMBERS)
    model: ModelName = Field(description=f"{TASKS}.")
    params: list[Param] | None = Field(
        default=None,
        description=PARAMETERS,
    )
    task: Literal["regression", "classification"] | None = Field(default=None, description=TASK)
    missing: Missing = Field(default="usual", description=MISSING)
    scale: Scale = Field(default="usual", description=SCALE)
    scale_target: bool | None = Field(default=None, description=SCALE_TARGET)
    encode: Encode = Field(default="onehot", description=ENCODE)
    test_size: float = Field(default=0.2, ge=0.05, le=0.5, description="Share of the rows kept for testing.")
    seed: int = Field(default=42, ge=0, le=2**32 - 1, description="Seed of every random choice.")
    stratify: bool | None = Field(default=None, description=STRATIFY)


class EstimateCost(Arguments):
    """The job, and where it may run."""

    job: TrainingJob = Field(description="What is to be done.")
    where: Literal["local", "aws", "runpod", "auto"] = Field(default="auto", description="Where it may run.")


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
    the program and asked. You cannot agree for the user. Parameters are scikit-learn's, by its names; leave out a
    linear model's alpha or C, and cross-validation chooses it: it is for scaled columns, and lasso's is in the
    target's unit. Trees, networks and support vector machines are fitted to a scaled target. `kinds` says how each
    feature is read, as regress reads it: numbers as numbers, text as categories; read the warnings to the user. Only
    `local` is there so far.
    """
    job = arguments.job
    if arguments.where in ("aws", "runpod"):
        raise ToolError(f"where: {arguments.where} cannot be used yet; there is local")
    dataset = context.data.get(job.dataset)
    spec = _spec(job, dataset)
    expected_s = STARTUP_S + math.ceil(ml.expected_seconds(spec, dataset.rows))
    warnings = warn_of_codes({f.name: f.kind for f in spec.features}, job.numbers or (), dataset)
    told = [warned.words for warned in warnings]
    quotes = context.jobs.quote(context.conversation_id, dataset, spec, expected_s, told)
    return ToolOutput(Quoted(quotes=tuple(map(quote_line, quotes)), task=spec.task, **said(warnings)))


def _spec(job: TrainingJob, dataset: Dataset) -> ml.TrainingSpec:
    schema = detect_in(dataset, job.target)
    if job.features is None:
        columns = [find_column(dataset, feature.name) for feature, _ in schema.features]
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
            missing=job.missing, scale=job.scale, encode=job.encode, scale_target=job.scale_target
        ),
        test_size=job.test_size,
        seed=job.seed,
        stratify=job.stratify,
    )
    try:
        ml.check_task(facts_of(find_column(dataset, spec.target)), dataset.rows, spec.task)
        model = ml.find_model_type(spec.model, spec.task)
        ml.check_parameters(model, spec.task, spec.values)
        ml.check_terms(model, len(spec.features), spec.values)
    except ValueError as error:
        why = f"; {schema.target!r} makes it a {schema.task}" if job.task is None else ""
        raise ToolError(f"{error}{why}") from error
    for name in ("stratify",) if spec.task == "regression" else ("scale_target",):
        if getattr(job, name) is not None:
            raise ToolError(f"{name}: a {spec.task} has no such choice")
    return spec


def _column(dataset: Dataset, schema: ml.Schema, name: str) -> Column:
    """The column of that name; ToolError if it cannot be a feature."""
    column = find_column(dataset, name)
    if column.name == schema.target:
        raise ToolError(f"{column.name!r} is the target: it cannot be a feature too")
    reasons = dict(schema.dropped)
    if column.name in reasons:
        raise ToolError(f"{column.name!r} cannot be a feature: {reasons[column.name]}")
    return column
