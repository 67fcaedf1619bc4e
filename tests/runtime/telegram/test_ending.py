"""The button that ends a job: asked first, done within a second, once, and by its owner alone."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.world.bot_api import BotApi, Chat, Person
from evals.world.bot_process import BotProcess, bot_process
from evals.world.held import held
from evals.world.pace import is_within

GROUP = Chat(-1001, "supergroup", "Team")
MENTION = "@statagent_bot"
MENTIONED = [{"type": "mention", "offset": 0, "length": len(MENTION)}]
N_ROWS = 40_000
"""A forest on so many rows of noise takes half a minute."""
ANSWERED_S = 5
"""A fifth of it on a machine that does nothing else."""


@pytest.fixture(scope="module")
def noise() -> bytes:
    draw = random.Random(0)
    rows = (f"{draw.random()},{draw.random()},{draw.random()},{draw.choice('ab')}" for _ in range(N_ROWS))
    return "\n".join(["x1,x2,x3,y", *rows]).encode()


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42,43") as bot:
        yield bot


def with_button(person: Person, label: str) -> dict[str, Any]:
    """The newest message with such a button as it stands, once there is one."""
    found: list[dict[str, Any]] = person.waits_for(
        lambda seen: [one for one in seen if f'"{label}"' in str(one.get("reply_markup")).replace("'", '"')]
    )
    return dict(found[-1])


def starts_job(person: Person, noise: bytes) -> dict[str, Any]:
    """The message that follows a training of Ann's, which takes a while."""
    is_group = person.chat is GROUP
    caption: dict[str, Any] = {"caption": MENTION, "caption_entities": MENTIONED} if is_group else {}
    person.sends_file("noise.csv", noise, **caption)
    person.waits_for("40000 rows")
    said = "train a random forest to predict y with 300 trees"
    person.says(f"{MENTION} {said}" if is_group else said, **({"entities": MENTIONED} if is_group else {}))
    person.presses("Launch", with_button(person, "Launch"))
    person.waits_for(lambda seen: [one for one in seen if "s of at most" in str(one.get("text"))])
    return with_button(person, "Cancel")


def answer_to(person: Person, press: str) -> str:
    person.waits_for(lambda _: person.api.methods.presses[press])
    [call] = [one for one in person.api.called("answerCallbackQuery") if one.values["callback_query_id"] == press]
    return str(call.values["text"])


def test_it_asks_then_ends_the_job_within_a_second_and_later_taps_say_so(bot: BotProcess, noise: bytes) -> None:
    ann = Person.joins(bot.api, 42, "Ann")
    message = starts_job(ann, noise)
    with held(bot.home):
        pressed = time.monotonic()
        first, second = ann.presses("Cancel", message), ann.presses("Cancel", message)
        question = with_button(ann, "Yes, end it")
        assert is_within(ANSWERED_S, since=pressed)
        assert "and cost $0.00; what it has computed is lost." in question["text"]
        assert {answer_to(ann, first), answer_to(ann, second)} == {
            f"Is {question['text'].split()[1].rstrip('?')} to be ended? See the question below."
        }
    pressed = time.monotonic()
    sure, again = ann.presses("Yes, end it", question), ann.presses("Yes, end it", question)
    assert answer_to(ann, sure).startswith("Ending job_")
    assert is_within(ANSWERED_S, since=pressed)
    ann.waits_for("has ended: cancelled")
    assert answer_to(ann, again).startswith(("Ending job_", "job_"))
    assert len([text for text in ann.texts() if text.startswith("End job_")]) == 0, "two taps asked one question"
    assert "has ended already: cancelled" in answer_to(ann, ann.presses("Cancel", message))
    [now] = [one for one in ann.reads() if one["message_id"] == message["message_id"]]
    assert re.search(r"cancelled at \d+ % after ", now["text"])
    assert not [one for one in ann.reads() if "Cancel" in str(one.get("reply_markup"))]


def test_a_job_that_is_let_run_runs_on_and_a_question_of_before_a_restart_is_good(
    bot: BotProcess, noise: bytes
) -> None:
    ann = Person.joins(bot.api, 42, "Ann")
    message = starts_job(ann, noise)
    with held(bot.home):
        ann.presses("Cancel", message)
        question = with_button(ann, "Let it run")
        assert answer_to(ann, ann.presses("Let it run", question)).endswith("runs on.")
        ann.waits_for(lambda seen: [one for one in seen if str(one.get("text")).endswith("runs on.")])
        assert not [text for text in ann.texts() if "has ended" in text]
        ann.presses("Cancel", message)
        question = with_button(ann, "Yes, end it")
        bot.kill()
        bot.start()
    ann.presses("Yes, end it", question)
    ann.waits_for("has ended: cancelled")


def test_nobody_else_ends_it(bot: BotProcess, noise: bytes) -> None:
    ann, bob, eve = (
        Person.joins(bot.api, number, name, GROUP) for number, name in ((42, "Ann"), (43, "Bob"), (9, "Eve"))
    )
    message = starts_job(ann, noise)
    with held(bot.home):
        for person in (bob, eve):
            press = ann.presses("Cancel", message, by=person.user)
            assert answer_to(ann, press) == "Only the person who asked can press this."
        ann.presses("Cancel", message)
        question = with_button(ann, "Yes, end it")
        for person in (bob, eve):
            press = ann.presses("Yes, end it", question, by=person.user)
            assert answer_to(ann, press) == "Only the person who asked can press this."
        assert not [text for text in ann.texts() if "has ended" in text]
    ann.presses("Yes, end it", question)
    ann.waits_for("has ended: cancelled")
