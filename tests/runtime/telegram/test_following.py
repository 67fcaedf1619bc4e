"""A job has one message that follows it, and one that tells its end, whatever dies in between."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from telegram import Bot

from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import Arrival
from agent.offline import OfflineModel
from evals.world.bot_api import BotApi, Fault, Person
from evals.world.home import PENGUINS, build_in, used_home, wait_until
from evals.world.sent_file import send_file
from runtime.session import Session
from runtime.telegram.asked import Asked
from runtime.telegram.following import Following
from runtime.telegram.pacing import Pace
from runtime.telegram.sender import Sender
from runtime.telegram.turns import Turns

ANN = 42


class Training:
    """Ann's training, just started; the bot beside it is made anew by `with_bot`."""

    def __init__(self, api: BotApi, session: Session) -> None:
        self.api, self.table = api, UpdateTable(session.program.database, 1)
        self.turns = Turns(session.program, self.table)
        self.session = self.turns.session(ANN)
        self.n_updates = 0
        send_file(self.turns, ANN, PENGUINS)
        self.turns.say(self.asked(), "train a random forest for species")
        self.turns.say(self.asked(), "yes")
        for entry in self.table.unsent():
            self.table.mark(entry.entry_id, entry.state.SENT)
        [job] = self.session.jobs.all()
        self.job_id = job.job_id

    def asked(self) -> Asked:
        self.n_updates += 1
        self.table.add_all([Arrival(self.n_updates, "42", {})], self.session.clock())
        return Asked(self.table.get(self.n_updates), ANN, lambda event: None, threading.Event())

    def ends(self) -> None:
        wait_until(lambda: self.session.jobs.get(self.job_id).job.state.is_final, seconds=60)

    def with_bot(self, work: Callable[[Following, Sender], Awaitable[None]]) -> None:
        async def run() -> None:
            async with Bot(self.api.token, base_url=f"{self.api.url}/bot") as bot:
                sender = Sender(bot, self.table, Pace())
                following = Following(bot, self.table, self.turns.session, Pace(), sender.notify)
                sending = asyncio.create_task(sender.run())
                await work(following, sender)
                await sender.flush(10)
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

        asyncio.run(run())


async def look(following: Following, sender: Sender) -> None:
    await following.look()
    await sender.flush(10)


async def look_twice(following: Following, sender: Sender) -> None:
    await look(following, sender)
    await look(following, sender)


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person.joins(api, ANN, "Ann")


@pytest.fixture
def training(api: BotApi, tmp_path: Path) -> Iterator[Training]:
    session = build_in(used_home(tmp_path / "home"), model=OfflineModel())
    yield Training(api, session)
    session.program.close()


def test_a_job_is_followed_in_one_message_over_restarts_and_ends_once(training: Training, ann: Person) -> None:
    training.with_bot(look)
    [message] = ann.reads()
    assert message["text"].startswith(f'{training.job_id}: random_forest for "species" on "penguins"')
    assert "s of at most" in message["text"]
    assert message["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == f"c:{training.job_id}"
    training.with_bot(look)
    assert len(ann.reads()) == 1
    training.ends()
    training.with_bot(look_twice)
    first, end = ann.texts()
    assert "succeeded after" in first
    assert "accuracy" in first
    assert f"{training.job_id} has ended: succeeded" in end
    assert "reply_markup" not in ann.reads()[0]
    training.with_bot(look_twice)
    assert len(ann.reads()) == 2


def test_an_end_that_nobody_saw_is_told_by_the_next_bot_and_by_one_only(training: Training, ann: Person) -> None:
    training.ends()
    training.with_bot(look_twice)
    training.with_bot(look_twice)
    assert [text.partition(":")[0] for text in ann.texts()] == [f"{training.job_id} has ended"]


def test_an_end_is_told_where_the_job_was_asked_for_also_after_a_new_conversation(
    training: Training, ann: Person
) -> None:
    training.turns.begin(training.session, "42", ANN)
    training.ends()
    training.with_bot(look)
    assert "has ended: succeeded" in ann.texts()[-1]


def test_a_message_that_is_gone_is_left_alone_and_the_end_is_told(training: Training, ann: Person) -> None:
    training.with_bot(look)
    training.api.chats.messages.clear()
    training.with_bot(look_twice)
    training.ends()
    training.with_bot(look_twice)
    assert ["has ended" in text for text in ann.texts()] == [True]


def test_an_edit_in_a_flood_is_left_out_and_the_end_is_told(training: Training, ann: Person) -> None:
    training.with_bot(look)
    training.api.faults.waiting.append(Fault("editMessageText", "flood"))
    training.with_bot(look)
    training.ends()
    training.with_bot(look_twice)
    assert "succeeded after" in ann.texts()[0]
    assert len(ann.texts()) == 2
