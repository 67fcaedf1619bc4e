"""What a bot keeps: an update once, its answer with its end, a code used once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.records import Json
from adapters.store.conversations import ConversationTable
from adapters.store.database import Database, open_postgres, open_sqlite
from adapters.store.inbox import InboxTable
from adapters.store.tables import telegram_outbox
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_limits import Once, Told, Writer
from adapters.store.telegram_people import CODE_LIFE, PeopleTable
from adapters.store.telegram_rows import KEPT_FOR, Arrival, SendState, Sent, UpdateState
from evals.world.first_database import used_database

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path, database_url: str | None) -> Iterator[Database]:
    database = open_postgres(database_url) if database_url else open_sqlite(used_database(tmp_path / "t.db"))
    yield database
    database.close()


def test_an_update_is_kept_once_and_waits_until_it_is_finished(database: Database) -> None:
    table = UpdateTable(database, 1)
    assert table.add_all([Arrival(7, "42", {"text": "a"})], NOW)
    assert not table.add_all([Arrival(7, "42", {"text": "a"})], NOW)
    assert UpdateTable(database, 2).add_all([Arrival(7, "42", {"text": "another bot's"})], NOW)
    assert [(one.update_id, one.state) for one in table.open()] == [(7, UpdateState.WAITING)]
    table.finish(7, "42", [{"text": "answer"}], NOW)
    table.finish(7, "42", [{"text": "answer"}], NOW)
    assert table.open() == []
    assert [one.content for one in table.unsent()] == [{"text": "answer"}]
    assert not table.add_all([Arrival(7, "42", {"text": "a"})], NOW + timedelta(hours=1))


def test_an_answered_update_is_forgotten_after_two_days_and_an_open_one_is_not(database: Database) -> None:
    table = UpdateTable(database, 1)
    table.add_all([Arrival(1, "42", {})], NOW)
    table.add_all([Arrival(2, "42", {})], NOW)
    table.finish(1, "42", [], NOW)
    table.add_all([Arrival(3, "42", {})], NOW + KEPT_FOR + timedelta(seconds=1))
    assert [one.update_id for one in table.open()] == [2, 3]
    assert table.add_all([Arrival(1, "42", {})], NOW + KEPT_FOR + timedelta(seconds=2))


def test_words_are_in_the_inbox_when_the_update_says_so(database: Database) -> None:
    table = UpdateTable(database, 1)
    row = ConversationTable(database).begin("ann", "offline", "", [], NOW)
    table.add_all([Arrival(5, "42", {"text": "hello"})], NOW)
    words_id = table.take(5, row, "hello", 4, NOW)
    assert table.take(5, row, "hello", 6, NOW) is None
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


def test_who_writes_more_than_so_much_in_a_minute_is_told_once_and_what_was_too_much_is_not_kept(
    database: Database,
) -> None:
    table = UpdateTable(database, 1)
    ann = Writer(42, 2, lambda wait: [{"text": f"wait {wait.total_seconds():.0f}"}])
    bob = Writer(43, 2, lambda wait: [{"text": "not told"}])
    moments = [NOW + timedelta(seconds=second) for second in (0, 10, 20, 30, 59, 61)]
    kept = [
        len(table.add_all([Arrival(place, "42", {"text": str(place)}, ann)], moment))
        for place, moment in enumerate(moments)
    ]
    assert kept == [1, 1, 0, 0, 0, 1]
    assert table.add_all([Arrival(7, "43", {}, bob)], moments[3])
    assert [one.content for one in table.unsent()] == [{"text": "wait 40"}]
    assert [one.update_id for one in table.open()] == [0, 1, 5, 7]
    assert not table.add_all([Arrival(2, "42", {"text": "2"}, ann)], NOW + timedelta(minutes=5))
    assert table.get(2).content == {}
    for place, moment in enumerate((70, 81), start=8):
        kept_then = table.add_all([Arrival(place, "42", {}, ann)], NOW + timedelta(seconds=moment))
        assert len(kept_then) == (1 if place == 8 else 0)
    assert len(table.unsent()) == 2


def test_what_is_told_once_in_a_while_is_told_again_after_it(database: Database) -> None:
    table, hour = UpdateTable(database, 1), timedelta(hours=1)
    eve = Once(99, Told.STRANGER, hour)
    for place, moment in enumerate((timedelta(0), timedelta(minutes=59), hour, -hour)):
        table.add_all([Arrival(place, "99", {})], NOW)
        table.finish_once(place, "99", [{"at": place}], NOW + moment, eve)
    assert table.open() == []
    assert [one.content["at"] for one in table.unsent()] == [0, 2, 3]


def test_updates_that_are_answered_with_another_are_part_of_it(database: Database) -> None:
    table = UpdateTable(database, 1)
    row = ConversationTable(database).begin("ann", "offline", "", [], NOW)
    other = ConversationTable(database).begin("ann", "offline", "", [], NOW)
    for update_id in (1, 2, 3, 4):
        table.add_all([Arrival(update_id, "42", {"n": update_id})], NOW)
    table.join(1, [table.get(2)])
    leader = table.join(1, [table.get(3)])
    assert leader.content == {"n": 1, "joined": [{"n": 2}, {"n": 3}]}
    assert [one.update_id for one in table.open()] == [1, 4]
    assert table.begin(1, row, 7).from_position == 7
    begun = table.begin(1, other, 9)
    assert (begun.conversation_id, begun.from_position, begun.state) == (row.conversation_id, 7, UpdateState.WAITING)


def test_a_batch_is_kept_whole_or_not_at_all_and_each_update_of_it_once(database: Database) -> None:
    table = UpdateTable(database, 1)
    table.add_all([Arrival(2, "42", {"n": 2})], NOW)
    batch = [Arrival(update_id, "42", {"n": update_id}) for update_id in (1, 2, 3, 3)]
    found = table.add_all(batch, NOW)
    assert [one.update_id for one in found] == [1, 3]
    assert found == [table.get(1), table.get(3)]
    ann = Writer(42, 1, lambda wait: [{"text": "wait"}])
    refused = table.add_all([Arrival(update_id, "42", {}, ann) for update_id in (4, 5)], NOW)
    assert [one.update_id for one in refused] == [4]

    def breaks(wait: timedelta) -> list[Json]:
        raise RuntimeError("in the middle of a batch")

    later = NOW + timedelta(minutes=2)  # when the refusal is due again
    table.add_all([Arrival(6, "42", {}, ann)], later)
    with pytest.raises(RuntimeError, match="in the middle"):
        table.add_all([Arrival(7, "43", {}), Arrival(8, "42", {}, Writer(42, 1, breaks))], later)
    assert [one.update_id for one in table.open()] == [1, 2, 3, 4, 6]
