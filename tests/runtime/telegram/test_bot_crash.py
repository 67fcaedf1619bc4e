"""The bot is killed at any moment: each message is answered, none more than twice, and one yes is one job."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Fault, Person
from evals.world.bot_process import BotProcess, bot_process
from evals.world.home import PENGUINS
from runtime.telegram.sender import AGAIN

COLUMNS = ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42") as bot:
        yield bot


@pytest.fixture
def ann(bot: BotProcess) -> Person:
    ann = Person.joins(bot.api, 42, "Ann")
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("are read as missing")  # the last message of this answer
    return ann


def test_a_bot_that_dies_again_and_again_answers_all_in_order(bot: BotProcess, ann: Person) -> None:
    for place, column in enumerate(COLUMNS):
        ann.says(f"describe {column}")
        time.sleep(0.15 * place)
        bot.kill()
        bot.start()
    ann.waits_for(f"{COLUMNS[-1]} over 344")
    answers = [text for text in ann.texts() if "over 344 rows" in text]
    # One that was about to be sent when the bot died is marked as well: nobody knows that it did not arrive.
    columns = [text.removeprefix(AGAIN).split()[0] for text in answers]
    assert list(dict.fromkeys(columns)) == list(COLUMNS)
    for column in COLUMNS:
        given = [text for text in answers if column in text]
        # Of two, one says so; the unmarked one may arrive last: the request was on its way when the bot died.
        marked = [text for text in given if text.startswith(AGAIN)]
        assert 1 <= len(given) <= 2, ann.texts()
        assert len(given) - len(marked) <= 1, ann.texts()


def test_a_press_that_the_bot_died_on_starts_one_job(bot: BotProcess, ann: Person) -> None:
    ann.says("train a random forest to predict species")
    ann.waits_for(lambda seen: [m for m in seen if "Launch" in str(m.get("reply_markup"))])
    ann.presses("Launch")
    time.sleep(0.05)
    bot.kill()
    bot.start()
    ann.waits_for("Training has started")
    ann.says("/jobs")
    ann.waits_for(lambda seen: "job_" in str(seen[-1].get("text")) and "state" in str(seen[-1].get("text")))
    assert ann.texts()[-1].count("job_") == 1


def test_an_update_that_comes_twice_is_answered_once(bot: BotProcess, ann: Person) -> None:
    ann.says("describe body_mass_g")
    ann.waits_for("body_mass_g over 344")
    again = {"update_id": max(bot.api.updates.given), "message": {**ann.reads()[0], "from": ann.user.as_json()}}
    bot.api.updates.again(again)
    ann.says("describe bill_depth_mm")
    ann.waits_for("bill_depth_mm over 344")
    assert len([text for text in ann.texts() if "over 344" in text]) == 2


def test_an_answer_survives_a_flood_and_a_lost_reply(bot: BotProcess, ann: Person) -> None:
    bot.api.faults.waiting += [
        Fault("sendMessage", "flood", times=2, retry_after=1),
        Fault("sendMessage", "lost_after"),
        Fault("getUpdates", "error", times=2),
    ]
    ann.says("describe body_mass_g")
    ann.waits_for(lambda seen: any(str(m.get("text")).startswith(AGAIN) for m in seen))
    assert len([text for text in ann.texts() if "body_mass_g over 344" in text]) == 2
