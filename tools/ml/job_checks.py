"""What of a job is refused before there is a price: parameters, choices that exclude each other, too many terms."""

from __future__ import annotations

from tools.ml.fit_times import Settings
from tools.ml.model_type import ModelType
from tools.ml.model_types import AUTO, MODEL_TYPES
from tools.ml.spec import Setting, Task, TrainingSpec

MAX_TERMS = 2_000
MAX_SHOWN = 40


def check_parameters(model: ModelType, task: Task, settings: Settings) -> None:
    """ValueError for a parameter that the model does not have, or one that cannot be what it is set to."""
    known = {parameter.name: parameter for parameter in model.parameters_of(task)}
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"{model.name} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
        if not known[name].accepts(value):
            raise ValueError(f"{name} must be {known[name].range}, got {_shown(value)}")


def check_choices(model: ModelType, spec: TrainingSpec) -> None:
    """ValueError where the model cannot be fitted as the job says, or two of its choices exclude each other."""
    if spec.preparation.missing == "keep" and not model.takes_missing:
        fitting = [one.name for one in MODEL_TYPES if one.takes_missing and spec.task in one.estimators]
        raise ValueError(f"missing: {model.name} takes no missing numbers; {', '.join(fitting)} do")
    if (
        spec.tune is not None
        and model is not AUTO
        and all(one.name in spec.values for one in model.tried_of(spec.task, spec.defaults))
    ):
        chosen = f": its {model.penalty.parameter} is chosen by cross-validation anyway" if model.penalty else ""
        raise ValueError(f"tune: {model.name} has nothing else to search for{chosen}")
    if spec.stratify and not spec.shuffle:
        raise ValueError("stratify: rows that are not shuffled cannot be stratified")
    if spec.weights is not None and not model.takes_weights:
        raise ValueError(f"weights: {model.name} cannot weigh rows; leave them out, or take another type of model")
    _check_parts(spec)


def _check_parts(spec: TrainingSpec) -> None:
    """ValueError where rows cannot be kept together as the job says."""
    if spec.groups is not None and spec.time is not None:
        raise ValueError("groups and time: rows are parted by one of them; leave out the other")
    own = {"groups": spec.groups, "time": spec.time, "weights": spec.weights}
    for name, column in own.items():
        if column == spec.target:
            raise ValueError(f"{name}: {column!r} is the target")
        if column is not None and spec.stratify and name != "weights":
            raise ValueError(
                f"stratify: classes cannot keep their shares where rows are parted by {name}; leave it out"
            )
    if spec.groups in spec.kinds:
        raise ValueError(f"groups: {spec.groups!r} is a feature too, but no test row has a value that was trained on")
    if spec.weights in spec.kinds:
        raise ValueError(f"weights: {spec.weights!r} is a feature too: leave it out of one of them")
    if spec.groups is not None and not spec.shuffle:
        raise ValueError("shuffle: groups are drawn by the seed; leave it out, or say time to test on the later rows")
    if spec.time is not None and spec.cv is not None and spec.cv.shuffle:
        raise ValueError("cv: in the order of time nothing is shuffled; leave out shuffle")


def check_terms(model: ModelType, n_columns: int, settings: Settings) -> None:
    """ValueError where the model would make more terms of so many columns than can be fitted."""
    n = model.terms(n_columns, settings)
    if n > MAX_TERMS and n != n_columns:
        raise ValueError(
            f"{model.name} makes {n} terms of {n_columns} columns; it can fit {MAX_TERMS}: name fewer features, or a "
            "lower degree"
        )


def _shown(value: Setting) -> str:
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    return shown if len(shown) <= MAX_SHOWN else shown[: MAX_SHOWN - 1] + "…"
