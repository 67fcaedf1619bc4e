"""One part of a table on a machine that predicts others too: the model is kept, rows are read by their numbers."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from adapters.compute.worker_files import OUT, PART, TABLE
from adapters.data.parquet import read_part
from adapters.packed_columns import pack_columns
from adapters.records import PredictionSpec
from tools import ml
from tools.predictions.parts import Rows


@dataclass
class PartPredictor:
    """The model of the last part, for the next one of the same work."""

    _last: tuple[PredictionSpec, ml.Predictor] | None = field(default=None)

    def predict(self, work: PredictionSpec, folder: Path, number: int, first: int, rows: int) -> str:
        """Predict so many rows of the folder's table from `first` on, into its part of that number; gives the SHA-256.

        The part is whole under its name, or not there; the same rows make the same bytes, so a second one does no harm.

        Raises
        ------
        ValueError
            If the model is not the one of the work, or the rows are not there, or not such as it takes.
        """
        batch = read_part(folder / TABLE, first, rows)
        frame = Rows(tuple(batch.schema.names), tuple(batch.columns)).frame(work.features)
        content = pack_columns(self._predictor(work, folder).predict(frame))
        out = folder / OUT / PART.format(number)
        out.parent.mkdir(exist_ok=True)
        part = folder / f"{out.name}.{secrets.token_hex(4)}.part"
        try:
            part.write_bytes(content)
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
        return hashlib.sha256(content).hexdigest()

    def _predictor(self, work: PredictionSpec, folder: Path) -> ml.Predictor:
        if self._last is None or self._last[0] != work:
            self._last = work, ml.Predictor(*ml.load_stated(folder, work.files), work.each_class, work.cut)
        return self._last[1]
