"""How long a whole training takes: search, fit and what is looked at after it, and all of that in each fold."""

from __future__ import annotations

from tools.ml.fit_times import Size
from tools.ml.model_types import expected_seconds
from tools.ml.search_bounds import compared_types, search_seconds
from tools.ml.spec import TrainingSpec


def training_seconds(spec: TrainingSpec, n_rows: int) -> float:
    """What the training takes on one core of the project's machine."""
    n_trained = round(n_rows * (1 - spec.test_size))
    found = search_seconds(spec, n_trained)
    models = compared_types(spec, n_trained)
    # Which type wins is not known before: the mean of those that are compared.
    once = sum(expected_seconds(spec.model_copy(update={"model": one.name}), n_rows) for one in models) / len(models)
    if spec.cv is None:
        return once + found
    rows = round(n_rows * (1 - 1 / spec.cv.folds))
    again = sum(
        one.seconds(Size(min(rows, one.max_rows or rows), len(spec.features), spec.task), spec.values) for one in models
    )
    return once + found + spec.cv.folds * (again / len(models) + search_seconds(spec, rows))
