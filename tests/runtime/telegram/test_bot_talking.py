"""Talking to the bot while Claude answers: words as they come, a stop, several messages in a row, groups."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evals.world.bot_api import BotApi, Chat, Person
from evals.world.bot_process import BotProcess, bot_process
from evals.world.messages_api import KEY, Says, messages_api
from evals.world.pace import is_within

LONG = Says([{"type": "text", "text": "word " * 400}], seconds_between_events=0.05)


@contextmanager
def bot_with(statagent: str, api: BotApi, home: Path, *script: Says) -> Iterator[BotProcess]:
    with (
        messages_api(list(script)) as claude,
        bot_process(
            statagent,
            api,
            home,
            STATAGENT_TELEGRAM_ALLOWED="42,43",
            ANTHROPIC_API_KEY=KEY,
            ANTHROPIC_BASE_URL=claude.url,
        ) as bot,
    ):
        yield bot


@pytest.fixture
def ann(api: BotApi) -> Person:
    return Person.joins(api, 42, "Ann")


def says(text: str) -> Says:
    return Says([{"type": "text", "text": text}])


def test_words_are_seen_as_they_come_and_a_stop_ends_them(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    with bot_with(statagent, api, tmp_path / "home", LONG):
        ann.says("tell me all")
        ann.waits_for(lambda _: "word word" in api.chats.drafts.get(42, {}).get("text", ""))
        asked = time.monotonic()
        ann.says("/stop")
        ann.waits_for("Stopped.")
        ann.waits_for(lambda seen: [m for m in seen if str(m.get("text")).startswith("word word")])
        assert is_within(5, since=asked)
        assert "typing" in [action for chat, action in api.methods.actions if chat == 42]


def test_what_is_written_while_a_turn_runs_is_answered_after_it_each_by_itself(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    slow = Says([{"type": "text", "text": "First answer, slowly."}], seconds_between_events=0.2)
    with bot_with(statagent, api, tmp_path / "home", slow, says("Second answer."), says("Third answer.")):
        for text in ("one", "two", "three"):
            ann.says(text)
        ann.waits_for("Third answer.")
        assert [text for text in ann.texts() if "answer" in text] == [
            "First answer, slowly.",
            "Second answer.",
            "Third answer.",
        ]


def test_one_chat_waits_for_no_other(statagent: str, api: BotApi, ann: Person, tmp_path: Path) -> None:
    bob = Person.joins(api, 43, "Bob")
    with bot_with(statagent, api, tmp_path / "home", LONG):
        ann.says("tell me all")
        ann.waits_for(lambda _: api.chats.drafts.get(42))
        bob.says("/help")
        bob.waits_for("/datasets")
        assert not [text for text in ann.texts() if text.startswith("word")]
        ann.says("/stop")
        ann.waits_for("Stopped.")


def test_in_a_group_only_what_is_meant_for_it_is_read_and_each_person_has_their_own_data(
    statagent: str, api: BotApi, tmp_path: Path
) -> None:
    group = Chat(-1001, "supergroup", "Team")
    ann, bob = Person.joins(api, 42, "Ann", group), Person.joins(api, 43, "Bob", group)
    eve = Person.joins(api, 99, "Eve", group)
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42,43"):
        mention = [{"type": "mention", "offset": 0, "length": 14}]
        ann.says("a word between us")
        eve.says("@statagent_bot describe all", entities=mention)
        ann.sends_file("t.csv", b"a,b\n1,2\n3,4\n", "@statagent_bot", caption_entities=mention)
        ann.waits_for("t: 2 rows")
        bob.says("@statagent_bot describe a", entities=mention)
        bob.waits_for("load")
        assert len(ann.reads()) == 2
        assert "over 2 rows" not in ann.texts()[1]


def test_in_a_group_words_are_seen_as_they_come_in_one_message_that_is_edited(
    statagent: str, api: BotApi, tmp_path: Path
) -> None:
    ann = Person.joins(api, 42, "Ann", Chat(-1001, "supergroup", "Team"))
    with bot_with(statagent, api, tmp_path / "home", LONG):
        ann.says("@statagent_bot tell me all", entities=[{"type": "mention", "offset": 0, "length": 14}])
        ann.waits_for(lambda seen: [one for one in seen if str(one.get("text")).startswith("word word")])
        ann.waits_for(lambda _: api.called("editMessageText"))
        assert len([one for one in ann.reads() if str(one.get("text")).startswith("word word")]) == 1
        times = [call.at for call in api.calls if call.method in ("sendMessage", "editMessageText")]
        assert all(later - first > 1.4 for first, later in itertools.pairwise(times))
        ann.presses("Stop")
        ann.waits_for(lambda seen: [one for one in seen if str(one.get("text")).startswith("word word word")])
        assert api.called("sendMessageDraft") == []
        ann.waits_for(lambda seen: not [one for one in seen if "Stop" in str(one.get("reply_markup"))])


def test_what_is_no_text_and_no_file_is_one_friendly_sentence(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42"):
        ann.sends(location={"latitude": 1.0, "longitude": 2.0})
        ann.waits_for("I read text and files")
        first = ann.says("describe a")
        ann.waits_for(lambda seen: len(seen) == 2)
        ann.edits(first, "describe b")
        ann.waits_for("as they were first sent")


def test_a_file_that_is_too_large_is_said_before_it_is_fetched(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    with bot_process(statagent, api, tmp_path / "home", STATAGENT_TELEGRAM_ALLOWED="42"):
        ann.sends_file("big.csv", b"x" * 20_000_001)
        ann.waits_for("at most 20 MB")
        assert api.called("getFile") == []


def test_telegrams_own_stop_ends_the_answer_within_a_second(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    with bot_with(statagent, api, tmp_path / "home", LONG):
        ann.says("tell me all")
        ann.waits_for(lambda _: "word word" in api.chats.drafts.get(42, {}).get("text", ""))
        asked = time.monotonic()
        ann.stops_answer()
        ann.waits_for(lambda seen: [m for m in seen if str(m.get("text")).startswith("word word")])
        assert is_within(3, since=asked)
        ann.says("/models")
        ann.waits_for("There is no model yet.")
        assert len([text for text in ann.texts() if text.startswith("word")]) == 1


def test_previews_are_shown_to_whoever_wants_them(statagent: str, api: BotApi, ann: Person, tmp_path: Path) -> None:
    with bot_with(statagent, api, tmp_path / "home", says("An answer.")):
        ann.says("/settings")
        ann.waits_for("a day's jobs")
        ann.presses("Previews: on")
        ann.waits_for(lambda seen: "Previews: off" in str(seen[-1].get("reply_markup")))
        ann.says("tell me")
        ann.waits_for("An answer.")
        assert api.called("sendMessageDraft") == []


def test_a_group_to_which_a_stranger_adds_the_bot_is_left_with_one_sentence(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    eve = Person.joins(api, 99, "Eve", Chat(-1009, "supergroup", "Strangers"))
    ours = Person.joins(api, 42, "Ann", Chat(-1001, "supergroup", "Team"))
    with bot_with(statagent, api, tmp_path / "home", says("hello")):
        eve.sets_bot("member")
        ours.sets_bot("member")
        eve.waits_for(lambda _: eve.chat.bot_status == "left")
        assert [text for text in eve.texts() if text] == [
            "This bot is private, and whoever added it here may not use it: it leaves."
        ]
        ann.says("hello")
        ann.waits_for("hello")
        assert ours.chat.bot_status == "member"


def test_a_turn_that_runs_when_the_bot_is_asked_to_end_comes_to_its_end(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    slow = Says([{"type": "text", "text": "A whole answer, slowly."}], seconds_between_events=0.3)
    with bot_with(statagent, api, tmp_path / "home", slow, says("After it.")) as bot:
        ann.says("one")
        ann.waits_for(lambda _: api.methods.actions)
        ann.says("two")
        assert bot.stop() == 0
        assert "A whole answer, slowly." in ann.texts()
        bot.start()
        ann.waits_for("After it.")
        assert [text for text in ann.texts() if text] == ["A whole answer, slowly.", "After it."]


def test_a_spent_day_is_told_with_the_time_to_come_back_and_tools_go_on(
    statagent: str, api: BotApi, ann: Person, tmp_path: Path
) -> None:
    with (
        messages_api([says("never asked")]) as claude,
        bot_process(
            statagent,
            api,
            tmp_path / "home",
            STATAGENT_TELEGRAM_ALLOWED="42",
            ANTHROPIC_API_KEY=KEY,
            ANTHROPIC_BASE_URL=claude.url,
            STATAGENT_MAX_DAY_USD="0",
        ),
    ):
        ann.says("hello")
        ann.waits_for("today's $0.00 for the model are spent. They begin anew at 00:00 UTC, in ")
        ann.sends_file("t.csv", b"a,b\n1,2\n3,4\n")
        ann.waits_for("t: 2 rows")
        ann.says("/describe a")
        ann.waits_for("over 2 rows")
        assert claude.requests == []
