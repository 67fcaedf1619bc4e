"""Two bots of two tokens on one PostgreSQL database, in one home or in two: neither sees or hurts the other's work."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Person, User, bot_api
from evals.world.bot_api.chats import Chats
from evals.world.bot_process import BotProcess, bot_process
from evals.world.home import PENGUINS
from evals.world.postgres import empty_database

TABLE = b"a,b\n1,2\n3,4\n5,7\n"
SECOND_TOKEN = "7000000002:BBsecond-token-of-the-double-0123456789"
JOB = re.compile(r"job_\w+")


@dataclass
class Two:
    """The bots, and Ann and Bob, who write to both; each bot numbers its updates as the other does."""

    first: BotProcess
    second: BotProcess

    def person(self, bot: BotProcess, user_id: int, name: str) -> Person:
        return Person.joins(bot.api, user_id, name)


@pytest.fixture
def url(postgres_server_url: str) -> Iterator[str]:
    with empty_database(postgres_server_url) as url:
        yield url


@pytest.fixture
def second_api() -> Iterator[BotApi]:
    with bot_api(BotApi(SECOND_TOKEN, Chats(User(7_000_000_002, "Second", is_bot=True)))) as api:
        yield api


@pytest.fixture(params=["one home", "two homes"])
def two(
    request: pytest.FixtureRequest, statagent: str, api: BotApi, second_api: BotApi, tmp_path: Path, url: str
) -> Iterator[Two]:
    homes = [tmp_path / "home", tmp_path / ("home" if request.param == "one home" else "other")]
    more = {"STATAGENT_DATABASE_URL": url, "STATAGENT_TELEGRAM_ALLOWED": "42,43"}
    with (
        bot_process(statagent, api, homes[0], **more) as first,
        bot_process(statagent, second_api, homes[1], **more) as second,
    ):
        yield Two(first, second)


def job_of(person: Person) -> str:
    """A training is asked for and launched; the number of its job."""
    person.says("train a random forest to predict species")
    person.waits_for(lambda seen: [m for m in seen if "Launch" in str(m.get("reply_markup"))])
    person.presses("Launch")
    person.waits_for("Started as job_")
    job_id: str
    [job_id] = {found for text in person.texts() for found in JOB.findall(text)}
    return job_id


def test_each_answers_its_own_people_and_tells_the_end_of_its_own_jobs(two: Two) -> None:
    ann, bob = two.person(two.first, 42, "Ann"), two.person(two.second, 43, "Bob")
    for person in (ann, bob):
        person.sends_file("penguins.csv", PENGUINS.read_bytes())
    for person in (ann, bob):
        person.waits_for("344 rows")
    ended = {person.user.first_name: job_of(person) for person in (ann, bob)}
    assert ended["Ann"] != ended["Bob"]
    for person in (ann, bob):
        mine = ended[person.user.first_name]
        person.waits_for(f"{mine} has ended: succeeded", timeout_s=60)
        told = {found for text in person.texts() for found in JOB.findall(text)}
        assert told == {mine}
    # Neither has written to anybody whom its own Telegram does not know.
    assert {call.values["chat_id"] for call in two.first.api.called("sendMessage")} <= {42, "42"}
    assert {call.values["chat_id"] for call in two.second.api.called("sendMessage")} <= {43, "43"}


def test_one_person_has_a_conversation_with_each_and_the_answers_stay_apart(two: Two) -> None:
    here, there = two.person(two.first, 42, "Ann"), two.person(two.second, 42, "Ann")
    here.sends_file("here.csv", TABLE, caption="describe a")
    there.sends_file("there.csv", TABLE + b"9,9\n", caption="describe b")
    here.waits_for("a over 3 rows")
    there.waits_for("b over 4 rows")
    assert not [text for text in here.texts() if "over 4 rows" in text]
    assert not [text for text in there.texts() if "over 3 rows" in text]
    here.says("describe b")
    here.waits_for("b over 3 rows")


def test_one_that_is_killed_leaves_the_other_untouched_and_answers_what_is_open_itself(two: Two) -> None:
    ann, bob = two.person(two.first, 42, "Ann"), two.person(two.second, 43, "Bob")
    for person in (ann, bob):
        person.sends_file("t.csv", TABLE)
        person.waits_for("3 rows")
    ann.says("describe a")
    two.first.kill()
    ann.says("describe b")
    bob.says("describe a")
    bob.waits_for("a over 3 rows")
    # One that starts beside it takes up nothing of what the dead one has left.
    two.second.kill()
    two.second.start()
    bob.says("describe b")
    bob.waits_for("b over 3 rows")
    assert not [text for text in ann.texts() if "b over" in text]
    two.first.start()
    ann.waits_for("b over 3 rows")
    for person in (ann, bob):
        columns = [found[1] for text in person.texts() if (found := re.search(r"(\w) over 3 rows", text))]
        assert list(dict.fromkeys(columns)) == ["a", "b"]


@pytest.mark.parametrize("other", ["home", "other"])
def test_a_second_process_of_one_token_says_why_it_ends_also_from_another_home(
    statagent: str, api: BotApi, tmp_path: Path, url: str, other: str
) -> None:
    ann = Person.joins(api, 42, "Ann")
    more = {"STATAGENT_DATABASE_URL": url, "STATAGENT_TELEGRAM_ALLOWED": "42"}
    with bot_process(statagent, api, tmp_path / "home", **more) as bot:
        beside = BotProcess(statagent, api, tmp_path / other, more)
        second = subprocess.run(
            [statagent, "telegram"], env=beside.environment(), capture_output=True, text=True, timeout=60
        )
        assert (second.returncode, second.stdout) == (1, "")
        assert second.stderr.splitlines()[-1] == "another process serves the bot of this token: stop it first"
        # It has not even asked for updates: that would have ended the first one's request.
        assert {call.status for call in api.called("getUpdates")} <= {200}
        ann.says("/start")
        ann.waits_for("I am a statistician")
        bot.kill()
        # The dead one holds nothing.
        beside.start()
        ann.says("/datasets")
        ann.waits_for("Nothing is loaded yet")
        beside.kill()
