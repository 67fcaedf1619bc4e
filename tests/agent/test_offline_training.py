"""Sentences about trainings, beyond the plain one: in the order of time, at the price, and of which table they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.base import Outcome
from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from evals.world.talk import Talk

SHOP = "weekday,year,price,sales\n" + "".join(
    f"{'Mon Tue Wed'.split()[n % 3]},{2001 + n},{n % 7 + 0.5},{100 - 3 * (n % 7) + n % 5}\n" for n in range(60)
)


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    (tmp_path / "shop.csv").write_text(SHOP)
    talk = Talk(build_in(used_home(tmp_path / "home"), model=OfflineModel()))
    talk.say(f'load "{tmp_path / "shop.csv"}"')
    yield talk
    talk.session.program.close()


def test_what_has_no_order_of_time_is_said_with_what_can_have_one(talk: Talk) -> None:
    for words in ("split by time on weekday", "in order of weekday", "trained on the past by weekday"):
        said = talk.say(f"train a ridge to predict sales {words}").text
        assert "time: 'weekday' holds text such as 'Mon': that has no earlier and no later" in said
        assert "no column of 'shop' holds dates; a number that grows with time, such as a year, does" in said
        assert "convert" not in said
    said = talk.say("train a ridge to predict sales split by time").text
    assert "time: no column 'time' in 'shop'" in said
    assert "no column of 'shop' holds dates" in said
    talk.say("train a ridge to predict sales in order of year")
    assert talk.asked().quote.job.training.time == "year"


def test_a_question_at_the_price_is_answered_and_the_price_asked_again(talk: Talk) -> None:
    talk.say("train a ridge to predict sales from price")
    first = talk.asked().quote
    said = talk.say("why so long?").text
    assert f"About {first.expected_seconds} s on local" in said
    assert "`ask me again` puts the question anew" in said
    again = f"say `ask me again`, or until {first.expires_at:%H:%M:%S} UTC /launch_training {first.quote_id}"
    assert again in talk.notices()[-1]
    assert talk.session.jobs.all() == ()
    assert "There is no open question" in talk.say("yes").text
    assert talk.say("ask me again").reason == "asked"
    assert talk.asked().quote.job.training == first.job.training
    assert talk.asked().quote.quote_id != first.quote_id
    talk.answer(yes=True)
    assert len(talk.session.jobs.all()) == 1


def test_without_a_price_there_is_none_to_ask_again(talk: Talk) -> None:
    for words in ("ask me again", "why so expensive?", "start it after all"):
        ended = talk.say(words)
        assert "No price was asked for in this conversation yet" in ended.text, words
        assert ended.outcome is Outcome.NOT_DONE


def test_a_file_that_is_only_predicted_is_not_what_is_talked_about_next(talk: Talk, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("weekday,year,price,visitors\nMon,2050,3.5,7\nTue,2051,1.5,9\n")
    talk.say("train a ridge to predict sales")
    talk.answer(yes=True)
    said = talk.say(f'predict "{tmp_path / "new.csv"}"').text
    assert "2 predictions of sales" in said
    assert "Sentences are still about shop; say `use new` to go on with that file." in said
    assert "60" in talk.say("how many rows are there?").text
    assert "Sentences are about **new** from now on: 2 rows" in talk.say("use new").text
    assert "2" in talk.say("describe visitors").text
    talk.say("go back to the shop dataset, please")
    talk.say("mean sales")
    assert talk.results("describe")[-1]["columns"][0]["n"] == 60
    refused = talk.say("use the visitors")
    assert refused.outcome is Outcome.NOT_UNDERSTOOD


def test_a_dataset_of_an_earlier_conversation_is_taken_up(talk: Talk) -> None:
    later = Talk(talk.session)
    assert "Sentences are about **shop** from now on" in later.say("use shop").text
    later.say("mean sales")
    assert later.results("describe")[-1]["columns"][0]["n"] == 60
