"""A conversation keeps the dataset that it has seen, by id, until it loads another under that name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.data.base import DataError, LoadOptions, Watch
from adapters.data.duck import DuckData
from adapters.records import Dataset
from adapters.store.database import open_postgres, open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.first_database import used_database

PLAIN = LoadOptions()
WATCH = Watch(threading.Event(), lambda sentence, fraction: None)


@pytest.fixture
def data(tmp_path: Path, database_url: str | None) -> Iterator[DuckData]:
    database = open_postgres(database_url) if database_url else open_sqlite(used_database(tmp_path / "statagent.db"))
    for folder, values in {"a": "1\n2\n3", "b": "10\n20"}.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "t.csv").write_text(f"x\n{values}\n")
    yield DuckData(DatasetTable(database), "ann", tmp_path / "home", [tmp_path], lambda: datetime.now(UTC))
    database.close()


def load(data: DuckData, path: Path) -> Dataset:
    return data.load(str(path), None, PLAIN, WATCH)


def total(data: DuckData) -> int:
    with data.open("t") as table:
        ((found,),) = table.fetch("SELECT sum(x) FROM data")
    assert data.query("SELECT sum(x) FROM t", 1, WATCH).rows == ((found,),)
    return int(str(found))


def stored(tmp_path: Path) -> int:
    return len(list((tmp_path / "home" / "data" / "user_ann").glob("*.duckdb")))


def test_another_conversation_does_not_change_this_ones_data(data: DuckData, tmp_path: Path) -> None:
    first, second = data.seen_by("c1"), data.seen_by("c2")
    load(first, tmp_path / "a" / "t.csv")
    made = load(second, tmp_path / "b" / "t.csv")
    assert (total(first), total(second)) == (6, 30)
    assert "t stood for 3 rows from" in made.warnings[-1]
    # What is made of it under the same name elsewhere is this conversation's too.
    assert first.save_query("SELECT sum(x) AS s FROM t", "sums", 1, WATCH).dataset.rows == 1
    with data.seen_by("c3").open("t") as table:
        assert table.dataset.rows == 2


def test_a_name_is_kept_from_its_first_use(data: DuckData, tmp_path: Path) -> None:
    load(data, tmp_path / "a" / "t.csv")
    uses: tuple[Callable[[DuckData], object], ...] = (
        lambda one: one.get("t"),
        lambda one: one.query("SELECT count(*) FROM t", 1, WATCH),
    )
    for number, use in enumerate(uses):
        conversation = data.seen_by(f"c{number}")
        use(conversation)
        load(data, tmp_path / "b" / "t.csv")
        assert total(conversation) == 6
        load(data, tmp_path / "a" / "t.csv")


def test_the_same_file_again_is_the_same_dataset(data: DuckData, tmp_path: Path) -> None:
    first = load(data.seen_by("c1"), tmp_path / "a" / "t.csv")
    again = load(data.seen_by("c2"), tmp_path / "a" / "t.csv")
    assert again.dataset_id == first.dataset_id
    assert again.warnings == first.warnings
    assert stored(tmp_path) == 1
    # Back to an earlier file: its dataset is still there, for the conversation that saw it, and is current again.
    load(data.seen_by("c2"), tmp_path / "b" / "t.csv")
    back = load(data.seen_by("c2"), tmp_path / "a" / "t.csv")
    assert back.dataset_id == first.dataset_id == data.get("t").dataset_id
    assert "t stood for 2 rows" in back.warnings[-1]
    assert stored(tmp_path) == 1


def test_a_conversation_that_loads_another_has_that(data: DuckData, tmp_path: Path) -> None:
    conversation = data.seen_by("c1")
    first = load(conversation, tmp_path / "a" / "t.csv")
    load(conversation, tmp_path / "b" / "t.csv")
    assert total(conversation) == 30
    # Nobody else saw the first one: nothing of it is left.
    assert data.version(first.dataset_id) is None
    assert stored(tmp_path) == 1


def test_what_a_name_stood_for_is_found_by_its_id_for_its_owner_alone(data: DuckData, tmp_path: Path) -> None:
    first = load(data.seen_by("c1"), tmp_path / "a" / "t.csv")
    load(data.seen_by("c2"), tmp_path / "b" / "t.csv")
    assert data.version(first.dataset_id) is not None
    bob = DuckData(data._rows, "bob", tmp_path / "home", [], data._clock)
    assert bob.version(first.dataset_id) is None
    with pytest.raises(DataError, match="nothing is loaded yet"):
        bob.seen_by("c1").get("t")
    # A conversation of the same name is another owner's own.
    home = tmp_path / "home"
    carl = DuckData(data._rows, "carl", home, [tmp_path], data._clock).seen_by("c1")
    load(carl, tmp_path / "b" / "t.csv")
    assert (total(carl), total(data.seen_by("c1"))) == (30, 6)


def test_read_otherwise_it_is_another_dataset(data: DuckData, tmp_path: Path) -> None:
    first = load(data, tmp_path / "a" / "t.csv")
    other = data.load(str(tmp_path / "a" / "t.csv"), None, LoadOptions(header=False), WATCH)
    assert other.dataset_id != first.dataset_id
