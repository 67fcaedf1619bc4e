"""The state on a real SQLite file and on a real PostgreSQL server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.records import Added, Column, Dataset, Message
from adapters.records.warned import Warned
from adapters.store.conversations import ConversationRow, ConversationTable
from adapters.store.database import Database, StoreError, open_postgres, open_sqlite
from adapters.store.datasets import DatasetTable
from adapters.store.inbox import InboxTable
from adapters.store.tables import ledger

NOW = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
PENGUINS = Dataset(
    dataset_id="d1",
    owner_id="ann",
    name="penguins",
    path=Path("/data/d1.duckdb"),
    rows=344,
    columns=(Column("species", "text", 0, 3, "Adelie"),),
    source="penguins.csv",
    sha256="00",
    size_bytes=10,
    warned=(Warned("one", "one thing"),),
    created_at=NOW,
)


@pytest.fixture
def database(tmp_path: Path, database_url: str | None) -> Iterator[Database]:
    database = open_postgres(database_url) if database_url else open_sqlite(tmp_path / "state" / "statagent.db")
    yield database
    database.close()


def test_a_dataset_comes_back_as_it_went_in(database: Database) -> None:
    table = DatasetTable(database)
    table.add_dataset(PENGUINS)
    assert table.datasets("ann") == (PENGUINS,)


def test_a_dataset_takes_the_place_of_the_owners_one_of_its_name_only(database: Database) -> None:
    table = DatasetTable(database)
    table.add_dataset(PENGUINS)
    table.add_dataset(replace(PENGUINS, dataset_id="d2", owner_id="bob"))
    other = replace(PENGUINS, dataset_id="d3", sha256="11")
    assert table.add_dataset(other) == Added(other, PENGUINS, (PENGUINS,))
    assert [d.dataset_id for d in table.datasets("ann")] == ["d3"]
    assert [d.dataset_id for d in table.datasets("bob")] == ["d2"]


def test_dollars_are_exact_and_times_keep_microseconds(database: Database) -> None:
    with database.write() as connection:
        for _ in range(10):
            connection.execute(ledger.insert().values(owner_id="ann", kind="charge", usd=Decimal("0.1"), at=NOW))
    with database.read() as connection:
        total, at = connection.execute(sa.select(sa.func.sum(ledger.c.usd), sa.func.max(ledger.c.at))).one()
    assert (total, at) == (Decimal(1), NOW)


def test_writers_take_turns_and_lose_no_update(database: Database) -> None:
    def add_one() -> None:
        with database.write() as connection:
            n = connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one()
            connection.execute(ledger.insert().values(owner_id="ann", kind=str(n), usd=Decimal(0), at=NOW))

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as connection:
        kinds = connection.execute(sa.select(ledger.c.kind)).scalars().all()
    assert sorted(kinds) == [str(n) for n in range(8)]


def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "statagent.db"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(StoreError, match="file is not a database"):
        open_sqlite(path)


def test_words_that_only_wait_are_in_the_list_of_conversations(database: Database) -> None:
    log, inbox = ConversationTable(database), InboxTable(database)

    def begin(owner: str, hours: int) -> ConversationRow:
        return log.begin(owner, "offline", "system", [], NOW + timedelta(hours=hours))

    begin("ann", 0)
    other, said, waiting = begin("bob", 1), begin("ann", 2), begin("ann", 3)
    inbox.put(other, "bob's words", NOW)
    log.append(said, Message(0, "user", [{"type": "text", "text": "describe penguins"}]), NOW + timedelta(hours=4))
    inbox.put(said, "and by sex", NOW + timedelta(hours=5))
    inbox.put(waiting, "how many\nrows", NOW + timedelta(hours=6))
    inbox.put(waiting, "and columns", NOW + timedelta(hours=7))
    listed = [(entry.conversation_id, entry.begins) for entry in log.recent("ann", 20)]
    assert listed == [(waiting.conversation_id, "how many rows"), (said.conversation_id, "describe penguins")]
