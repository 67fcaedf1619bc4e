"""Predictions on the machine of a job: parts of the table in, a file of what is added to each part out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adapters.compute.worker_files import OUT, PART, TABLE
from adapters.data.parquet import read_batches
from adapters.packed_columns import pack_columns
from adapters.records import PredictionSpec
from tools import ml
from tools.predictions.parts import PART_ROWS, Rows


def predict_job(work: PredictionSpec, n_rows: int, folder: Path, report: Callable[[str, float], None]) -> int:
    """Predict the folder's table with the folder's model; gives how many rows there were.

    Parameters
    ----------
    report : callable
        Gets a sentence and the share of the work that is done.

    Raises
    ------
    ValueError
        If the model is not the one of the work, or the rows are not as many, or such as it takes.
    """
    report("loading", 0.02)
    predictor = ml.Predictor(*ml.load_stated(folder, work.files), work.each_class, work.cut)
    out, n = folder / OUT, 0
    out.mkdir(exist_ok=True)
    for number, batch in enumerate(read_batches(folder / TABLE, PART_ROWS)):
        rows = Rows(tuple(batch.schema.names), tuple(batch.columns))
        (out / PART.format(number)).write_bytes(pack_columns(predictor.predict(rows.frame(work.features))))
        n += len(rows)
        report(f"{n:,} of {n_rows:,} rows predicted", n / max(n_rows, 1))
    if n != n_rows:
        raise ValueError(f"the table has {n:,} rows, and {n_rows:,} were to be predicted")
    return n
