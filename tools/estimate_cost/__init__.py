"""estimate_cost: a job gets a price before anything runs."""

from __future__ import annotations

import math
from decimal import Decimal

from pydantic import Field

from adapters.data.base import Watch
from adapters.records import Column, Dataset
from tools import ml
from tools.columns import find_column
from tools.context import ToolContext
from tools.errors import ToolError
from tools.estimate_cost.parted import parted_by, weighed_by
from tools.estimate_cost.prediction import PredictionJob, prediction_need
from tools.estimate_cost.result import Quoted
from tools.estimate_cost.sentences import SENTENCES
from tools.estimate_cost.told import told
from tools.estimate_cost.training import LEAST_SHARE, TrainingJob
from tools.estimate_cost.where import MACHINE, MAX_USD, WHERE, WITHIN_S, Where
from tools.jobs.quoting import Need
from tools.kinds import choose_kinds, warn_of_codes
from tools.number_range import check_range
from tools.quote_lines import quote_line
from tools.results import ToolOutput, if_any
from tools.schema import detect_in, facts_of
from tools.spec import Arguments, tool
from tools.warned import said

STARTUP_S = 4


class EstimateCost(Arguments):
    """The job, and where it may run."""

    job: TrainingJob | PredictionJob = Field(description="What is to be done.", discriminator="kind")
    where: Where = Field(default="auto", description=WHERE)
    machine: str | None = Field(default=None, min_length=1, max_length=80, description=MACHINE)
    max_usd: float | None = Field(default=None, ge=0, description=MAX_USD)
    within_s: int | None = Field(default=None, ge=1, description=WITHIN_S)


@tool(
    effect="write",
    gives="quotes for a training, or for predictions on another machine: the machine, expected time and dollars, the "
    "cap; nothing is started",
    example={"job": {"kind": "training", "dataset": "penguins", "target": "species", "model": "random_forest"}},
    sentences=SENTENCES,
    told=told,
)
def estimate_cost(arguments: EstimateCost, context: ToolContext) -> ToolOutput[Quoted]:
    """Make quotes for a training job or a prediction job, cheapest first. Nothing is started and nothing is spent.

    Each quote holds the frozen job, machine, expected time, expected and highest dollars (cap_usd) and where the price
    comes from; it is good for ten minutes. Pass its quote_id to launch_training, or of predictions to predict: the user
    is then shown the price by the program and asked. You cannot agree for the user. Predictions are free and usually
    quickest with predict alone, here: quote them for a million rows and more, or where the user wants them elsewhere;
    `checked` says what the model found in the first rows, and which columns stay here.

    Parameters of a training are scikit-learn's, by its names. Our defaults differ from its own: numbers are scaled for
    all but gradient boosting; a linear model's alpha or C is chosen by cross-validation where it is left out (it is for
    scaled columns, and lasso's is in the target's unit); its fit has 10,000 steps and a finer tolerance; ridge is
    solved by svd; linear_regression drops no direction above rounding, where scikit-learn's tol of 1e-6 does; trees,
    networks and support vector machines are fitted to a scaled target; classes are stratified. `defaults: scikit_learn`
    undoes all of that. gradient_boosting is HistGradientBoosting, exact_gradient_boosting GradientBoosting. What was
    scaled or encoded before the split is said by transform.
    Where the user names no model, or wants the best one, `auto` compares types and settings within the time of the
    quote; `tune` searches for the parameters of one type.
    `kinds` says how each feature is read, as regress reads it: numbers as numbers, text as categories; read the
    warnings to the user. `not_asked` says which provider could not be asked, and why.
    """
    job = arguments.job
    if isinstance(job, PredictionJob):
        return _prediction(job, arguments, context)
    dataset = context.data.get(job.dataset)
    spec = _spec(job, dataset, context)
    need = _need(
        arguments,
        math.ceil(ml.training_seconds(spec, dataset.rows)),
        ml.training_bytes(spec, dataset.rows, {column.name: column.distinct for column in dataset.columns}),
        dataset.rows,
    )
    warnings = warn_of_codes({f.name: f.kind for f in spec.features}, job.numbers or (), dataset)
    told = [warned.words for warned in warnings]
    not_asked: list[str] = []
    quotes = context.jobs.quote(context.conversation_id, dataset, spec, need, told, not_asked.append)
    asked = if_any(not_asked=tuple(not_asked))
    return ToolOutput(Quoted(quotes=tuple(map(quote_line, quotes)), task=spec.task, **asked, **said(warnings)))


def _prediction(job: PredictionJob, arguments: EstimateCost, context: ToolContext) -> ToolOutput[Quoted]:
    found = prediction_need(job, arguments.where, context, lambda *takes: _need(arguments, *takes))
    told, not_asked = [warned.words for warned in found.warned], list[str]()
    quotes = context.jobs.quote(context.conversation_id, found.dataset, found.work, found.need, told, not_asked.append)
    asked, lines = if_any(not_asked=tuple(not_asked)), tuple(map(quote_line, quotes))
    return ToolOutput(Quoted(quotes=lines, task=found.work.task, checked=found.checked, **said(found.warned), **asked))


def _need(arguments: EstimateCost, work_s: int, memory_bytes: int, rows: int) -> Need:
    """What the job takes, and what the person wants."""
    return Need(
        STARTUP_S + work_s,
        memory_bytes,
        rows,
        where=arguments.where,
        machine=arguments.machine or "",
        max_usd=None if arguments.max_usd is None else Decimal(str(arguments.max_usd)),
        within_s=arguments.within_s,
    )


def _spec(job: TrainingJob, dataset: Dataset, context: ToolContext) -> ml.TrainingSpec:
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
    try:
        with context.data.open(
            job.dataset, watch=Watch(context.cancel, lambda sentence, fraction: None), is_lean=True
        ) as table:
            check_range(table, [spec.target, *(feature.name for feature in features if feature.kind == "number")])
    except ValueError as error:
        raise ToolError(str(error)) from error
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
