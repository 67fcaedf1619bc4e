"""The rows behind the trained models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from adapters.records import Model
from adapters.store.database import Database
from adapters.store.tables import models


class ModelTable:
    """Models by owner; a row is added in the transaction that closes the model's job."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def models(self, owner_id: str) -> tuple[Model, ...]:
        """The owner's models, newest first."""
        query = sa.select(models).where(models.c.owner_id == owner_id).order_by(models.c.created_at.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Model(**(dict(row._mapping) | {"path": Path(row._mapping["path"])})) for row in rows)

    def paths(self) -> frozenset[Path]:
        """The folders that rows name, whoever's they are."""
        with self._database.read() as connection:
            return frozenset(map(Path, connection.execute(sa.select(models.c.path)).scalars()))


def insert_model(connection: sa.Connection, model: Model) -> None:
    """Add the row; its version counts the owner's models of the same type and target."""
    same = (models.c.owner_id == model.owner_id) & (models.c.type == model.type) & (models.c.target == model.target)
    n_before = connection.execute(sa.select(sa.func.count()).select_from(models).where(same)).scalar_one()
    values = asdict(model) | {"path": str(model.path), "version": n_before + 1}
    connection.execute(models.insert().values(values))
