"""What the outbox holds arrives: in order, through floods, refusals and lost answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telegram import Bot

from adapters.store.database import Database, open_sqlite
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import SendState
from evals.world.bot_api import BotApi, Chat, Fault, Person
from evals.world.bot_api.faults import FaultKind
from evals.world.first_database import used_database
from runtime.telegram.formatting import Entity, Formatted, plain
from runtime.telegram.outgoing import Button, Message, hands_over, replaces, says
from runtime.telegram.pacing import Pace
from runtime.telegram.sender import AGAIN, FILE_AGAIN, UNSURE, Sender
from tools.results import Artifact

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_sqlite(used_database(tmp_path / "t.db"))
    yield database
    database.close()


@pytest.fixture
def person(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")


def deliver(api: BotApi, table: UpdateTable, seconds: float = 20) -> None:
    async def work() -> None:
        async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
            sender = Sender(bot, table, Pace())
            running = asyncio.create_task(sender.run())
            await sender.flush(seconds)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())


def put(table: UpdateTable, *messages: Message, lane: str = "42") -> None:
    table.put(lane, [message.as_json() for message in messages], NOW)


def test_messages_go_in_order_with_their_looks_and_buttons(api: BotApi, person: Person, database: Database) -> None:
    table = UpdateTable(database, 1)
    shown = Formatted("a bold word", (Entity("bold", 2, 4),))
    put(table, *says(plain("one")), *says(shown, [Button("Go", "x")]), *says(plain("three")))
    deliver(api, table)
    assert person.texts() == ["one", "a bold word", "three"]
    [_, second, _] = person.reads()
    assert second["entities"] == [{"type": "bold", "offset": 2, "length": 4}]
    assert second["reply_markup"]["inline_keyboard"] == [[{"text": "Go", "callback_data": "x"}]]
    assert table.unsent() == []


@pytest.mark.parametrize("kind", ["flood", "error", "lost_before", "lost_after"])
def test_what_goes_wrong_loses_nothing_and_a_second_time_is_marked(
    api: BotApi, person: Person, database: Database, kind: FaultKind
) -> None:
    table = UpdateTable(database, 1)
    api.faults.waiting.append(Fault("sendMessage", kind))
    put(table, *says(plain("one")), *says(plain("two")))
    deliver(api, table)
    again = AGAIN + "one"
    wanted = {"flood": ["one"], "error": [again], "lost_before": [again], "lost_after": ["one", again]}[kind]
    assert person.texts() == [*wanted, "two"]


def test_a_message_that_was_tried_before_a_crash_is_sent_again_and_says_so(
    api: BotApi, person: Person, database: Database
) -> None:
    table = UpdateTable(database, 1)
    put(table, *says(plain("one")))
    table.mark(table.unsent()[0].entry_id, SendState.TRIED)
    deliver(api, table)
    assert person.texts() == [AGAIN + "one"]


def test_one_chat_that_is_closed_holds_up_no_other(api: BotApi, person: Person, database: Database) -> None:
    other = Person.joins(api, 43, "Bob")
    table = UpdateTable(database, 1)
    api.faults.waiting.append(Fault("sendMessage", "flood", retry_after=2))
    put(table, *says(plain("to Ann")))
    put(table, *says(plain("to Bob")), lane="43")
    deliver(api, table)
    assert (person.texts(), other.texts()) == (["to Ann"], ["to Bob"])
    assert [call.status for call in api.called("sendMessage")] == [429, 200, 200]


def test_an_answer_is_there_twice_at_most_and_is_asked_for_a_third_time(
    api: BotApi, person: Person, database: Database
) -> None:
    table = UpdateTable(database, 1)
    api.faults.waiting.append(Fault("sendMessage", "lost_after", times=2))
    put(table, *says(plain("one")), *says(plain("two")))
    deliver(api, table)
    assert person.texts() == ["one", AGAIN + "one", UNSURE, "two"]
    number = int(button_of(person).partition(":")[2])
    assert not table.give_out(number, "43")
    assert not UpdateTable(database, 2).give_out(number, "42")
    assert table.give_out(number, "42")
    assert not table.give_out(number, "42")
    deliver(api, table)
    assert person.texts()[-1] == "one"


def button_of(person: Person) -> str:
    """What the newest button gives back when it is pressed."""
    [markup] = [one["reply_markup"] for one in person.reads() if "reply_markup" in one][-1:]
    return str(markup["inline_keyboard"][0][0]["callback_data"])


@pytest.mark.parametrize("state", [SendState.TRIED, SendState.TRIED_TWICE])
def test_kills_within_one_sending_leave_two_copies_at_most(
    api: BotApi, person: Person, database: Database, state: SendState
) -> None:
    table = UpdateTable(database, 1)
    put(table, *says(plain("one")))
    table.mark(table.unsent()[0].entry_id, state)
    deliver(api, table)
    assert person.texts() == ([AGAIN + "one"] if state is SendState.TRIED else [UNSURE])
    assert table.unsent() == []


def test_while_telegram_cannot_be_reached_no_try_is_counted(api: BotApi, person: Person, database: Database) -> None:
    table = UpdateTable(database, 1)
    put(table, *says(plain("one")))

    async def nobody_is_there() -> None:
        async with Bot(api.token, base_url=f"{api.url}/bot") as bot:
            # Nothing listens at this port.
            bot._base_url = f"http://127.0.0.1:9/bot{api.token}"
            sending = asyncio.create_task(Sender(bot, table, Pace()).run())
            await asyncio.sleep(4)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(nobody_is_there())
    deliver(api, table)
    assert person.texts() == ["one"]


def test_a_server_that_fails_again_and_again_gets_it_in_the_end(
    api: BotApi, person: Person, database: Database
) -> None:
    table = UpdateTable(database, 1)
    api.faults.waiting.append(Fault("sendMessage", "error", times=3))
    put(table, *says(plain("one")))
    deliver(api, table)
    assert person.texts() == [AGAIN + "one"]


def test_who_has_blocked_the_bot_is_given_up_and_others_are_not(
    api: BotApi, person: Person, database: Database
) -> None:
    other = Person.joins(api, 43, "Bob")
    person.chat.is_blocked = True
    table = UpdateTable(database, 1)
    put(table, *says(plain("to Ann")))
    put(table, *says(plain("to Bob")), lane="43")
    deliver(api, table)
    assert other.texts() == ["to Bob"]
    assert table.unsent() == []


def test_files_arrive_byte_for_byte(api: BotApi, person: Person, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "predictions.csv"
    path.write_bytes(b"a,b\r\n1,2\n")
    table = UpdateTable(database, 1)
    api.faults.waiting.append(Fault("sendDocument", "lost_after"))
    put(table, *hands_over(Artifact(path, "csv", "Predictions")))
    deliver(api, table)
    first, second = person.reads()
    assert api.chats.files[first["document"]["file_id"]] == path.read_bytes()
    assert first["document"]["file_name"] == "predictions.csv"
    assert (first["caption"], second["caption"]) == ("Predictions", f"Predictions\n{FILE_AGAIN}")


def test_a_file_that_is_gone_or_too_large_is_a_sentence(
    api: BotApi, person: Person, database: Database, tmp_path: Path
) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    table = UpdateTable(database, 1)
    put(table, *hands_over(Artifact(tmp_path / "gone.csv", "csv", "")), *hands_over(Artifact(large, "csv", "")))
    deliver(api, table)
    assert person.texts()[0] == "The file gone.csv is no longer there."
    assert person.texts()[1] == "large.csv was too large and is packed: gunzip large.csv.gz"
    assert str(tmp_path) not in "".join(person.texts())


def test_what_telegram_will_never_take_is_given_up_and_holds_up_nothing(
    api: BotApi, person: Person, database: Database
) -> None:
    old = Person.joins(api, -5, "Team", Chat(-5, "group", "Team"))
    old.chat.moved_to = -1005
    table = UpdateTable(database, 1)
    put(table, *says(plain("to the group as it was")), lane="-5")
    put(table, *says(plain("to Ann")))
    deliver(api, table)
    assert person.texts() == ["to Ann"]
    assert table.unsent() == []
    assert len(api.called("sendMessage")) == 2


@pytest.mark.parametrize("kind", ["flood", "error", "lost_before", "lost_after"])
def test_an_edit_is_made_once_and_leaves_one_message(
    api: BotApi, person: Person, database: Database, kind: FaultKind
) -> None:
    table = UpdateTable(database, 1)
    put(table, *[one.model_copy(update={"key": "card:1"}) for one in says(plain("a card"), [Button("Go", "x")])])
    put(table, replaces("card:1", plain("a card: yes")), replaces("card:2", plain("never sent")))
    api.faults.waiting.append(Fault("editMessageText", kind))
    deliver(api, table)
    [card] = person.reads()
    assert (card["text"], "reply_markup" in card) == ("a card: yes", False)
    assert table.unsent() == []


def test_an_edit_of_a_message_that_is_gone_holds_up_nothing(api: BotApi, person: Person, database: Database) -> None:
    table = UpdateTable(database, 1)
    put(table, *[one.model_copy(update={"key": "card:1"}) for one in says(plain("a card"))])
    deliver(api, table)
    api.chats.messages.clear()
    put(table, replaces("card:1", plain("a card: yes")), *says(plain("after it")))
    deliver(api, table)
    assert person.texts() == ["after it"]


def test_a_message_that_waits_for_a_flood_to_end_is_no_second_time_after_a_crash(
    api: BotApi, person: Person, database: Database
) -> None:
    table = UpdateTable(database, 1)
    api.faults.waiting.append(Fault("sendMessage", "flood", retry_after=60))
    put(table, *says(plain("one")))
    deliver(api, table, seconds=1)
    deliver(api, table)
    assert person.texts() == ["one"]


def test_a_lane_that_fails_is_tried_again_later_and_not_at_once(
    api: BotApi, person: Person, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    table = UpdateTable(database, 1)
    put(table, *says(plain("nowhere")), lane="-")
    put(table, *says(plain("to Ann")))
    deliver(api, table, seconds=1)
    assert person.texts() == ["to Ann"]
    assert len([record for record in caplog.records if "could not be sent" in record.message]) <= 25
