"""How much memory a training takes: of the table as it is read and prepared, and of the fit (fit_memory.py)."""

from __future__ import annotations

from collections.abc import Mapping

from tools.ml.fit_times import Size
from tools.ml.job_checks import check_terms
from tools.ml.model_type import ModelType
from tools.ml.search_bounds import compared_types
from tools.ml.spec import TrainingSpec

BASE_BYTES = 310 * 2**20
"""Python and the libraries."""
BYTES_PER_CELL = 8
N_READ, N_PREPARED = 4, 3
"""Copies: of the table as it is read and parted, and of its columns as they are prepared."""
DATE_COLUMNS = 6
USUAL_VALUES = 10
"""Of a category of which nobody has counted them."""


def training_bytes(spec: TrainingSpec, n_rows: int, n_values: Mapping[str, int] | None = None) -> int:
    """About what the training takes at once.

    Parameters
    ----------
    n_values : mapping of a column to its number of different values
        A category becomes a column for each of them, or for each of `max_categories`.
    """
    width = sum(_columns_of(spec, feature.name, feature.kind, n_values or {}) for feature in spec.features)
    table = BYTES_PER_CELL * n_rows * (N_READ * (len(spec.features) + 1) + N_PREPARED * width)
    n_trained = round(n_rows * (1 - spec.test_size))
    fits = [_fit_bytes(one, spec, n_trained, width) for one in compared_types(spec, n_trained)]
    return round(BASE_BYTES + table + max(fits, default=0.0))


def _fit_bytes(model: ModelType, spec: TrainingSpec, n_rows: int, width: int) -> float:
    """Of the fit; nothing where it will be refused, as it makes too many terms of the prepared columns."""
    try:
        check_terms(model, width, spec.values)
    except ValueError:
        return 0.0
    return model.memory_bytes(Size(min(n_rows, model.max_rows or n_rows), width, spec.task), spec.values)


def _columns_of(spec: TrainingSpec, name: str, kind: str, n_values: Mapping[str, int]) -> int:
    if kind == "date":
        return DATE_COLUMNS
    if kind != "category" or spec.preparation.encode == "ordinal":
        return 1
    return max(1, min(n_values.get(name, USUAL_VALUES), spec.preparation.max_categories))
