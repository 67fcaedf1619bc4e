"""The bot as its people see it: a real process, the real python-telegram-bot, a strict Telegram."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Person
from evals.world.bot_process import BotProcess, bot_process
from evals.world.home import PENGUINS


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42,43") as bot:
        yield bot


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")


def test_a_file_is_loaded_and_asked_about(bot: BotProcess, ann: Person) -> None:
    ann.sends_file("penguins.csv", PENGUINS.read_bytes(), caption="describe body_mass_g by species")
    found = ann.waits_for("Gentoo")
    assert "penguins" in found[0]["text"]
    assert any("344 rows" in str(message.get("text")) for message in found)
    ann.says("plot a histogram of body_mass_g")
    [picture] = ann.waits_for(lambda seen: [m for m in seen if "photo" in m])
    assert bot.api.chats.files[picture["photo"][0]["file_id"]].startswith(b"\x89PNG")


def test_a_training_is_launched_by_its_button_and_once(bot: BotProcess, ann: Person) -> None:
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("344 rows")
    ann.says("train a random forest to predict species")
    ann.waits_for(lambda seen: [m for m in seen if "reply_markup" in m and "Launch" in str(m["reply_markup"])])
    card = ann.reads()[-1]
    ann.presses("Launch", card)
    ann.presses("Launch", card)
    ann.waits_for(lambda seen: [m for m in seen if "Ann: yes" in str(m.get("text"))])
    ann.says("how is it going?")
    ann.waits_for(lambda seen: re.search(r"Done in|Still running", str(seen[-1].get("text"))))
    assert len([text for text in ann.texts() if "Training has started" in text]) == 1
    assert not [m for m in ann.reads() if "Launch" in str(m.get("reply_markup"))]


def test_a_typed_yes_is_good_too_and_a_no_starts_nothing(bot: BotProcess, ann: Person) -> None:
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("344 rows")
    ann.says("train a random forest to predict species")
    ann.waits_for(lambda seen: [m for m in seen if "reply_markup" in m])
    ann.says("no")
    ann.waits_for("Nothing was started")
    ann.says("/jobs")
    ann.waits_for("There is no job yet")


def test_strangers_get_a_sentence_and_nothing_else(bot: BotProcess, ann: Person) -> None:
    eve = Person.joins(bot.api, 99, "Eve")
    eve.says("describe everything")
    eve.waits_for("This bot is private")
    eve.sends_file("x.csv", b"a,b\n1,2\n")
    eve.says("/datasets")
    ann.says("/help")
    ann.waits_for("/datasets")
    # Once an hour, however often they write.
    assert [("private" in text) for text in eve.texts()] == [True]
    assert not list((bot.home / "data").glob("user_tg_99"))


def test_commands_and_tools(bot: BotProcess, ann: Person) -> None:
    ann.says("/start")
    ann.waits_for("I am a statistician")
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("344 rows")
    ann.says("/describe body_mass_g by=species")
    ann.waits_for("Chinstrap")
    ann.says("/help describe")
    ann.waits_for("ddof")
    ann.says("/nonsense")
    ann.waits_for("There is no command /nonsense")
    ann.says("/new")
    ann.waits_for("A new conversation.")


def test_what_came_while_the_bot_was_dead_is_answered_in_order(bot: BotProcess, ann: Person) -> None:
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("344 rows")
    bot.kill()
    ann.says("describe body_mass_g")
    ann.says("describe bill_length_mm")
    bot.start()
    ann.waits_for("bill_length_mm over 344")
    texts = [text for text in ann.texts() if " over 344 rows" in text]
    assert [text.split()[0] for text in texts] == ["body_mass_g", "bill_length_mm"]


def test_it_ends_when_it_is_asked_to(bot: BotProcess, ann: Person) -> None:
    ann.says("/start")
    ann.waits_for("I am a statistician")
    assert bot.stop() == 0
