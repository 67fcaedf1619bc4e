"""What an owner keeps on the disk, and how it is removed: all of it, nothing else, nobody else's, whatever dies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.data.base import DataError, LoadOptions
from adapters.data.disk_room import used_bytes
from adapters.data.duck import DuckData
from adapters.data.workplace import sweep
from adapters.store.database import Database, open_sqlite
from adapters.store.datasets import DatasetTable
from evals.world.files import watch
from evals.world.home import DATABASE, used_home

FIRST, SECOND = b"a,b\n1,2\n3,4\n", b"a,b\n5,6\n"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return open_sqlite(used_home(tmp_path / "home") / DATABASE)


def data_of(database: Database, home: Path, owner: str = "ann") -> DuckData:
    return DuckData(DatasetTable(database), owner, home, [], lambda: datetime.now(UTC))


def send(data: DuckData, name: str, content: bytes, wished: str | None = None) -> None:
    data.load(data.receive(name, [content], watch()), wished, LoadOptions(), watch())


@pytest.fixture
def ann(database: Database, tmp_path: Path) -> DuckData:
    return data_of(database, tmp_path / "home")


def test_a_dataset_is_removed_with_its_upload_and_its_versions(ann: DuckData, tmp_path: Path) -> None:
    send(ann, "t.csv", FIRST)
    ann.seen_by("c1").get("t")
    send(ann, "t.csv", SECOND)
    ann.receive("broken.csv", [b"x"], watch())
    assert sorted(holding.name for holding in ann.holdings()) == ["broken.csv", "t"]
    assert sum(holding.size_bytes for holding in ann.holdings()) == ann.used_bytes()
    before = ann.used_bytes()
    freed = ann.remove("t").size_bytes
    assert ann.used_bytes() == before - freed == 1
    assert ann.all() == ann.seen_by("c1").all() == ()
    assert ann.remove("broken.csv").size_bytes == 1
    assert ann.used_bytes() == 0
    assert ann.holdings() == []
    with pytest.raises(DataError, match=r"nothing of yours is called 't', or it was removed already"):
        ann.remove("t")


def test_of_two_uploads_of_one_name_each_goes_with_its_own_dataset(ann: DuckData) -> None:
    send(ann, "t.csv", FIRST)
    send(ann, "t.csv", SECOND, "other")
    by_name = {holding.name: holding for holding in ann.holdings()}
    contents = {name: [p.read_bytes() for p in one.files if p.name == "t.csv"] for name, one in by_name.items()}
    assert contents == {"t": [FIRST], "other": [SECOND]}
    ann.remove(by_name["other"].key)
    assert [dataset.name for dataset in ann.all()] == ["t"]
    assert ann.load(ann.receive("t.csv", [FIRST], watch()), None, LoadOptions(), watch()).rows == 2


def test_nobody_removes_what_is_somebody_elses(ann: DuckData, database: Database, tmp_path: Path) -> None:
    bob = data_of(database, tmp_path / "home", "bob")
    send(ann, "t.csv", FIRST)
    [mine] = ann.holdings()
    for name in ("t", mine.key, "../user_ann/t"):
        with pytest.raises(DataError):
            bob.remove(name)
    send(bob, "t.csv", SECOND)
    bob.remove("t")
    assert [dataset.rows for dataset in ann.all()] == [2]
    assert all(path.is_file() for path in mine.files)


class Dies(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_what_dies_while_it_removes_leaves_nothing_behind_for_ever(
    ann: DuckData, database: Database, tmp_path: Path, is_forgotten: bool
) -> None:
    class Dying(DatasetTable):
        def forget(self, owner_id: str, dataset_ids: Sequence[str]) -> None:
            if is_forgotten:
                super().forget(owner_id, dataset_ids)
            raise Dies

    send(ann, "t.csv", FIRST)
    dying = DuckData(Dying(database), "ann", tmp_path / "home", [], lambda: datetime.now(UTC))
    with pytest.raises(Dies):
        dying.remove("t")
    folder = tmp_path / "home" / "data" / "user_ann"
    sweep(folder, DatasetTable(database).paths)
    if is_forgotten:
        with pytest.raises(DataError, match="removed already"):
            ann.remove("t")
    else:
        assert ann.remove("t").name == "t"
    assert used_bytes(folder) == 0
    assert ann.all() == ()
