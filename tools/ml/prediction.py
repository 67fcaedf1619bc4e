"""Predictions for new rows, checked against what training saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from tools.ml.metadata import Metadata, SeenFeature
from tools.ml.prediction_summary import ClassesPredicted, NumbersPredicted
from tools.ml.preprocessing import to_words
from tools.warned import Warned, Warns

CHUNK_ROWS = 50_000
MAX_SHOWN = 5


class PredictionWarns(Warns):
    """What is doubtful about rows that are to be predicted."""

    UNSEEN_VALUES = "{name!r}: {n} rows have values that training never saw ({shown})"
    OUTSIDE_RANGE = "{name!r}: {n} rows are outside the range of training ({low:g} to {high:g})"
    MISSING_VALUES = "{name!r}: {n} rows have no value; the usual one was put in"


@dataclass(frozen=True)
class Prediction:
    """The table with the columns `added` behind its own, and what was doubtful.

    `prediction`; of a number `prediction_low` and `prediction_high`, where its margin is known; of a class its
    `probability`, where the model has one, and `probability_…` of each class where that was asked for.
    """

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
    _check_columns(metadata.features, frame)
    has_probabilities = hasattr(pipeline[-1], "predict_proba")
    if each_class and not has_probabilities:
        raise ValueError(f"each_class: a {metadata.spec.model} ({metadata.spec.task}) gives no probabilities")
    warnings = [warned for feature in metadata.features for warned in _doubts(feature, frame[feature.name])]
    values, probabilities = [], []
    for start in range(0, len(frame), CHUNK_ROWS):
        X = pipeline[:-1].transform(frame.iloc[start : start + CHUNK_ROWS])
        values.append(pipeline[-1].predict(X))
        if has_probabilities:
            probabilities.append(pipeline[-1].predict_proba(X))
    predicted = np.concatenate(values)
    added = {"prediction": predicted}
    if metadata.margin is not None:
        added |= {"prediction_low": predicted - metadata.margin, "prediction_high": predicted + metadata.margin}
    if has_probabilities:
        of_classes = np.concatenate(probabilities)
        added["probability"] = of_classes.max(axis=1)
        for place, name in enumerate(pipeline[-1].classes_ if each_class else ()):
            added[f"probability_{name}"] = of_classes[:, place]
    taken = [name for name in added if name in frame.columns]
    table = frame.rename(columns={name: f"{name}_given" for name in taken}).assign(**added)
    return Prediction(table, tuple(added), tuple(warnings))


def table_of_rows(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, str]) -> pd.DataFrame:
    """Rows given in words as a table with every column of `kinds` (name to number, category, date or boolean).

    What a row does not name is missing.

    Raises
    ------
    ValueError
        If a row names a column that is not among `kinds`, or a value is not of the column's kind.
    """
    unknown = [name for row in rows for name in row if name not in kinds]
    if unknown:
        raise ValueError(f"the model has no column {unknown[0]!r}; it has {', '.join(map(repr, kinds))}")
    columns: dict[str, Any] = {}
    for name, kind in kinds.items():
        values = pd.Series([row.get(name) for row in rows], dtype="object")
        try:
            if kind == "date":
                columns[name] = pd.to_datetime(values)
            else:
                columns[name] = values if kind == "category" else pd.to_numeric(values).astype("float64")
        except (ValueError, TypeError) as error:
            raise ValueError(f"{name!r} must be a {kind}, got {list(values)}") from error
    return pd.DataFrame(columns)


def summarize_predictions(values: Sequence[Any] | NDArray[Any]) -> NumbersPredicted | ClassesPredicted:
    """The predictions in short."""
    array = np.asarray(values)
    if array.dtype.kind in "iuf":
        sd = float(np.std(array, ddof=1)) if len(array) > 1 else None
        return NumbersPredicted(float(np.mean(array)), float(array.min()), float(array.max()), sd)
    labels, counts = np.unique(array, return_counts=True)
    return ClassesPredicted({str(label): int(count) for label, count in zip(labels, counts, strict=True)})


def _check_columns(features: Sequence[SeenFeature], frame: pd.DataFrame) -> None:
    if len(frame) == 0:
        raise ValueError("there are no rows to predict")
    lacking = [feature.name for feature in features if feature.name not in frame.columns]
    if lacking:
        needed = ", ".join(repr(feature.name) for feature in features)
        raise ValueError(f"the table lacks {', '.join(map(repr, lacking))}; the model was trained on {needed}")
    for feature in features:
        values = frame[feature.name]
        if values.isna().all():
            continue
        is_number = pd.api.types.is_numeric_dtype(values.dropna().infer_objects())
        is_date = pd.api.types.is_datetime64_any_dtype(values)
        if feature.kind in ("number", "boolean") and not is_number:
            raise ValueError(f"column {feature.name!r} must hold {feature.kind}s, as in training, not {values.dtype}")
        if feature.kind == "date" and not is_date:
            raise ValueError(f"column {feature.name!r} must hold dates, as in training, not {values.dtype}")


def _doubts(feature: SeenFeature, values: pd.Series) -> list[Warned]:
    name, present = feature.name, values[values.notna()]
    doubts = []
    if feature.kind == "category":
        words = to_words(present)
        unseen = words[~words.isin(feature.values or ())]
        if len(unseen):
            shown = ", ".join(repr(word[:40]) for word in unseen.unique()[:MAX_SHOWN])
            doubts.append(PredictionWarns.UNSEEN_VALUES(name=name, n=len(unseen), shown=shown))
    elif feature.kind == "number" and feature.low is not None:
        outside = int(((present < feature.low) | (present > feature.high)).sum())
        if outside:
            doubts.append(PredictionWarns.OUTSIDE_RANGE(name=name, n=outside, low=feature.low, high=feature.high))
    if n_missing := len(values) - len(present):
        doubts.append(PredictionWarns.MISSING_VALUES(name=name, n=n_missing))
    return doubts
