"""What a person typed is committed first: before the turn is waited for, before limits, before the model is asked."""

from __future__ import annotations

import json
import random
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.model.base import ModelError, ModelRequest
from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.store.turns import Turns
from agent.events import Event, Kept, ToolStarted
from evals.bench.kept import kill_at_a_line
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.talk import Talk
from runtime.chat_command import ChatOptions
from runtime.one_turn import talk as talk_once


class Killed(BaseException):
    """The program ends here, with no chance to do anything more."""


def open_talk(tmp_path: Path, database_url: str | None, *replies: Step, **settings: Any) -> Talk:
    session = build_in(
        used_home(tmp_path / "home"), model=ScriptedModel(replies), database_url=database_url, **settings
    )
    return Talk(session)


def again(talk: Talk, *replies: Step) -> Talk:
    """The same conversation, opened by another program."""
    settings = talk.session.settings
    session = build_in(settings.home, model=ScriptedModel(replies), database_url=settings.database_url)
    return Talk(session, session.resume(talk.conversation.row.conversation_id))


def words_in(talk: Talk) -> list[str]:
    blocks = [block for m in talk.conversation.messages if m.role == "user" for block in m.content]
    return [str(block["text"]) for block in blocks if block["type"] == "text"]


def die_at(kind: type[Event]) -> Any:
    def hear(event: Event) -> None:
        if isinstance(event, kind):
            raise Killed

    return hear


def interrupted(tmp_path: Path, database_url: str | None) -> Talk:
    """A conversation whose program died as it ran a call."""
    talk = open_talk(tmp_path, database_url, call(("l1", "load_dataset", {"source": str(PENGUINS)})))
    with pytest.raises(Killed):
        talk.session.turn(talk.conversation, "first", die_at(ToolStarted), talk.cancel)
    talk.session.program.close()
    return talk


def test_words_are_in_the_log_before_the_model_is_asked(tmp_path: Path, database_url: str | None) -> None:
    talk = open_talk(tmp_path, database_url)
    with pytest.raises(Killed):
        talk.session.turn(talk.conversation, "remember me", die_at(Kept), talk.cancel)
    other = again(talk, say("I do."))
    assert words_in(other) == ["remember me"]
    assert other.say(None).text == "I do."
    other.session.program.close()
    talk.session.program.close()


def test_words_are_kept_while_another_window_has_the_turn(tmp_path: Path, database_url: str | None) -> None:
    talk = open_talk(tmp_path, database_url, say("Both."))
    turns = Turns(talk.session.program.database, tmp_path / "home" / "turns")
    conversation_id = talk.conversation.row.conversation_id
    with turns.hold(conversation_id, threading.Event(), lambda: pytest.fail("nobody was there")):
        threading.Timer(0.3, talk.cancel.set).start()
        assert talk.say("one").reason == "failed"
    assert "What you wrote is kept" in talk.notices()[1]
    talk.cancel.clear()
    assert talk.say("two").text == "Both."
    assert words_in(talk) == ["one", "two"]
    assert talk.session.words_waiting(talk.conversation) == []
    talk.session.program.close()


def test_a_program_that_died_as_it_waited_leaves_its_words(tmp_path: Path, database_url: str | None) -> None:
    talk = open_talk(tmp_path, database_url)
    turns = Turns(talk.session.program.database, tmp_path / "home" / "turns")
    # Who waits with no words kept is stopped, and not waited for.
    stop = threading.Timer(5, talk.cancel.set)
    stop.start()
    with (
        turns.hold(talk.conversation.row.conversation_id, threading.Event(), lambda: pytest.fail("nobody was there")),
        pytest.raises(Killed),
    ):
        talk.session.turn(talk.conversation, "one", die_at(Kept), talk.cancel)
    stop.cancel()
    assert not talk.cancel.is_set()
    other = again(talk, say("Here."))
    assert other.conversation.waiting
    assert other.say(None).text == "Here."
    assert words_in(other) == ["one"]
    other.session.program.close()
    talk.session.program.close()


def test_words_after_an_interrupted_turn_outlive_its_failure(tmp_path: Path, database_url: str | None) -> None:
    before = interrupted(tmp_path, database_url)
    talk = again(before, ModelError("The model is out of order."), say("Done."))
    assert talk.say("second").reason == "failed"
    assert words_in(talk) == ["first", "second"]
    assert talk.say("third").text == "Done."
    assert words_in(talk) == ["first", "second", "third"]
    assert len(talk.results("load_dataset")) == 1
    talk.session.program.close()


@pytest.mark.parametrize("kind", [Kept, ToolStarted])
def test_words_after_an_interrupted_turn_outlive_a_second_death(
    tmp_path: Path, database_url: str | None, kind: type[Event]
) -> None:
    talk = again(interrupted(tmp_path, database_url))
    with pytest.raises(Killed):
        talk.session.turn(talk.conversation, "second", die_at(kind), talk.cancel)
    other = again(talk, say("Done."))
    assert other.say(None).text == "Done."
    assert words_in(other) == ["first", "second"]
    other.session.program.close()
    talk.session.program.close()


def test_one_turn_on_an_interrupted_conversation_keeps_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = again(interrupted(tmp_path, None), ModelError("The model is out of order."))
    options = ChatOptions("second", None, None, True, "json", None)
    assert talk_once(talk.session, talk.conversation, options) == 5
    assert json.loads(capsys.readouterr().out)["notices"] == ["The model is out of order."]
    assert words_in(again(talk)) == ["first", "second"]
    talk.session.program.close()


class Dear(ScriptedModel):
    """A model that no limit allows."""

    def most_usd(self, request: ModelRequest) -> Decimal:
        return Decimal(1000)


def test_a_limit_comes_after_the_words(tmp_path: Path) -> None:
    talk = Talk(build_in(used_home(tmp_path / "home"), model=Dear([])))
    assert talk.say("hello").reason == "limit"
    other = again(talk)
    assert words_in(other) == ["hello"]
    other.session.program.close()
    talk.session.program.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_was_shown_survives_kill_9(tmp_path: Path, database_url: str | None, seed: int) -> None:
    assert kill_at_a_line(tmp_path / "home", database_url, random.Random(seed)) > 0
