"""One owner's trained models: folders that hold them, rows that list them."""

from __future__ import annotations

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
from tools.card_text import card_of
from tools.errors import ToolError
from tools.model_ids import check_name, find_model, ids_for, is_version, known_names, no_model
from tools.model_room import MOST_BYTES, check_room, make_room, size_bytes

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

LONGEST_LOG = 2**20


class Models:
    """Models under `models/user_<id>/<model_id>/`; a folder is there whole or not at all."""

    def __init__(
        self,
        rows: ModelTable,
        owner_id: str,
        home: Path,
        key: Callable[[], bytes],
        clock: Callable[[], datetime],
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._rows = rows
        self._owner_id = owner_id
        self._folder = home / "models" / f"user_{owner_id}"
        self._key = key
        self._clock = clock
        self._most_bytes = most_bytes

    def all(self) -> tuple[Model, ...]:
        """Newest first."""
        return self._rows.models(self._owner_id)

    def get(self, name: str) -> Model:
        """The model of that id, else the newest of that name, type or target; `prices:2` is its version 2.

        Raises
        ------
        ToolError
            With the models that there are.
        """
        models = self.all()
        found = find_model(name, models)
        if found is None:
            raise no_model(name, models)
        return found

    def deleted(self) -> tuple[Model, ...]:
        """Deleted models that can be brought back, the one deleted last first."""
        there = [model for model in self._rows.deleted(self._owner_id) if model.path.is_dir()]
        return tuple(sorted(there, key=lambda model: str(model.deleted_at), reverse=True))

    def of_job(self, model_id: str) -> Model | None:
        """The model of that id, deleted or not: what became of a job stays true."""
        rows = (*self.all(), *self._rows.deleted(self._owner_id))
        return next((model for model in rows if model.model_id == model_id), None)

    def rename(self, model: Model, name: str) -> int:
        """Call all versions of the model so; gives how many there are.

        Raises
        ------
        ToolError
            If the name is none, means something already, or is read as the version of another.
        """
        check_name(name, model, (*self.all(), *self.deleted()))
        return self._rows.rename(model, name)

    def keep_threshold(self, model: Model, cut: tuple[str, float] | None) -> None:
        """Say the event from its threshold on wherever the model predicts; None for the likelier class."""
        self._rows.set_threshold(model, cut)

    def delete(self, model: Model) -> None:
        """Take the model out of the list; its files stay until their room is needed.

        Raises
        ------
        ToolError
            If it is deleted already.
        """
        if not self._rows.set_deleted(model, self._clock()):
            raise ToolError(f"{model.model_id} is deleted already")

    def restore(self, name: str | None) -> Model:
        """Bring back the deleted model of that name, or the one deleted last.

        Raises
        ------
        ToolError
            If there is no such, or it was brought back meanwhile.
        """
        deleted = self.deleted()
        if not deleted:
            raise ToolError("no model is deleted that could be brought back")
        found = deleted[0] if name is None else find_model(name, deleted)
        if found is None:
            raise ToolError(f"no deleted model {name!r:.80}; {name_choices(name or '', known_names(deleted))}")
        if not self._rows.set_deleted(found, None):
            raise ToolError(f"{found.model_id} was brought back already")
        return found

    def check_room(self) -> None:
        """ToolError, which names the largest, where the models take all the room that they may."""
        check_room(self.all(), self._most_bytes)

    def load(self, model: Model) -> tuple[Pipeline, ml.Metadata]:
        """The pipeline and its metadata; ToolError if the files are not the ones that were signed."""
        try:
            return ml.load_model(model.path, _whose(model), self._key())
        except ml.ModelFileError as error:
            raise ToolError(str(error)) from error

    def hashes(self, model: Model) -> dict[str, str]:
        """The SHA-256 of each file that a machine loads the model from; ToolError if they are not signed."""
        try:
            return ml.signed_hashes(model.path, _whose(model), self._key())
        except ml.ModelFileError as error:
            raise ToolError(str(error)) from error

    def log(self, model: Model) -> str:
        """What the training said of itself; empty where the file is gone."""
        try:
            with ml.open_plain_file(model.path / ml.LOG) as file:
                return file.read(LONGEST_LOG).decode("utf-8", "replace")
        except (FileNotFoundError, ml.ModelFileError):
            return ""

    def install(self, job: Job, output: Path, cost: ml.Cost | None = None) -> Model:
        """Take over what a worker wrote: check it, sign it, move it into its place, give the row that is to be added.

        Doing it again, after a crash between this and the row, gives the same model.

        Raises
        ------
        ToolError
            If it is no model, or not the one that was asked for.
        """
        spec = job.spec.training
        for model_id in ids_for(job):
            place = self._folder / model_id
            model = Model(model_id, self._owner_id, spec.model, spec.target, 0, place, {}, job.job_id, self._clock())
            if not place.exists() and not self._rows.is_taken(model_id):
                self._take_over(output, model, job.spec, cost)
            if ml.is_signed(place, _whose(model), self._key()):
                break
        return replace(model, metadata=self.load(model)[1].as_json())

    def _take_over(self, output: Path, model: Model, asked: JobSpec, cost: ml.Cost | None) -> None:
        former = next((one for one in self.all() if is_version(one, model)), None)
        parent = None if former is None else ml.Former(model_id=former.model_id, version=former.version)
        kept = ml.Kept(dataset=asked.dataset, model_id=model.model_id, job_id=model.job_id, parent=parent, cost=cost)
        with workplace(self._folder) as place:
            try:
                told = ml.take_over(output, place / model.model_id, asked.training, asked.data_sha256, kept)
            except ml.ModelFileError as error:
                raise ToolError(str(error)) from error
            ml.write_card(place / model.model_id, card_of(model, told))
            ml.sign_model(place / model.model_id, _whose(model), self._key())
            coming = size_bytes(replace(model, path=place / model.model_id))
            make_room(self.all(), self.deleted(), coming, self._most_bytes)
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
