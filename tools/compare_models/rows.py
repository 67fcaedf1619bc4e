"""The rows that models are compared on: none of them was trained on any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from tools.compare_models.result import CompareModelsWarns
from tools.context import ToolContext
from tools.errors import ToolError
from tools.held_out import Held, Tables
from tools.ml.preprocessing import split_columns
from tools.ml.splitting import target_values
from tools.ml.validation import Vector
from tools.warned import Warned

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from adapters.records import Model
    from tools.ml import Metadata, TrainingSpec

CHANCE = 0.001
"""Below it, that many rows alike to training rows are no chance."""


@dataclass(frozen=True)
class Loaded:
    """A model that can be asked."""

    model: Model
    pipeline: Pipeline
    metadata: Metadata


@dataclass(frozen=True)
class Rows:
    """The rows with their targets, and where they are from."""

    kind: Literal["common_test_rows", "dataset"]
    dataset: str
    frame: pd.DataFrame
    y_true: Vector
    models: tuple[Loaded, ...]
    warnings: tuple[Warned, ...]


def common_test_rows(models: Sequence[Model], context: ToolContext) -> Rows:
    """The rows of the table they were all trained on that are test rows of each.

    Raises
    ------
    ToolError
        If they were trained on different tables, a table is gone, or there is no such row.
    """
    tables = Tables(context)
    held = [tables.held_out(model) for model in models]
    first = held[0]
    for other in held[1:]:
        if other.metadata.data_sha256 != first.metadata.data_sha256 or len(other.table) != len(first.table):
            raise ToolError(
                f"{first.model.model_id} was trained on {first.dataset!r} and {other.model.model_id} on "
                f"{other.dataset!r}: name a dataset that neither was trained on"
            )
    common = sorted(set.intersection(*(set(one.split.test.index) for one in held)))
    if not common:
        raise ToolError(
            "no row is a test row of all these models: train them with the same seed, test_size, groups and time, or "
            "name a dataset"
        )
    frame, warns = first.table.loc[common], CompareModelsWarns
    warnings = [
        warns.PART_OF_THE_TEST_ROWS(n=len(common), of=len(one.split.test), model=one.model.model_id)
        for one in held
        if len(common) < len(one.split.test)
    ]
    loaded = tuple(Loaded(one.model, one.pipeline, one.metadata) for one in held)
    y_true = target_values(first.metadata.spec, frame)
    return Rows("common_test_rows", first.dataset, frame, y_true, loaded, tuple(warnings))


def rows_of_dataset(models: Sequence[Model], name: str, where: str | None, context: ToolContext) -> Rows:
    """The rows of a dataset with the target, once it is known that no model was trained on them.

    Raises
    ------
    ToolError
        If the dataset lacks a column, has no row with a target, or holds rows that a model was trained on.
    """
    dataset = context.data.get(name)
    loaded = tuple(Loaded(model, *context.models.load(model)) for model in models)
    target = loaded[0].metadata.spec.target
    needed = {target, *(name for one in loaded for name in one.metadata.spec.kinds)}
    lacking = sorted(needed - {column.name for column in dataset.columns})
    if lacking:
        raise ToolError(f"{dataset.name!r} lacks {', '.join(map(repr, lacking[:10]))}, which these models need")
    with context.data.open(dataset.name, where, context.watch) as table:
        whole = table.frame(sorted(needed))
    frame = whole[whole[target].notna()]
    if frame.empty:
        raise ToolError(f"no row of {dataset.name!r} has a value of {target!r} to compare with")
    warnings = [CompareModelsWarns.WITHOUT_TARGET(n=n, target=target)] if (n := len(whole) - len(frame)) else []
    try:
        y_true = target_values(loaded[0].metadata.spec, frame)
        for one in loaded:
            warnings += _check_strange(one, frame, dataset.name, context)
    except (ValueError, TypeError) as error:
        raise ToolError(f"{dataset.name!r} does not hold what these models were trained on: {error}") from error
    return Rows("dataset", dataset.name, frame, y_true, loaded, tuple(warnings))


def _check_strange(one: Loaded, frame: pd.DataFrame, name: str, context: ToolContext) -> list[Warned]:
    """Refuse rows that the model was trained on; some may be alike to them by chance, as its test rows are."""
    spec, warns, model_id = one.metadata.spec, CompareModelsWarns, one.model.model_id
    try:
        held: Held = Tables(context).held_out(one.model)
    except ToolError:
        _keys(spec, frame)
        return [warns.NOT_CHECKED(model=model_id)]
    trained = _keys(spec, held.split.train)
    alike = int(np.isin(_keys(spec, frame), trained).sum())
    if not alike:
        return []
    by_chance = (np.isin(_keys(spec, held.split.test), trained).sum() + 1) / (len(held.split.test) + 2)
    if stats.binomtest(alike, len(frame), by_chance, alternative="greater").pvalue < CHANCE:
        raise ToolError(
            f"{alike:,} of {len(frame):,} rows of {name!r} are rows that {model_id} was trained on: it would look "
            "better than it is; leave out dataset to compare on common test rows, or name rows that are new to it"
        )
    return [warns.ALIKE_ROWS(n=alike, model=model_id)]


def _keys(spec: TrainingSpec, frame: pd.DataFrame) -> Any:
    """A number for each row, the same for rows of the same target and features."""
    columns = split_columns(frame, spec.kinds)
    columns[("the target",)] = target_values(spec, frame)
    return pd.util.hash_pandas_object(columns, index=False).to_numpy()
