"""The rows behind the datasets."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from adapters.records import Column, Dataset
from adapters.store.database import Database
from adapters.store.tables import datasets


class DatasetTable:
    """Datasets by owner; keeps `adapters.data.base.DatasetRows`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_dataset(self, dataset: Dataset) -> tuple[Dataset, ...]:
        """Insert the row in place of the owner's dataset of the same name; gives the rows it replaced."""
        same_name = (datasets.c.owner_id == dataset.owner_id) & (datasets.c.name == dataset.name)
        values = asdict(dataset) | {"path": str(dataset.path)}
        with self._database.write() as connection:
            replaced = connection.execute(sa.select(datasets).where(same_name)).all()
            connection.execute(datasets.delete().where(same_name))
            connection.execute(datasets.insert().values(values))
        return tuple(_dataset(row) for row in replaced)

    def datasets(self, owner_id: str) -> tuple[Dataset, ...]:
        """The owner's datasets, newest first."""
        query = sa.select(datasets).where(datasets.c.owner_id == owner_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(datasets.c.created_at.desc())).all()
        return tuple(_dataset(row) for row in rows)


def _dataset(row: sa.Row[tuple[object, ...]]) -> Dataset:
    values = dict(row._mapping)
    values["path"] = Path(values["path"])
    values["columns"] = tuple(Column(**column) for column in values["columns"])
    values["warnings"] = tuple(values["warnings"])
    return Dataset(**values)
