"""What a job has predicted becomes a file of the owner's: with the table's own columns, checked, whole or not there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.count_words import counted
from adapters.data.base import Data
from adapters.data.workplace import workplace
from adapters.records import Dataset, Job, Model, PredictionSpec
from tools.errors import ToolError
from tools.predictions.result import Predicted
from tools.results import Artifact

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

    from tools.ml.metadata import Metadata

RESULT = "predicted.json"
"""Beside the file: what is said of it."""


@dataclass(frozen=True)
class Keeping:
    """Where one owner's files are, and whether text stands in them as it is."""

    data: Data
    folder: Path
    raw_csv: bool

    def artifact_of(self, job: Job) -> Artifact | None:
        """The file of a job's predictions, once it is there."""
        if job.result is None or job.result.predicted is None:
            return None
        found = Predicted.model_validate(job.result.predicted)
        path = self.folder / job.job_id / found.artifact
        return Artifact(path, "csv", f"{counted(found.n, 'prediction')} of {found.target}")

    def install(
        self,
        job: Job,
        work: PredictionSpec,
        dataset: Dataset,
        model: Model,
        loaded: tuple[Pipeline, Metadata],
        output: Path,
    ) -> Predicted:
        """Write what a machine left as a file with the table's own columns; again, after a crash, gives the same one.

        Raises
        ------
        ToolError
            If it is not what this model can have said of these rows.
        """
        place = self.folder / job.job_id
        if not (place / RESULT).exists():
            with workplace(self.folder) as made:
                found = self._write(job, work, dataset, model, loaded, output, made)
                (made / "whole").mkdir()
                (made / found.artifact).rename(made / "whole" / found.artifact)
                (made / "whole" / RESULT).write_text(found.model_dump_json(exclude_unset=True), encoding="utf-8")
                (made / "whole").replace(place)
        return Predicted.model_validate_json((place / RESULT).read_text(encoding="utf-8"))

    def _write(
        self,
        job: Job,
        work: PredictionSpec,
        dataset: Dataset,
        model: Model,
        loaded: tuple[Pipeline, Metadata],
        output: Path,
        folder: Path,
    ) -> Predicted:
        # scikit-learn and pandas load when they are first used: the prompt waits for neither.
        from tools import ml, predictions
        from tools.predictions.fetched import FetchedPredictions
        from tools.predictions.writing import Writing

        pipeline, metadata = loaded
        classes = None if work.task == "regression" else [str(name) for name in pipeline[-1].classes_]
        writing = Writing(self.data, folder, _always(job.created_at), self.raw_csv, threading.Event(), _untold)
        try:
            predictor = ml.Predictor(pipeline, metadata, work.each_class, work.cut)
            said = FetchedPredictions(output, predictor.names, classes)
            with self.data.open_version(dataset) as table:
                names = tuple(column.name for column in dataset.columns)
                asked = predictions.Asked(model.model_id, metadata, said, names, dataset.rows)
                done = predictions.predict_rows(asked, predictions.rows_of_table(table), writing)
            said.finish()
        except ValueError as error:
            raise ToolError(f"the predictions cannot be used: {error}") from error
        return predictions.predicted(model, metadata, done, dataset, work.cut, work.threshold_kept)


def _always(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def _untold(sentence: str, fraction: float | None) -> None:
    """Nobody waits for it."""
