"""How long a search goes on, and how long that takes: what the quote says."""

from __future__ import annotations

from dataclasses import dataclass

from tools.ml.fit_times import Size
from tools.ml.job_checks import check_parameters, check_terms
from tools.ml.model_type import ModelType
from tools.ml.model_types import AUTO, find_model_type, types_of
from tools.ml.searched import NotCompared, Trial
from tools.ml.spec import TrainingSpec

TRIALS = 25
"""Settings of one type that are tried, where the job does not say how many."""
AUTO_TRIALS, AUTO_SECONDS = 40, 60
FOLDS, FEW_FOLDS, MANY_ROWS = 5, 3, 5_000
"""Folds that settings are compared on; from so many training rows on it is three."""
OVERHEAD_S = 0.03
"""Of a fold beside its fit: columns prepared, rows scored."""
SHARE = 0.6
"""Of all folds that are fitted: most settings are dropped before the last (0.4 to 0.8 on the bench's tables)."""
HARDER = 1.5
"""A drawn setting's fit, in those of the defaults: about as many rounds fewer as more, evenly by their logarithm."""


@dataclass(frozen=True)
class Bounds:
    """Of one search: settings to try, and seconds; None is without that bound."""

    trials: int
    seconds: int | None


def searches(spec: TrainingSpec) -> bool:
    """Whether the job leaves something to be searched for."""
    return spec.tune is not None or spec.model == AUTO.name


def settled(spec: TrainingSpec, best: Trial) -> TrainingSpec:
    """The job with what was found in place of what was left open."""
    return spec.model_copy(update={"model": best.model, "params": best.params, "tune": None})


def check_trial(spec: TrainingSpec, trial: Trial) -> None:
    """ValueError where the search of this job cannot have tried it."""
    if spec.model not in (AUTO.name, trial.model):
        raise ValueError(f"{trial.model} is not {spec.model}")
    found = {one.name: one.value for one in trial.params}
    check_parameters(find_model_type(trial.model, spec.task), spec.task, found)
    if any(found.get(name) != value for name, value in spec.values.items()):
        raise ValueError("a parameter that was named is another")


def bounds_of(spec: TrainingSpec) -> Bounds:
    """What the job says; else its usual bounds."""
    asked, most = spec.tune, 500
    if asked is not None and (asked.trials is not None or asked.seconds is not None):
        return Bounds(asked.trials or most, asked.seconds)
    return Bounds(AUTO_TRIALS, AUTO_SECONDS) if spec.model == AUTO.name else Bounds(TRIALS, None)


def asked_seconds(spec: TrainingSpec) -> int:
    """What the job itself asks for, of its searches together: one, and another in each fold."""
    if spec.tune is None or spec.tune.seconds is None:
        return 0
    return spec.tune.seconds * (1 if spec.cv is None else 1 + spec.cv.folds)


def n_folds_of(n_rows: int) -> int:
    """Folds of so many training rows."""
    return min(FOLDS if n_rows < MANY_ROWS else FEW_FOLDS, n_rows // 2)


def compared_types(spec: TrainingSpec, n_rows: int) -> tuple[ModelType, ...]:
    """The types that `auto` compares on so many training rows, or the one that is tuned."""
    if spec.model != AUTO.name:
        return (find_model_type(spec.model, spec.task),)
    return tuple(model for model in types_of(spec.task) if model.starts and why_not(model, spec, n_rows) is None)


def why_not(model: ModelType, spec: TrainingSpec, n_rows: int) -> NotCompared | None:
    """Why `auto` does not compare a type on so many rows: none where it does."""
    if model.max_rows is not None and n_rows > model.max_rows:
        return "too_many_rows"
    if spec.weights is not None and not model.takes_weights:
        return "rows_weighed"
    if spec.preparation.missing == "keep" and not model.takes_missing:
        return "missing_kept"
    try:
        check_terms(model, len(spec.features), {})
    except ValueError:
        return "too_many_terms"
    return None


def fold_seconds(model: ModelType, spec: TrainingSpec, n_rows: int) -> float:
    """What one fold of one setting takes: the fit to its part of so many training rows, and the rest."""
    n_folds = n_folds_of(max(n_rows, 4))
    return fit_seconds(model, spec, round(min(n_rows, model.max_rows or n_rows) * (1 - 1 / n_folds)))


def fit_seconds(model: ModelType, spec: TrainingSpec, n_rows: int) -> float:
    """What the fit to so many rows takes, with the job's parameters, and the scoring."""
    return OVERHEAD_S + model.seconds(Size(n_rows, len(spec.features), spec.task), spec.values)


def search_seconds(spec: TrainingSpec, n_rows: int) -> float:
    """What the search takes on so many training rows; no more than its bound where it has one."""
    if not searches(spec):
        return 0.0
    bounds, types = bounds_of(spec), compared_types(spec, n_rows)
    once = sum(fold_seconds(model, spec, n_rows) for model in types) / max(len(types), 1)
    expected = bounds.trials * SHARE * n_folds_of(max(n_rows, 4)) * once * HARDER
    return expected if bounds.seconds is None else min(expected, bounds.seconds)
