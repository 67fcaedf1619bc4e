"""Predictions for new rows: a model, and what is added to each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tools.ml.metadata import Metadata
from tools.ml.prediction_doubts import Doubts
from tools.ml.predictor import Predictor, given_names
from tools.ml.spec import FeatureKind
from tools.ml.wrong_kinds import LONGEST, WrongKind, WrongKindsError, type_of
from tools.warned import Warned

CHUNK_ROWS = 50_000


@dataclass(frozen=True)
class Prediction:
    """The table with the columns `added` behind its own, and what was doubtful."""

    table: pd.DataFrame
    added: tuple[str, ...]
    warnings: tuple[Warned, ...]


def predict_table(pipeline: Pipeline, metadata: Metadata, frame: pd.DataFrame, each_class: bool = False) -> Prediction:
    """Predict every row of a table that has the columns of the training schema; others are carried along.

    Raises
    ------
    ValueError
        If the table has no rows, lacks a column of the schema, or a column holds another kind of value; if the
        probability of `each_class` is asked of a model that has none.
    """
    doubts, predictor = Doubts(metadata.features), Predictor(pipeline, metadata, each_class)
    doubts.check(list(frame.columns), len(frame))
    doubts.see(frame)
    parts = [predictor.predict(frame.iloc[start : start + CHUNK_ROWS]) for start in range(0, len(frame), CHUNK_ROWS)]
    added = {name: np.concatenate([part[name] for part in parts]) for name in predictor.names}
    given = given_names(list(frame.columns), predictor.names)
    return Prediction(frame.set_axis(given, axis="columns").assign(**added), predictor.names, tuple(doubts.warned()))


def table_of_rows(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, FeatureKind]) -> pd.DataFrame:
    """Rows given in words as a table with every column of `kinds` (name to number, category, date or boolean).

    What a row does not name is missing.

    Raises
    ------
    ValueError
        If a row names a column that is not among `kinds`.
    WrongKindsError
        If a value is not of the column's kind.
    """
    unknown = [name for row in rows for name in row if name not in kinds]
    if unknown:
        raise ValueError(f"the model has no column {unknown[0]!r}; it has {', '.join(map(repr, kinds))}")
    columns: dict[str, pd.Series] = {}
    wrong: list[WrongKind] = []
    for name, kind in kinds.items():
        values = pd.Series([row.get(name) for row in rows], dtype="object")
        read = values if kind == "category" else _read(values, kind)
        is_lost = read.isna() & values.notna()
        if is_lost.any():
            lost = values[is_lost]
            wrong.append(
                WrongKind(name, kind, type_of(lost), int(values.count()), len(lost), str(lost.iloc[0])[:LONGEST])
            )
        columns[name] = read
    if wrong:
        raise WrongKindsError(wrong)
    return pd.DataFrame(columns)


def _read(values: pd.Series, kind: FeatureKind) -> pd.Series:
    """As what they are, missing where they cannot be read so."""
    if kind == "date":
        is_number = values.map(lambda value: isinstance(value, bool | int | float))
        return pd.to_datetime(values.where(~is_number), errors="coerce", format="mixed")
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.where(numbers.isin([0.0, 1.0])) if kind == "boolean" else numbers
