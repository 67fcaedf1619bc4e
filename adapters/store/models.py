"""The rows behind the trained models."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from adapters.records import Model
from adapters.store.database import Database
from adapters.store.tables import models


class ModelTable:
    """Models by owner; a row is added in the transaction that closes the model's job, and stays when it is deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def models(self, owner_id: str) -> tuple[Model, ...]:
        """The owner's models, newest first, without those that are deleted."""
        return self._select(models.c.owner_id == owner_id, models.c.deleted_at.is_(None))

    def deleted(self, owner_id: str) -> tuple[Model, ...]:
        """The owner's deleted models, newest first, those too whose files are gone."""
        return self._select(models.c.owner_id == owner_id, models.c.deleted_at.is_not(None))

    def is_taken(self, model_id: str) -> bool:
        """Whether a row has this id, whoever's it is."""
        query = sa.select(models.c.model_id).where(models.c.model_id == model_id)
        with self._database.read() as connection:
            return connection.execute(query).first() is not None

    def rename(self, model: Model, name: str) -> int:
        """Give all versions of the model this name; gives how many there are that are not deleted."""
        is_there = sa.select(sa.func.count()).select_from(models).where(_line(model), models.c.deleted_at.is_(None))
        with self._database.write() as connection:
            connection.execute(models.update().where(_line(model)).values(name=name))
            return int(connection.execute(is_there).scalar_one())

    def set_threshold(self, model: Model, cut: tuple[str, float] | None) -> None:
        """Keep the event and its threshold with the model, or with None neither."""
        event, threshold = cut or (None, None)
        is_it = (models.c.owner_id == model.owner_id) & (models.c.model_id == model.model_id)
        with self._database.write() as connection:
            connection.execute(models.update().where(is_it).values(event=event, threshold=threshold))

    def set_deleted(self, model: Model, at: datetime | None) -> bool:
        """Delete the model, or with None bring it back; False if it was so already."""
        was = models.c.deleted_at.is_(None) if at is not None else models.c.deleted_at.is_not(None)
        is_it = (models.c.owner_id == model.owner_id) & (models.c.model_id == model.model_id)
        with self._database.write() as connection:
            return connection.execute(models.update().where(is_it, was).values(deleted_at=at)).rowcount == 1

    def paths(self) -> frozenset[Path]:
        """The folders that rows name, whoever's they are."""
        with self._database.read() as connection:
            return frozenset(map(Path, connection.execute(sa.select(models.c.path)).scalars()))

    def _select(self, *conditions: sa.ColumnElement[bool]) -> tuple[Model, ...]:
        query = sa.select(models).where(*conditions).order_by(models.c.created_at.desc(), models.c.version.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Model(**(dict(row._mapping) | {"path": Path(row._mapping["path"])})) for row in rows)


def insert_model(connection: sa.Connection, model: Model) -> None:
    """Add the row as the next version of the owner's models of the same type and target, under their name."""
    same = sa.select(models.c.version, models.c.name).where(_line(model)).order_by(models.c.version.desc()).limit(1)
    former = connection.execute(same).one_or_none()
    version, name = (1, None) if former is None else (former.version + 1, former.name)
    values = asdict(model) | {"path": str(model.path), "version": version, "name": name}
    connection.execute(models.insert().values(values))


def _line(model: Model) -> sa.ColumnElement[bool]:
    """All versions of the model."""
    return sa.and_(models.c.owner_id == model.owner_id, models.c.type == model.type, models.c.target == model.target)
