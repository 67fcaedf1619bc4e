"""The first rows of a table that is to be predicted: whether the model takes them, and how long it takes for them."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from adapters.data.base import DuckTable
from tools import ml
from tools.predictions.kinds import check_kinds
from tools.predictions.parts import PART_ROWS, Rows

N_ROWS = 5_000
BASE_BYTES, MODEL_TIMES, CELL_BYTES = 400 * 2**20, 8, 80
"""Libraries; how much larger a model is in memory than its file; of a cell, on its way to the estimator."""


@dataclass(frozen=True)
class FirstLook:
    """What the first `n` rows show; `seconds` are those of all rows on one core of this machine."""

    n: int
    seconds: float
    memory_bytes: int
    odd: dict[str, ml.Odd]


def first_look(table: DuckTable, metadata: ml.Metadata, predictor: ml.Predictor, model_bytes: int) -> FirstLook:
    """Look at the first 5,000 rows, and predict them twice: the first time warms up.

    Raises
    ------
    ValueError
        If the table cannot be predicted by this model: names the columns that it lacks, or that hold another kind.
    """
    dataset, features = table.dataset, [feature.name for feature in metadata.features]
    doubts = ml.Doubts(metadata.features)
    doubts.check([column.name for column in dataset.columns], dataset.rows)
    check_kinds(table, metadata)
    batch = next(iter(table.batches(N_ROWS)))
    frame = Rows(tuple(batch.schema.names), tuple(batch.columns)).slice(0, N_ROWS).frame(features)
    doubts.see(frame)
    predictor.predict(frame.head(100))
    began = time.perf_counter()
    predictor.predict(frame)
    seconds = (time.perf_counter() - began) * dataset.rows / len(frame)
    part = CELL_BYTES * min(dataset.rows, PART_ROWS) * len(features)
    memory_bytes = math.ceil(BASE_BYTES + MODEL_TIMES * model_bytes + part)
    return FirstLook(len(frame), max(seconds, 0.001), memory_bytes, doubts.odd())
