"""One odd reply, from a strict server on loopback: the conversation goes on, and nothing of the reply is run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.model.base import Outcome
from adapters.model.claude import ClaudeModel
from adapters.store.spending import SpendingTable
from agent.loop import SAID_NOTHING
from agent.reply_kind import ASKED_AGAIN
from evals.world.home import build_in, used_home
from evals.world.messages_api import (
    BLANK_REPLIES,
    HALF_REPLIES,
    KEY,
    ODD_REPLIES,
    Fails,
    MessagesApi,
    Says,
    messages_api,
)
from evals.world.talk import Talk

FIRST = Says([{"type": "tool_use", "id": "toolu_0", "name": "list_models", "input": {}}], "tool_use")
HELLO = Says([{"type": "text", "text": "Hello."}])
Open = Callable[[MessagesApi], Talk]


@pytest.fixture
def talk_to(tmp_path: Path) -> Iterator[Open]:
    opened: list[Talk] = []

    def talk(api: MessagesApi) -> Talk:
        model = ClaudeModel("claude-opus-5-5", KEY, api.url, timeout_s=10)
        opened.append(Talk(build_in(used_home(tmp_path / "home"), model=model)))
        return opened[-1]

    yield talk
    for one in opened:
        one.session.program.close()


@pytest.mark.parametrize("name", BLANK_REPLIES)
def test_what_is_blank_is_left_out_and_the_turn_goes_on(talk_to: Open, name: str) -> None:
    odd = BLANK_REPLIES[name]
    ends = [HELLO] if odd.stop_reason == "tool_use" else []
    with messages_api([FIRST, HELLO, odd, *ends, HELLO]) as api:
        talk = talk_to(api)
        talk.say("one")
        assert talk.say("two").reason == "done"
        assert talk.say("three").text == "Hello."
        assert (api.refused, api.script) == ([], [])
    assert len(talk.results("list_models")) == 1 + len(ends)


@pytest.mark.parametrize("name", [*ODD_REPLIES, *HALF_REPLIES])
def test_an_odd_reply_is_asked_again_and_nothing_of_it_is_run(talk_to: Open, name: str) -> None:
    odd = (ODD_REPLIES | HALF_REPLIES)[name]
    with messages_api([FIRST, HELLO, odd, HELLO, HELLO]) as api:
        talk = talk_to(api)
        talk.say("one")
        assert talk.say("two").text == "Hello."
        assert len(talk.notices()) == 1
        assert talk.say("three").text == "Hello."
        assert (api.refused, api.script) == ([], [])
    assert len(talk.results("list_models")) == 1


@pytest.mark.parametrize("name", [*ODD_REPLIES, *HALF_REPLIES])
def test_a_model_that_stays_odd_does_not_kill_the_conversation(talk_to: Open, name: str) -> None:
    odd = (ODD_REPLIES | HALF_REPLIES)[name]
    with messages_api([FIRST, HELLO, *[odd] * 4]) as api:
        talk = talk_to(api)
        talk.say("one")
        assert talk.say("two").reason == "failed"
        assert "mistake of mine" not in "".join(talk.notices())
        api.script[:] = [HELLO]
        assert talk.say("three").text == "Hello."
        assert api.refused == []
    assert len(talk.results("list_models")) == 1


def test_no_content_is_told_and_is_no_success(talk_to: Open) -> None:
    with messages_api([FIRST, HELLO, Says([]), HELLO]) as api:
        talk = talk_to(api)
        talk.say("one")
        ended = talk.say("two")
        assert (ended.reason, ended.outcome) == ("done", Outcome.NOT_DONE)
        assert talk.notices() == [SAID_NOTHING]
        assert talk.say("three").text == "Hello."
        assert (api.refused, api.script) == ([], [])


def test_an_id_of_a_turn_that_was_refused_is_taken_too(talk_to: Open) -> None:
    with messages_api([FIRST, Says([], "refusal"), FIRST, HELLO]) as api:
        talk = talk_to(api)
        assert talk.say("one").reason == "refused"
        assert talk.say("two").text == "Hello."
        assert api.refused == []
    assert ASKED_AGAIN["odd"] in talk.notices()
    assert len(talk.results("list_models")) == 1


def test_a_log_of_an_older_program_says_how_to_go_on(talk_to: Open) -> None:
    with messages_api([HELLO, HELLO]) as api:
        talk = talk_to(api)
        talk.say("one")
        odd = talk.conversation.next_message("assistant", [{"type": "text", "text": ""}])
        talk.session._log.append(talk.conversation.row, odd, talk.session.clock())
        for words in ("two", "three"):
            ended = talk.session.turn(talk.conversation, words, talk.events.append, talk.cancel)
            assert (ended.reason, ended.n_steps) == ("failed", 0)
            assert "Begin a new one (/new" in talk.notices()[-1]
        fresh = Talk(talk.session)
        assert fresh.say("four").text == "Hello."


def test_a_refusal_of_the_request_says_how_to_go_on(talk_to: Open) -> None:
    with messages_api([Fails(400, "invalid_request_error")]) as api:
        talk = talk_to(api)
        assert talk.say("one").reason == "failed"
    assert "begin a new conversation" in talk.notices()[0]


def test_a_nul_in_a_call_is_answered_on_both_databases(tmp_path: Path, database_url: str | None) -> None:
    given = {"dataset": "a\0b"}
    bad = Says([{"type": "tool_use", "id": "toolu_0", "name": "describe", "input": given}], "tool_use")
    with messages_api([bad, HELLO]) as api:
        model = ClaudeModel("claude-opus-5-5", KEY, api.url, timeout_s=10)
        talk = Talk(build_in(used_home(tmp_path / "home"), model=model, database_url=database_url))
        assert talk.say("one\0").text == "Hello."
        assert api.refused == []
        talk.session.program.close()


@pytest.mark.parametrize("count", [10**30, -(10**30), -1, None])
def test_a_made_up_count_of_tokens_empties_no_purse_and_fills_none(talk_to: Open, count: int | None) -> None:
    with messages_api([HELLO, replace(HELLO, usage={"output_tokens": count})]) as api:
        talk = talk_to(api)
        first = talk.say("one").usd
        ended = talk.say("two")
    assert (ended.reason, ended.text) == ("done", "Hello.")
    assert ended.usd > 10 * first > 0
    assert "cannot be (output_tokens is" in talk.notices()[-1]
    person, clock = talk.session.person, talk.session.clock
    assert SpendingTable(talk.session.program.database).of(person.owner_id, clock()).model_today == first + ended.usd
