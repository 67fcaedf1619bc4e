"""The whole bot in this process, with a clock that a test moves and a database that a test makes fail."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from telegram import Update

from adapters.compute.base import NoCapacity
from adapters.compute.local import LocalBackend
from adapters.records import Approval, Attempt, Json
from agent.conversation import calls_in
from agent.offline import OfflineModel
from evals.through_telegram import Serving
from evals.world.bot_api import BotApi, Person
from evals.world.home import PENGUINS, Clock, build_in
from runtime.program import Program
from runtime.session import Session
from runtime.telegram.bot import TelegramBot
from runtime.telegram.people import person_of
from runtime.telegram.serving import make_bot
from tests.tools.test_model_names import keep, output

__all__ = ["output"]

TRAIN = "train a random forest to predict species"


class Inside:
    """The bot, serving; its clock."""

    def __init__(self, api: BotApi, home: Path) -> None:
        self.api, self.clock = api, Clock()
        known: dict[str, Any] = {
            "telegram_bot_token": api.token,
            "telegram_api_base": api.url,
            "telegram_allowed": "42",
        }
        self.program: Program = build_in(home, self.clock, OfflineModel(), **known).program
        self.serving = Serving(self.program, {})
        self.serving.start()

    def close(self) -> None:
        self.serving.stop()
        self.program.close()


@pytest.fixture
def inside(api: BotApi, tmp_path: Path) -> Iterator[Inside]:
    inside = Inside(api, tmp_path / "home")
    yield inside
    inside.close()


@pytest.fixture
def ann(inside: Inside) -> Person:
    ann = Person.joins(inside.api, 42, "Ann")
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("are read as missing")
    return ann


def cards(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(one) for one in seen if "Launch" in str(one.get("reply_markup"))]


def answer_to(person: Person, press: str) -> str:
    person.waits_for(lambda _: person.api.methods.presses[press])
    [call] = [one for one in person.api.called("answerCallbackQuery") if one.values["callback_query_id"] == press]
    return str(call.values["text"])


def test_an_expired_card_says_so_and_a_fresh_price_can_be_launched(inside: Inside, ann: Person) -> None:
    ann.says(TRAIN)
    [old] = ann.waits_for(cards)
    inside.clock.ahead = timedelta(minutes=11)
    first, second = ann.presses("Launch", old), ann.presses("Launch", old)
    said = {answer_to(ann, press) for press in (first, second)}
    assert said == {"This offer has expired: nothing was started. Its price as it is now comes below."}
    [new] = ann.waits_for(lambda seen: [one for one in cards(seen) if one["message_id"] != old["message_id"]])
    ann.waits_for(lambda seen: [one for one in seen if "Expired at" in str(one.get("text"))])
    assert new["text"].splitlines()[0] == old["text"].splitlines()[0]
    assert "no job" in jobs_of(ann)
    assert len(cards(ann.reads())) == 1, "two taps put one fresh price"
    ann.presses("Launch", new)
    ann.waits_for("Ann: yes. Started as job_")
    late = ann.presses("Launch", old)
    assert answer_to(ann, late)
    assert jobs_of(ann).count("job_") == 1


class Full(LocalBackend):
    """This machine, with no room for a while."""

    is_full = True

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        if self.is_full:
            raise NoCapacity("no machine now")
        return super().launch(attempt, approval)


def test_a_job_that_found_no_machine_at_its_price_asks_anew_by_a_button(api: BotApi, tmp_path: Path) -> None:
    inside = Inside(api, tmp_path / "home")
    settings = inside.program.settings
    full = Full(settings.home / "jobs", 100, settings.worker_environment())
    inside.program.backends = {"local": full}
    ann = Person.joins(api, 42, "Ann")
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("are read as missing")
    ann.says(TRAIN)
    [card] = ann.waits_for(cards)
    ann.presses("Launch", card)
    [end] = ann.waits_for(lambda seen: [one for one in seen if "Ask me again" in str(one.get("reply_markup"))])
    assert "has ended: failed, no machine now" in end["text"]
    assert full.running() == ()
    full.is_full = False
    first, second = ann.presses("Ask me again", end), ann.presses("Ask me again", end)
    assert {answer_to(ann, press) for press in (first, second)} == {"One moment …"}
    [new] = ann.waits_for(cards)
    assert new["text"].splitlines()[0] == card["text"].splitlines()[0]
    assert full.running() == ()
    ann.presses("Launch", new)
    ann.waits_for("Ann: yes. Started as job_")
    inside.close()


def jobs_of(person: Person) -> str:
    n = len(person.reads())
    person.says("/jobs")
    person.waits_for(lambda seen: len(seen) > n and any(w in str(seen[-1].get("text")) for w in ("no job", "begun")))
    return person.texts()[-1]


def test_cancel_on_an_expired_card_says_so_and_puts_nothing(inside: Inside, ann: Person) -> None:
    ann.says(TRAIN)
    [old] = ann.waits_for(cards)
    inside.clock.ahead = timedelta(minutes=11)
    assert "expired" in answer_to(ann, ann.presses("Cancel", old))
    ann.waits_for(lambda seen: [one for one in seen if "Expired at" in str(one.get("text"))])
    assert "no job" in jobs_of(ann)
    assert cards(ann.reads()) == []


def test_an_update_that_the_database_holds_up_is_answered_before_the_next_one_and_once(
    inside: Inside, ann: Person
) -> None:
    failing, failed = threading.Event(), []

    def fails(connection: sa.Connection, cursor: Any, words: str, *more: object) -> None:
        if failing.is_set() and words.startswith(("UPDATE telegram_updates SET state", "INSERT INTO telegram_errors")):
            failed.append(words)
            raise sa.exc.OperationalError(words, {}, OSError("the disk is full"))

    engine = inside.program.database.engine
    sa.event.listen(engine, "before_cursor_execute", fails)
    failing.set()
    ann.says("describe bill_length_mm")
    ann.says("describe body_mass_g")
    ann.waits_for(lambda _: len(failed) >= 2)
    failing.clear()
    ann.waits_for("body_mass_g over 344")
    columns = [text.split()[0] for text in ann.texts() if "over 344 rows" in text]
    assert columns == ["bill_length_mm", "body_mass_g"]


def test_what_comes_while_the_bot_looks_for_what_was_left_is_answered_once(api: BotApi, tmp_path: Path) -> None:
    """Polling begins beside the look: an update may be in the database and in the queue when it is looked for."""
    known: dict[str, Any] = {"telegram_bot_token": api.token, "telegram_api_base": api.url, "telegram_allowed": "42"}
    program = build_in(tmp_path / "home", model=OfflineModel(), **known).program
    ann = Person.joins(api, 42, "Ann")
    ann.says("/show_spending")
    [content] = api.updates.waiting

    async def work() -> None:
        async with make_bot(program.settings) as bot:
            telegram = TelegramBot(program, bot)
            await telegram.inbox.put(Update.de_json(dict(content), bot))
            running = asyncio.create_task(telegram.run())
            await asyncio.to_thread(ann.waits_for, lambda seen: seen)
            await asyncio.sleep(1)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    asyncio.run(work())
    session = Session(program, person_of(program.settings, 42))
    calls = [call for entry in session.resume().messages for call in calls_in(entry.content)]
    program.close()
    assert (len(calls), len(ann.texts())) == (1, 1)


def test_an_example_of_start_is_tapped_and_answered_from_its_table(inside: Inside) -> None:
    bob = Person.joins(inside.api, 42, "Bob")
    bob.says("/start")
    bob.waits_for("I am a statistician")
    for label, words in (
        ("describe price by region", "price"),
        ("is income associated with price?", "r ="),
        ("train a random forest to predict price", "Train random_forest"),
    ):
        press = bob.presses(label)
        assert answer_to(bob, press) == "One moment …"
        bob.waits_for(f"› {label}")
        bob.waits_for(words)
    bob.says("/datasets")
    bob.waits_for("MB used")
    [listed] = [text for text in bob.texts() if "MB used" in text]
    assert listed.count("flats: ") == 1, "the table is loaded once"


def files(name: str, seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents whose name holds it."""
    return [one["document"] for one in seen if name in str(one.get("document", {}).get("file_name"))]


def test_each_button_of_export_sends_its_file(inside: Inside, ann: Person) -> None:
    ann.says("describe body_mass_g by species")
    ann.waits_for("Gentoo")
    ann.says("/export")
    ann.waits_for("as which file?")
    marks = {"script": b"import", "report": b"<html", "transcript": b"name:"}
    for name, mark in marks.items():
        ann.presses(name)
        ann.waits_for(functools.partial(files, name))
        [file] = files(name, ann.reads())
        assert mark in inside.api.chats.files[file["file_id"]].lower()


def test_a_model_is_sent_as_a_zip_file(inside: Inside, ann: Person, output: Path) -> None:
    model = keep(Session(inside.program, person_of(inside.program.settings, 42)), 1, output)
    ann.says("/export model")
    ann.waits_for(functools.partial(files, ".zip"))
    [file] = files(".zip", ann.reads())
    assert file["file_name"] == f"{model.model_id}.zip"
    assert b"predict.py" in inside.api.chats.files[file["file_id"]]
