"""The rows that a model was tested on, found again: its job names the table, and the split hangs on the seed alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.data.parquet import read_parquet
from adapters.data.workplace import workplace
from adapters.records import Model
from tools.context import ToolContext
from tools.errors import ToolError

if TYPE_CHECKING:
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from tools.ml import Metadata
    from tools.ml.splitting import Split

AGREES = 1e-6
"""How near scores are that were computed twice, on machines whose sums may end in other digits."""


@dataclass(frozen=True)
class Held:
    """A loaded model with the table that it was trained on, parted as it was then."""

    model: Model
    pipeline: Pipeline
    metadata: Metadata
    dataset: str
    table: pd.DataFrame
    split: Split


class Tables:
    """Tables that models were trained on, each read once, as a worker reads it."""

    def __init__(self, context: ToolContext) -> None:
        self._context = context
        self._read: dict[str, pd.DataFrame] = {}

    def held_out(self, model: Model) -> Held:
        """The model's training and test rows.

        Raises
        ------
        ToolError
            If the table is gone, or the model does not score on these test rows as it did when it was trained.
        """
        pipeline, metadata = self._context.models.load(model)
        if metadata.spec.test_size == 0:
            raise ToolError(f"{model.model_id} was fitted to all of its rows: none was held out; name a dataset")
        name, table = self._table(model)
        # Loaded when they are first used: the prompt waits for no scikit-learn.
        from tools.ml.counting import weights_of
        from tools.ml.splitting import split_rows
        from tools.ml.validation import score

        lost = f"the test rows of {model.model_id} cannot be found again"
        try:
            split = split_rows(metadata.spec, table)
            weights = weights_of(metadata.spec, split.test)
        except (ValueError, KeyError) as error:
            raise ToolError(f"{lost}: {error}; name a dataset with its target") from error
        scores = score(metadata.spec.task, split.y_test, pipeline.predict(split.test), weights)
        for measure, value in scores.items():
            then = metadata.metrics.get(measure, value)
            if value is not None and then is not None and abs(value - then) > AGREES * max(1.0, abs(then)):
                raise ToolError(f"{lost}: {measure} is {value:.6g} there and was {then:.6g}; name a dataset")
        return Held(model, pipeline, metadata, name, table, split)

    def _table(self, model: Model) -> tuple[str, pd.DataFrame]:
        gone = f"the table that {model.model_id} was trained on is gone; name a dataset with {model.target!r}"
        if model.job_id is None:
            raise ToolError(gone)
        spec = self._context.jobs.get(model.job_id).job.spec
        dataset = self._context.data.version(spec.dataset_id)
        if dataset is None:
            raise ToolError(gone)
        if dataset.dataset_id not in self._read:
            with workplace(dataset.path.parent) as place:
                self._context.data.export(dataset, place / "table.parquet")
                self._read[dataset.dataset_id] = read_parquet(place / "table.parquet")
        return dataset.name, self._read[dataset.dataset_id]
