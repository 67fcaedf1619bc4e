"""The rows behind the datasets, and which of them a name stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import sqlalchemy as sa

from adapters.records import Added, Column, Dataset, JobState
from adapters.records.warned import read_warned
from adapters.store.database import Database
from adapters.store.tables import datasets, jobs, seen_datasets


class DatasetTable:
    """Datasets by owner; keeps `adapters.data.base.DatasetRows`.

    Of the owner's datasets of one name one is current. A conversation that has seen an earlier one keeps it; what is
    not current, was seen by no conversation and is needed by no open job is gone.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_dataset(self, dataset: Dataset, conversation_id: str | None = None) -> Added:
        """Let the dataset's name stand for it, for the owner and in this conversation; others keep what they saw."""
        same_name = (datasets.c.owner_id == dataset.owner_id) & (datasets.c.name == dataset.name)
        with self._database.write() as connection:
            there = connection.execute(sa.select(datasets).where(same_name)).all()
            seen = _seen(connection, dataset.owner_id, conversation_id).get(dataset.name)
            earlier = next((_dataset(row) for row in there if row.dataset_id == seen), None)
            earlier = earlier or next((_dataset(row) for row in there if row.is_current), None)
            kept = _twin(dataset, [_dataset(row) for row in there]) or dataset
            connection.execute(datasets.update().where(same_name).values(is_current=False))
            if kept is dataset:
                values = asdict(dataset) | {"path": str(dataset.path), "is_current": True}
                values["warnings"] = values.pop("warned")
                connection.execute(datasets.insert().values(values))
            else:
                # Its warnings too, whose words are the same: what was stored before they had codes has them now.
                kept = replace(kept, source=dataset.source, created_at=dataset.created_at, warned=dataset.warned)
                again = {"is_current": True, "source": kept.source, "created_at": kept.created_at}
                again["warnings"] = list(map(asdict, kept.warned))
                connection.execute(datasets.update().where(datasets.c.dataset_id == kept.dataset_id).values(again))
            if conversation_id is not None:
                _forget(connection, conversation_id, dataset)
                _keep(connection, conversation_id, kept)
            unused = same_name & ~datasets.c.is_current & datasets.c.dataset_id.not_in(_all_seen())
            unused &= datasets.c.dataset_id.not_in(_in_use(connection, dataset.owner_id))
            gone = connection.execute(sa.select(datasets).where(unused)).all()
            connection.execute(datasets.delete().where(unused))
        is_other = earlier is not None and earlier.dataset_id != kept.dataset_id
        return Added(kept, earlier if is_other else None, tuple(map(_dataset, gone)))

    def datasets(self, owner_id: str, conversation_id: str | None = None) -> tuple[Dataset, ...]:
        """The owner's datasets, newest first: of each name the one that the conversation saw, else the current one."""
        query = sa.select(datasets).where(datasets.c.owner_id == owner_id).order_by(datasets.c.created_at.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            seen = _seen(connection, owner_id, conversation_id)
        return tuple(
            _dataset(row) for row in rows if (row.dataset_id == seen[row.name] if row.name in seen else row.is_current)
        )

    def see(self, dataset: Dataset, conversation_id: str) -> bool:
        """Keep that the conversation has seen it; False if it is gone, or the name stands for another one there."""
        with self._database.read() as connection:
            seen = _seen(connection, dataset.owner_id, conversation_id)
        if dataset.name not in seen:
            with self._database.write() as connection:
                seen = _seen(connection, dataset.owner_id, conversation_id)
                is_there = sa.select(datasets.c.dataset_id).where(datasets.c.dataset_id == dataset.dataset_id)
                if dataset.name not in seen and connection.execute(is_there).first() is not None:
                    _keep(connection, conversation_id, dataset)
                    seen[dataset.name] = dataset.dataset_id
        return seen.get(dataset.name) == dataset.dataset_id

    def dataset(self, owner_id: str, dataset_id: str) -> Dataset | None:
        """The owner's dataset of that id, whatever its name stands for now."""
        query = sa.select(datasets).where(datasets.c.owner_id == owner_id, datasets.c.dataset_id == dataset_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _dataset(row)

    def versions(self, owner_id: str) -> tuple[Dataset, ...]:
        """All the owner's datasets, also those that only some conversations see; the newest first."""
        query = sa.select(datasets).where(datasets.c.owner_id == owner_id).order_by(datasets.c.created_at.desc())
        with self._database.read() as connection:
            return tuple(map(_dataset, connection.execute(query).all()))

    def in_use(self, owner_id: str) -> dict[str, str]:
        """The datasets that the owner's open jobs are about, each with a job's id."""
        with self._database.read() as connection:
            return _in_use(connection, owner_id)

    def forget(self, owner_id: str, dataset_ids: Sequence[str]) -> None:
        """Remove these rows, for every conversation."""
        mine = (datasets.c.owner_id == owner_id) & datasets.c.dataset_id.in_(dataset_ids)
        seen = (seen_datasets.c.owner_id == owner_id) & seen_datasets.c.dataset_id.in_(dataset_ids)
        with self._database.write() as connection:
            connection.execute(seen_datasets.delete().where(seen))
            connection.execute(datasets.delete().where(mine))

    def paths(self) -> frozenset[Path]:
        """The files that rows name, whoever's they are."""
        with self._database.read() as connection:
            return frozenset(map(Path, connection.execute(sa.select(datasets.c.path)).scalars()))


def _twin(dataset: Dataset, there: Sequence[Dataset]) -> Dataset | None:
    """One that holds the same: the same content, read in the same way."""

    def content(one: Dataset) -> tuple[object, ...]:
        return (one.sha256, one.rows, one.columns, one.warnings, one.recipe)

    return next((one for one in there if content(one) == content(dataset) and one.path.is_file()), None)


def _seen(connection: sa.Connection, owner_id: str, conversation_id: str | None) -> dict[str, str]:
    """The id that each name stands for in the owner's conversation."""
    if conversation_id is None:
        return {}
    query = sa.select(seen_datasets.c.name, seen_datasets.c.dataset_id)
    whose = (seen_datasets.c.owner_id == owner_id) & (seen_datasets.c.conversation_id == conversation_id)
    return {str(row.name): str(row.dataset_id) for row in connection.execute(query.where(whose))}


def _all_seen() -> sa.Select[tuple[str]]:
    return sa.select(seen_datasets.c.dataset_id)


def _in_use(connection: sa.Connection, owner_id: str) -> dict[str, str]:
    is_open = jobs.c.state.not_in([state for state in JobState if state.is_final])
    query = sa.select(jobs.c.spec, jobs.c.job_id).where(jobs.c.owner_id == owner_id, is_open)
    return {spec.dataset_id: job_id for spec, job_id in connection.execute(query).all()}


def _keep(connection: sa.Connection, conversation_id: str, dataset: Dataset) -> None:
    values = {"conversation_id": conversation_id, "name": dataset.name, "dataset_id": dataset.dataset_id}
    connection.execute(seen_datasets.insert().values(values | {"owner_id": dataset.owner_id}))


def _forget(connection: sa.Connection, conversation_id: str, dataset: Dataset) -> None:
    whose = (seen_datasets.c.owner_id == dataset.owner_id) & (seen_datasets.c.conversation_id == conversation_id)
    connection.execute(seen_datasets.delete().where(whose, seen_datasets.c.name == dataset.name))


def _dataset(row: sa.Row[tuple[object, ...]]) -> Dataset:
    values = dict(row._mapping)
    del values["is_current"]
    values["path"] = Path(values["path"])
    values["columns"] = tuple(Column(**column) for column in values["columns"])
    values["warned"] = tuple(map(read_warned, values.pop("warnings")))
    return Dataset(**values)
