"""Too much of one person, or of a stranger, is told once, and costs nobody else anything."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from telegram import Bot, Update, User

from adapters.store.telegram import UpdateTable
from adapters.store.telegram_people import PeopleTable
from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import bot_process
from evals.world.home import Clock, build_in, used_home
from runtime.session import Session
from runtime.telegram.floods import Floods
from runtime.telegram.inbox import Inbox
from runtime.telegram.people import Access

ANN = 42


@pytest.fixture
def bot() -> Bot:
    bot = Bot("7000000001:AAtoken")
    bot._bot_user = User(7_000_000_001, "Statagent", True, username="statagent_bot")
    return bot


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def session(tmp_path: Path, clock: Clock) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), clock, telegram_allowed="42,43")
    yield session
    session.program.close()


class Arriving:
    """Updates that come to a bot."""

    def __init__(self, session: Session, bot: Bot, most: int) -> None:
        self.bot, self.table = bot, UpdateTable(session.program.database, bot.id)
        people = PeopleTable(session.program.database)
        self.access = Access(session.settings, people, session.clock)
        floods = Floods(bot, self.access, most)
        self.inbox = Inbox(self.table, session.clock, floods.writer)
        self.n = 0

    def comes(self, user_id: int, text: str, chat: int | None = None, kind: str = "message") -> None:
        self.n += 1
        where = {"id": chat or user_id, "type": "private" if chat is None else "supergroup", "title": "t"}
        who = {"id": user_id, "is_bot": False, "first_name": "A"}
        message = {"message_id": self.n, "date": 1_790_000_000, "chat": where, "from": who, "text": text}
        asyncio.run(self.inbox.put(Update.de_json({"update_id": self.n, kind: message}, self.bot)))

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one.lane, str(one.content["text"])) for one in self.table.unsent()]


def test_too_many_messages_are_refused_once_and_others_are_heard(session: Session, bot: Bot, clock: Clock) -> None:
    arriving = Arriving(session, bot, 5)
    for number in range(20):
        arriving.comes(ANN, f"message {number}")
    arriving.comes(43, "hello")
    arriving.comes(ANN, "/stop")
    arriving.comes(ANN, "edited", kind="edited_message")
    waiting = [one.update_id for one in arriving.table.open()]
    assert waiting == [1, 2, 3, 4, 5, 21, 22]
    [(lane, words)] = arriving.told
    assert (lane, words.partition(":")[0]) == ("42", "That is more than 5 messages in a minute")
    assert words.endswith(("in 60 seconds.", "in 59 seconds.", "in 58 seconds."))
    clock.ahead = timedelta(seconds=61)
    arriving.comes(ANN, "again")
    assert arriving.table.open()[-1].update_id == arriving.n


def test_a_stranger_who_floods_is_not_told_that(session: Session, bot: Bot) -> None:
    arriving = Arriving(session, bot, 5)
    for number in range(20):
        arriving.comes(99, f"message {number}")
    assert len(arriving.table.open()) == 5
    assert arriving.told == []


def test_what_is_not_meant_for_the_bot_does_not_count(session: Session, bot: Bot) -> None:
    arriving = Arriving(session, bot, 2)
    for number in range(5):
        arriving.comes(ANN, f"between us {number}", chat=-1001)
    arriving.comes(ANN, "hello")
    assert len(arriving.table.open()) == 6


def test_a_flood_at_a_running_bot(statagent: str, api: BotApi, tmp_path: Path) -> None:
    ann, bob, eve = (Person.joins(api, number, name) for number, name in ((42, "Ann"), (43, "Bob"), (99, "Eve")))
    with bot_process(
        statagent,
        api,
        tmp_path / "home",
        STATAGENT_TELEGRAM_ALLOWED="42,43",
        STATAGENT_TELEGRAM_MAX_PER_MINUTE="3",
    ):
        for _ in range(60):
            ann.says("/cost")
            eve.says("let me in")
        bob.says("/help")
        bob.waits_for("/datasets")
        ann.waits_for(lambda seen: len(seen) == 4)
        ann.waits_for("more than 3 messages in a minute")
        eve.waits_for("This bot is private")
        assert (len(ann.reads()), len(eve.reads())) == (4, 1)
