"""What a bot keeps: an update once, its answer with its end, a code used once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.store.conversations import ConversationTable
from adapters.store.database import Database, open_postgres, open_sqlite
from adapters.store.inbox import InboxTable
from adapters.store.tables import telegram_outbox
from adapters.store.telegram import KEPT_FOR, SendState, Sent, UpdateState, UpdateTable
from adapters.store.telegram_people import CODE_LIFE, PeopleTable

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, database_url: str | None) -> Iterator[Database]:
    database = open_postgres(database_url) if database_url else open_sqlite(tmp_path / "t.db")
    yield database
    database.close()


def test_an_update_is_kept_once_and_waits_until_it_is_finished(database: Database) -> None:
    table = UpdateTable(database, 1)
    assert table.add(7, "42", {"text": "a"}, NOW)
    assert not table.add(7, "42", {"text": "a"}, NOW)
    assert UpdateTable(database, 2).add(7, "42", {"text": "another bot's"}, NOW)
    assert [(one.update_id, one.state) for one in table.open()] == [(7, UpdateState.WAITING)]
    table.finish(7, "42", [{"text": "answer"}], NOW)
    table.finish(7, "42", [{"text": "answer"}], NOW)
    assert table.open() == []
    assert [one.content for one in table.unsent()] == [{"text": "answer"}]
    assert not table.add(7, "42", {"text": "a"}, NOW + timedelta(hours=1))


def test_an_answered_update_is_forgotten_after_two_days_and_an_open_one_is_not(database: Database) -> None:
    table = UpdateTable(database, 1)
    table.add(1, "42", {}, NOW)
    table.add(2, "42", {}, NOW)
    table.finish(1, "42", [], NOW)
    table.add(3, "42", {}, NOW + KEPT_FOR + timedelta(seconds=1))
    assert [one.update_id for one in table.open()] == [2, 3]
    assert table.add(1, "42", {}, NOW + KEPT_FOR + timedelta(seconds=2))


def test_words_are_in_the_inbox_when_the_update_says_so(database: Database) -> None:
    table = UpdateTable(database, 1)
    row = ConversationTable(database).begin("ann", "offline", "", [], NOW)
    table.add(5, "42", {"text": "hello"}, NOW)
    words_id = table.take(5, row, "hello", 4, NOW)
    kept = table.get(5)
    assert (kept.state, kept.conversation_id, kept.from_position) == (UpdateState.TAKEN, row.conversation_id, 4)
    assert [(one.words_id, one.words) for one in InboxTable(database).waiting(row)] == [(words_id, "hello")]


def test_what_was_tried_is_still_unsent_and_what_was_sent_is_not(database: Database) -> None:
    table = UpdateTable(database, 1)
    table.put("42", [{"n": 1}, {"n": 2}, {"n": 3}], NOW)
    first, second, third = table.unsent()
    table.mark(first.entry_id, SendState.SENT)
    table.mark(second.entry_id, SendState.TRIED)
    assert [(one.content["n"], one.state) for one in table.unsent()] == [(2, SendState.TRIED), (3, SendState.WAITING)]
    assert UpdateTable(database, 2).unsent() == []
    table.mark(third.entry_id, SendState.REFUSED)
    assert [one.content["n"] for one in table.unsent()] == [2]


def test_what_was_sent_is_forgotten_in_time_and_what_was_not_is_kept(database: Database) -> None:
    table, other = UpdateTable(database, 1), UpdateTable(database, 2)
    table.put("42", [{"n": 1}, {"n": 2}], NOW)
    other.put("42", [{"n": 3}], NOW)
    for one in (table.unsent()[0], other.unsent()[0]):
        UpdateTable(database, 1 if one.content["n"] == 1 else 2).mark(one.entry_id, SendState.SENT)
    table.put("42", [{"n": 4}], NOW + KEPT_FOR)
    table.mark(table.unsent()[-1].entry_id, SendState.SENT)
    table.forget_sent(NOW + timedelta(seconds=1))
    with database.read() as connection:
        left = connection.execute(sa.select(telegram_outbox.c.content)).scalars().all()
    assert [content["n"] for content in left] == [2, 3, 4]


def test_each_person_has_a_conversation_of_their_own_in_a_chat(database: Database) -> None:
    table = UpdateTable(database, 1)
    log = ConversationTable(database)
    first, second = (log.begin("ann", "offline", "", [], NOW).conversation_id for _ in range(2))
    table.hold("-100", 1, first)
    table.hold("-100", 2, second)
    assert (table.conversation_of("-100", 1), table.conversation_of("-100", 2)) == (first, second)
    assert table.conversation_of("-100:7", 1) is None
    table.hold("-100", 1, second)
    assert table.conversation_of("-100", 1) == second


def test_a_message_with_a_key_is_kept_once_and_found_again(database: Database) -> None:
    table = UpdateTable(database, 1)
    assert table.put("42", [{"text": "the end"}, {"text": "more"}], NOW, "end:job_1")
    assert not table.put("42", [{"text": "the end"}, {"text": "more"}], NOW, "end:job_1")
    assert UpdateTable(database, 2).put("42", [{"text": "another bot's"}], NOW, "end:job_1")
    table.put("42", [{"text": "a card", "key": "card:1"}], NOW)
    table.put("42", [{"text": "a card", "key": "card:1"}, {"text": "after it"}], NOW)
    assert [one.content["text"] for one in table.unsent()] == ["the end", "more", "a card", "after it"]
    table.mark(table.unsent()[2].entry_id, SendState.SENT, 17)
    table.forget_sent(NOW + timedelta(days=30))
    assert table.sent(["card:1", "card:2"]) == {
        "card:1": Sent("42", {"text": "a card", "key": "card:1"}, SendState.SENT, 17)
    }


def test_what_a_person_prefers_is_kept(database: Database) -> None:
    table = PeopleTable(database)
    assert table.preferences(42) == {}
    table.prefer(42, {"previews": False})
    table.prefer(42, {"previews": True})
    assert (table.preferences(42), table.preferences(43)) == ({"previews": True}, {})


def test_a_code_lets_one_person_in(database: Database) -> None:
    table = PeopleTable(database)
    code = table.make_code(NOW)
    assert not table.pair("not-it", 1, "Ann", NOW)
    said: list[bool] = []
    threads = [
        threading.Thread(target=lambda user=user: said.append(table.pair(code, user, "Ann", NOW))) for user in (1, 2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False, True]
    assert [table.has(user) for user in (1, 2)].count(True) == 1


def test_a_code_is_good_for_a_day(database: Database) -> None:
    table = PeopleTable(database)
    code = table.make_code(NOW)
    assert not table.pair(code, 1, "Ann", NOW + CODE_LIFE)
    assert table.pair(code, 1, "Ann", NOW + CODE_LIFE - timedelta(seconds=1))
    assert [(user, name) for user, name, _ in table.all()] == [(1, "Ann")]
