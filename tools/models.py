"""One owner's trained models: folders that hold them, rows that list them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.data.workplace import workplace
from adapters.names import name_choices
from adapters.records import Job, JobSpec, Model
from adapters.store.models import ModelTable
from tools import ml
from tools.errors import ToolError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


class Models:
    """Models under `models/user_<id>/<model_id>/`; a folder is there whole or not at all."""

    def __init__(
        self, rows: ModelTable, owner_id: str, home: Path, key: Callable[[], bytes], clock: Callable[[], datetime]
    ) -> None:
        self._rows = rows
        self._owner_id = owner_id
        self._folder = home / "models" / f"user_{owner_id}"
        self._key = key
        self._clock = clock

    def all(self) -> tuple[Model, ...]:
        """Newest first."""
        return self._rows.models(self._owner_id)

    def get(self, name: str) -> Model:
        """The model of that id, else the newest of that type, else the newest for that target.

        Raises
        ------
        ToolError
            With the models that there are.
        """
        models = self.all()
        for attribute in ("model_id", "type", "target"):
            for model in models:
                if getattr(model, attribute) == name:
                    return model
        if not models:
            raise ToolError("there is no trained model yet: use estimate_cost, then launch_training")
        raise ToolError(f"no model {name[:80]!r}; {name_choices(name, [model.model_id for model in models])}")

    def load(self, model: Model) -> tuple[Pipeline, ml.Metadata]:
        """The pipeline and its metadata; ToolError if the files are not the ones that were signed."""
        try:
            return ml.load_model(model.path, _whose(model), self._key())
        except ml.ModelFileError as error:
            raise ToolError(str(error)) from error

    def install(self, job: Job, output: Path) -> Model:
        """Take over what a worker wrote: check it, sign it, move it into its place, give the row that is to be added.

        Doing it again, after a crash between this and the row, gives the same model.

        Raises
        ------
        ToolError
            If it is no model, or not the one that was asked for.
        """
        spec = job.spec.training
        label = re.sub(r"\W+", "_", spec.target).strip("_")[:32] or "target"
        model_id = f"{spec.model}_{label}_{job.job_id.removeprefix('job_')[:6]}"
        place = self._folder / model_id
        model = Model(model_id, self._owner_id, spec.model, spec.target, 0, place, {}, job.job_id, self._clock())
        if not place.exists():
            self._take_over(output, model, job.spec)
        return replace(model, metadata=self.load(model)[1].as_json())

    def _take_over(self, output: Path, model: Model, asked: JobSpec) -> None:
        with workplace(self._folder) as place:
            try:
                ml.take_over(output, place / model.model_id, asked.training, asked.data_sha256)
            except ml.ModelFileError as error:
                raise ToolError(str(error)) from error
            ml.sign_model(place / model.model_id, _whose(model), self._key())
            _put(place / model.model_id, model.path)


def _whose(model: Model) -> ml.Whose:
    return ml.Whose(model.owner_id, model.model_id, model.job_id)


def _put(part: Path, place: Path) -> None:
    """Move the folder into its place, unless another program was faster with the same model."""
    try:
        part.replace(place)
    except OSError:
        if not place.exists():
            raise
