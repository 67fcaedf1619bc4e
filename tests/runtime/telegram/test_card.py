"""The card that asks for a yes: who may answer, once, while it is good; and what it says afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evals.world.bot_api import BotApi, Chat, Person
from evals.world.bot_process import BotProcess, bot_process
from evals.world.home import PENGUINS

GROUP = Chat(-1001, "supergroup", "Team")
MENTION = "@statagent_bot"
MENTIONED = [{"type": "mention", "offset": 0, "length": len(MENTION)}]


@pytest.fixture
def bot(statagent: str, api: BotApi, tmp_path: Path) -> Iterator[BotProcess]:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42,43") as bot:
        yield bot


@pytest.fixture
def ann(bot: BotProcess) -> Person:
    ann = Person.joins(bot.api, 42, "Ann")
    ann.sends_file("penguins.csv", PENGUINS.read_bytes())
    ann.waits_for("344 rows")
    return ann


def card_of(person: Person, number: int = 1) -> dict[str, Any]:
    """The newest card as it stands, once so many stand open."""
    found = person.waits_for(lambda seen: seen if len(cards(seen)) >= number else None)
    return dict(cards(found)[-1])


def cards(seen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in seen if "Launch" in str(one.get("reply_markup"))]


def ask(person: Person) -> dict[str, Any]:
    person.says("train a random forest to predict species")
    return card_of(person)


def answered(api: BotApi, press: str) -> str:
    """What the bot said to a press."""
    until_said = [one for one in api.called("answerCallbackQuery") if one.values["callback_query_id"] == press]
    return str(until_said[0].values["text"])


def waits_for_answer(person: Person, press: str) -> str:
    person.waits_for(lambda _: person.api.methods.presses[press])
    return answered(person.api, press)


def stands(person: Person, card: dict[str, Any], words: str) -> dict[str, Any]:
    """The card as it stands, once it says so."""

    def says_so(seen: list[dict[str, Any]]) -> dict[str, Any] | None:
        [now] = [one for one in seen if one["message_id"] == card["message_id"]]
        return now if words in now["text"] else None

    found: dict[str, Any] = person.waits_for(says_so)
    return found


def jobs(person: Person) -> str:
    person.says("/jobs")
    n = len(person.reads())
    person.waits_for(
        lambda seen: len(seen) > n - 1 and any(w in str(seen[-1].get("text")) for w in ("no job", "begun"))
    )
    return person.texts()[-1]


def test_the_card_says_what_where_when_and_how_much_in_a_phones_width(ann: Person) -> None:
    card = ask(ann)
    for words in ("Train random_forest", "where ", "stopped after", "$0.00", "budget ", "good until"):
        assert words.strip() in " ".join(card["text"].split())
    assert max(map(len, card["text"].splitlines())) <= 34
    [[launch, cancel], [other]] = card["reply_markup"]["inline_keyboard"]
    assert [one["text"] for one in (launch, cancel, other)] == ["Launch", "Cancel", "Other options"]
    nonces = {one["callback_data"].partition(":")[2] for one in (launch, cancel, other)}
    assert len(nonces) == 1
    assert len(nonces.pop()) * 6 >= 128


def test_a_double_tap_starts_one_job_and_the_card_says_who_and_what(ann: Person) -> None:
    card = ask(ann)
    first, second = ann.presses("Launch", card), ann.presses("Launch", card)
    # Whichever comes first decides.
    said = sorted(waits_for_answer(ann, press) for press in (first, second))
    assert said == ["Launching …", "This question was answered already: yes."]
    now = stands(ann, card, "Ann: yes. Started as job_")
    assert "reply_markup" not in now
    assert now["text"].startswith(card["text"])
    ann.waits_for("Training has started")
    assert jobs(ann).count("job_") == 1


def test_a_typed_yes_is_written_on_the_card_and_later_ones_are_words(ann: Person) -> None:
    card = ask(ann)
    ann.says("yes")
    assert "reply_markup" not in stands(ann, card, "Ann: yes. Started as job_")
    ann.says("yes")
    ann.waits_for(lambda seen: "Training has started" not in str(seen[-1].get("text")) and seen[-1]["message_id"] > 7)
    assert jobs(ann).count("job_") == 1


def test_a_cancelled_card_says_that_nothing_was_started(ann: Person) -> None:
    card = ask(ann)
    press = ann.presses("Cancel", card)
    assert waits_for_answer(ann, press) == "Not started."
    assert "reply_markup" not in stands(ann, card, "Ann: no. Nothing was started.")
    assert "no job" in jobs(ann)


@pytest.mark.parametrize("words", ["/new", "describe body_mass_g"])
def test_a_card_of_which_something_else_was_made_is_withdrawn_and_stays_so(ann: Person, words: str) -> None:
    card = dict(ask(ann))
    ann.says(words)
    assert "reply_markup" not in stands(ann, card, "Withdrawn, as something else was asked for: nothing was started.")
    press = ann.presses("Launch", card)
    assert waits_for_answer(ann, press).startswith("This question is closed")
    assert "no job" in jobs(ann)


def test_a_card_is_good_after_a_restart(bot: BotProcess, ann: Person) -> None:
    card = ask(ann)
    assert "no job" in jobs(ann)
    bot.kill()
    bot.start()
    ann.presses("Launch", card)
    stands(ann, card, "Ann: yes. Started as job_")


def test_others_in_a_group_decide_nothing(bot: BotProcess, api: BotApi) -> None:
    ann, bob, eve = (Person.joins(api, number, name, GROUP) for number, name in ((42, "Ann"), (43, "Bob"), (99, "Eve")))
    ann.sends_file("penguins.csv", PENGUINS.read_bytes(), MENTION, caption_entities=MENTIONED)
    ann.waits_for("344 rows")
    ann.says(f"{MENTION} train a random forest to predict species", entities=MENTIONED)
    card = card_of(ann)
    for person in (bob, eve):
        for label in ("Launch", "Cancel"):
            press = ann.presses(label, card, by=person.user)
            assert "not yours" in waits_for_answer(ann, press) or "Only the person" in answered(api, press)
    press = ann.presses("Other options", card, by=bob.user)
    waits_for_answer(ann, press)
    ann.waits_for("Only the person who asked can choose.")
    assert card_of(ann)["text"] == card["text"]
    ann.presses("Launch", card)
    stands(ann, card, "Ann: yes. Started as job_")


def test_other_options_leave_the_question_open_until_one_is_chosen(ann: Person) -> None:
    card = ask(ann)
    ann.presses("Other options", card)
    found = ann.waits_for("The question above stays open until")
    [offer] = [one for one in found if "stays open" in str(one.get("text"))]
    assert "logistic_regression: about" in offer["text"]
    assert "this machine only" in offer["text"]
    assert "ridge" not in offer["text"]
    assert card_of(ann)["message_id"] == card["message_id"]
    first, second = ann.presses("logistic_regression", offer), ann.presses("logistic_regression", offer)
    stands(ann, card, "Withdrawn, as something else was asked for")
    [other] = ann.waits_for(lambda seen: [one for one in cards(seen) if one["message_id"] != card["message_id"]])
    assert "Train logistic_regression" in other["text"]
    assert waits_for_answer(ann, first) == "One moment …"
    waits_for_answer(ann, second)
    ann.presses("Launch", other)
    stands(ann, other, "Ann: yes. Started as job_")
    assert jobs(ann).count("job_") == 1
    press = ann.presses("logistic_regression", offer)
    assert "chosen already" in waits_for_answer(ann, press)


@pytest.mark.parametrize(
    "data", ["y:1", "y:", "n:" + "a" * 32, "ok:1", "", "e:7", "c:job_1", "q:quote_1", "s:43:confirm"]
)
def test_a_forged_press_is_answered_and_does_nothing(ann: Person, data: str) -> None:
    card = ask(ann)
    press = ann._press(card, {"callback_data": data}, ann.user)
    assert waits_for_answer(ann, press)
    assert card_of(ann)["text"] == card["text"]
    assert "no job" in jobs(ann)
