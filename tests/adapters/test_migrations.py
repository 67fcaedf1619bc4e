"""The state's schema: from nothing, from each earlier version, and never from a newer one."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from adapters.errors import AdapterError
from adapters.store import database as store
from adapters.store import migrations
from adapters.store.database import Database, StoreError, open_postgres, open_sqlite
from adapters.store.datasets import DatasetTable
from adapters.store.tables import metadata

VERSIONS = [f"{number:04}" for number in range(1, 14)]
OLD_ROW = {
    "dataset_id": "d1", "owner_id": "ann", "name": "old", "path": "/data/d1.duckdb", "rows": 1,
    "columns": json.dumps([{"name": "a", "type": "text", "missing": 0, "distinct": 1, "example": "x"}]),
    "source": "old.csv", "sha256": "00", "size_bytes": 10, "warnings": '["look"]', "created_at": 1_000_000,
}  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, empty_database_url: str | None) -> str:
    """Where the database is: a path or a URL."""
    return empty_database_url or str(tmp_path / "statagent.db")


def open_at(place: str) -> Database:
    return open_postgres(place) if "://" in place else open_sqlite(Path(place))


@pytest.fixture
def engine(place: str) -> Iterator[sa.Engine]:
    url = place.replace("postgresql://", "postgresql+psycopg://") if "://" in place else f"sqlite:///{place}"
    engine = sa.create_engine(url)
    yield engine
    engine.dispose()


def test_the_programs_version_is_the_newest_step() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__ or "").parent))
    assert script.get_current_head() == store.SCHEMA_VERSION == VERSIONS[-1]
    assert [step.revision for step in script.walk_revisions()][::-1] == VERSIONS


def test_an_empty_database_comes_to_the_tables_of_the_code(place: str, engine: sa.Engine) -> None:
    open_at(place).close()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_an_earlier_database_keeps_its_rows(place: str, engine: sa.Engine, version: str) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection, version)
        connection.execute(sa.table("datasets", *map(sa.column, OLD_ROW)).insert().values(OLD_ROW))
    database = open_at(place)
    (dataset,) = DatasetTable(database).datasets("ann")
    database.close()
    assert (dataset.name, dataset.columns[0].name, dataset.recipe) == ("old", "a", None)
    assert (dataset.warnings, [one.code for one in dataset.warned]) == (("look",), ["earlier"])
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_database_from_before_versions_is_taken_over(place: str, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection, "0001")
        connection.execute(sa.text("DROP TABLE alembic_version"))
        connection.execute(sa.table("datasets", *map(sa.column, OLD_ROW)).insert().values(OLD_ROW))
    database = open_at(place)
    assert [dataset.name for dataset in DatasetTable(database).datasets("ann")] == ["old"]
    database.close()


def test_a_newer_programs_database_is_left_alone(place: str, engine: sa.Engine) -> None:
    open_at(place).close()
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(AdapterError, match="newer statagent"):
        open_at(place)


def test_a_step_that_fails_leaves_the_database_as_it_was(place: str, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection, "0001")
        connection.execute(sa.text("ALTER TABLE datasets ADD COLUMN recipe TEXT"))
        connection.execute(sa.text("CREATE TABLE before_it (a INTEGER)"))
    with pytest.raises((StoreError, sa.exc.DatabaseError), match="recipe"):
        open_at(place)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() == "0001"


def test_programs_that_open_it_at_once_take_the_steps_once(place: str) -> None:
    problems: list[AdapterError] = []

    def open_it() -> None:
        try:
            open_at(place).close()
        except AdapterError as error:
            problems.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://ann:hush-hush@127.0.0.1:1/x", "cannot open the database on 127.0.0.1"),
        ("mysql://ann:hush-hush@127.0.0.1/x", "kind 'mysql' is not known"),
        ("ann:hush-hush@127.0.0.1", "is no database URL"),
    ],
)
def test_a_database_that_is_not_there_is_one_sentence_without_the_password(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words) as caught:
        open_postgres(url)
    assert "hush" not in str(caught.value)
