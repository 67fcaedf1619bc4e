"""Predict rows part by part, into a file: memory holds one part, however many there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from adapters.csv_parts import CsvParts
from adapters.data.base import Cancelled
from tools import ml
from tools.predictions.file import open_file, publish
from tools.predictions.parts import Rows, paced
from tools.predictions.preview import Preview, make_preview
from tools.predictions.result import FileWarns, Scored
from tools.predictions.scoring import ScoreSoFar
from tools.predictions.writing import Writing
from tools.warned import Warned

if TYPE_CHECKING:
    import pandas as pd

    from tools.ml.validation import Vector


class Predicting(Protocol):
    """What adds columns to rows: a model at work, or what it has said elsewhere."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it adds."""

    def predict(self, frame: pd.DataFrame) -> Mapping[str, Vector]:
        """These columns for the next rows; ValueError where they do not fit what it was trained on."""


@dataclass(frozen=True)
class Done:
    """The file, and what is said of it."""

    path: Path
    n: int
    summary: ml.NumbersPredicted | ml.ClassesPredicted
    preview: Preview
    scored: Scored | None
    drift: dict[str, float]
    odd: dict[str, ml.Odd]
    is_few: bool
    warned: tuple[Warned, ...]


@dataclass(frozen=True)
class Asked:
    """The model, and the table's columns with how many rows it has."""

    model_id: str
    metadata: ml.Metadata
    predictor: Predicting
    names: tuple[str, ...]
    n_rows: int


def predict_rows(asked: Asked, parts: Iterator[Rows], writing: Writing) -> Done:
    """Predict all rows and write them, with their own columns, in their order.

    Raises
    ------
    ValueError
        If the rows do not fit what the model was trained on.
    Cancelled
        The person stopped it; nothing is kept.
    """
    metadata, predictor = asked.metadata, asked.predictor
    doubts, features = ml.Doubts(metadata.features), [feature.name for feature in metadata.features]
    doubts.check(asked.names, asked.n_rows)
    own = ml.given_names(asked.names, predictor.names)
    summary = ml.NumbersSoFar() if metadata.spec.task == "regression" else ml.ClassesSoFar()
    n, preview, scores = 0, Preview(), ScoreSoFar(metadata, asked.names)
    with open_file([*own, *predictor.names], writing) as file:
        for rows in paced(parts):
            _stop_if_wanted(writing)
            frame = rows.frame(features)
            doubts.see(frame)
            added = predictor.predict(frame)
            summary.add(added["prediction"])
            if scores.is_open:
                scores.add(rows.frame([scores.target])[scores.target], added["prediction"])
            file.write([*rows.columns, *(as_arrow(values) for values in added.values())])
            if n == 0:
                preview = make_preview(own, rows, added)
                writing.data.check_room(file.size_bytes * asked.n_rows // len(rows) - file.size_bytes)
            n += len(rows)
            writing.progress(f"{n:,} of {asked.n_rows:,} rows predicted", n / asked.n_rows)
        _stop_if_wanted(writing)
        path = publish(file, asked.model_id, writing)
    scored, said = scores.told()
    warned = (*doubts.warned(), *said, *_formulas(file, writing))
    return Done(path, n, summary.told(), preview, scored, doubts.drift(), doubts.odd(), doubts.is_few, warned)


def as_arrow(values: Vector) -> pa.Array:
    """Predictions or probabilities as a column; classes are words."""
    return (
        pa.array(values, from_pandas=True) if values.dtype.kind in "biuf" else pa.array(map(str, values), pa.string())
    )


def _stop_if_wanted(writing: Writing) -> None:
    if writing.cancel.is_set():
        raise Cancelled("stopped; no file of predictions is kept")


def _formulas(file: CsvParts, writing: Writing) -> list[Warned]:
    warns = FileWarns.FORMULAS_AS_THEY_ARE if writing.raw_csv else FileWarns.FORMULAS_QUOTED
    return [warns(n=file.n_formulas)] if file.n_formulas else []
