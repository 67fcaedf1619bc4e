"""A small model with its files, a table for it, and what it says of each row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from adapters.compute.base import Staged
from adapters.compute.worker_files import METADATA, MODEL, TABLE, hash_of
from adapters.packed_columns import pack_columns, unpack_columns
from adapters.records import Feature, PredictionSpec, TrainingSpec
from tools import ml


@dataclass(frozen=True)
class SmallModel:
    """The folder of its files and of the table, the work, and the columns that it adds, as a part brings them back."""

    folder: Path
    work: PredictionSpec
    said: dict[str, pd.Series]

    def files(self) -> Staged:
        """What is to be staged."""
        return {name: _copying(self.folder / name) for name in (TABLE, MODEL, METADATA)}


def small_model(folder: Path, n_rows: int) -> SmallModel:
    """Train a logistic regression of words and numbers, and have it predict so many rows."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=n_rows), "b": rng.choice(["x", "y", "z"], n_rows)})
    frame["c"] = np.where(frame["a"] + (frame["b"] == "x") + rng.normal(size=n_rows) / 5 > 0.5, "yes", "no")
    features = (Feature(name="a", kind="number"), Feature(name="b", kind="category"))
    training = TrainingSpec(target="c", task="classification", features=features, model="logistic_regression")
    ml.fit_job(training, frame, "sha", folder, lambda sentence, share: None, False)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT a, b FROM frame) TO '{folder / TABLE}' (FORMAT parquet)")
    work = PredictionSpec(
        model_id="m1", model="logistic_regression", target="c", task="classification",
        files={name: hash_of(folder / name) for name in (MODEL, METADATA)}, features=("a", "b"),
    )  # fmt: skip
    predictor = ml.Predictor(*ml.load_stated(folder, work.files), False, None)
    return SmallModel(folder, work, unpack_columns(pack_columns(predictor.predict(frame[["a", "b"]]))))


def differing(model: SmallModel, output: Path, part_rows: int, n_rows: int) -> str | None:
    """What is wrong with the parts of so many rows: one too many or too few, or another than the model says here."""
    names = [f"part_{number:06d}.npz" for number in range(-(-n_rows // part_rows))]
    found = sorted(path.name for path in output.iterdir())
    if found != names:
        return f"the parts are {found}"
    parts = [unpack_columns((output / name).read_bytes()) for name in names]
    for name, values in model.said.items():
        if not pd.concat([part[name] for part in parts], ignore_index=True).equals(values.iloc[:n_rows]):
            return f"{name} differs"
    return None


def _copying(source: Path) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(source.read_bytes())
