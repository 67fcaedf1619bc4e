"""A turn that the end of the program cuts short is left where it stands, and answered whole by the next one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.model.base import ModelRequest, Reply
from adapters.model.scripted import ScriptedModel
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import Arrival, UpdateState
from agent.events import Event, TextDelta, ToolStarted
from agent.stopping import Stop
from agent.validity import broken_rules
from evals.world.home import PENGUINS, build_in
from evals.world.sent_file import send_file
from runtime.session import Session
from runtime.telegram.asked import Asked
from runtime.telegram.turns import Turns

ANN = 42
TEXT = "\n".join(["The first line.", *["A line of many."] * 100, "The last line."])
WORDS = Reply([{"type": "text", "text": TEXT}], "end_turn")
CALL = Reply([{"type": "tool_use", "id": "call_1", "name": "describe", "input": {"dataset": "penguins"}}], "tool_use")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = build_in(tmp_path / "home", model=ScriptedModel([]))
    yield session
    session.program.close()


class Bot:
    """The turns of one run of a bot; it is asked to end at the first event of the kind."""

    def __init__(self, session: Session, model: ScriptedModel, ends_at: type[Event] | None = None) -> None:
        session.program.model = model
        self.table = UpdateTable(session.program.database, 1)
        self.turns = Turns(session.program, self.table)
        self.stop, self._ends_at = Stop(), ends_at

    def _hear(self, event: Event) -> None:
        if self._ends_at is not None and isinstance(event, self._ends_at):
            self.turns.leave_open()
            self.stop.set_for_later()

    def takes(self, words: str) -> None:
        """The turn of update 1, from wherever it stands."""
        self.turns.say(Asked(self.table.get(1), ANN, self._hear, self.stop), words)

    def roles(self) -> list[str]:
        mine = self.turns.session(ANN)
        conversation = mine.resume()
        request = ModelRequest("m", conversation.row.system, conversation.row.tools, conversation.to_send(), 100)
        broken = [] if conversation.messages[-1].role == "assistant" else broken_rules(request.body())
        assert broken == []
        return [message.role for message in conversation.messages]

    def unsent(self) -> list[str]:
        return [str(one.content["text"]) for one in self.table.unsent()]


def test_words_that_were_half_said_are_said_whole_later(session: Session) -> None:
    first = Bot(session, ScriptedModel([WORDS]), TextDelta)
    first.table.add_all([Arrival(1, "42", {})], session.clock())
    first.takes("hello")
    assert first.roles() == ["user"]
    assert first.unsent() == []
    assert first.table.get(1).state is UpdateState.TAKEN
    second = Bot(session, ScriptedModel([WORDS]))
    second.takes("hello")
    assert second.roles() == ["user", "assistant"]
    assert second.unsent() == [TEXT]
    assert second.table.get(1).state is UpdateState.DONE


def test_a_call_that_was_not_over_is_run_later_and_its_result_is_the_tools_own(session: Session) -> None:
    first = Bot(session, ScriptedModel([CALL]), ToolStarted)
    send_file(first.turns, ANN, PENGUINS)
    first.table.add_all([Arrival(1, "42", {})], session.clock())
    first.takes("describe all")
    second = Bot(session, ScriptedModel([WORDS]))
    second.takes("describe all")
    mine = second.turns.session(ANN)
    [result] = mine.read_results(mine.resume().row, ["call_1"]).values()
    assert not result.is_error
    assert second.unsent()[-1].endswith("The last line.")
    assert second.table.get(1).state is UpdateState.DONE


def test_a_stop_of_the_persons_keeps_what_was_said(session: Session) -> None:
    bot = Bot(session, ScriptedModel([WORDS]))
    bot.table.add_all([Arrival(1, "42", {})], session.clock())

    def hear(event: Event) -> None:
        if isinstance(event, TextDelta):
            bot.stop.set()

    bot.turns.say(Asked(bot.table.get(1), ANN, hear, bot.stop), "hello")
    assert bot.roles() == ["user", "assistant"]
    assert "The last line." not in bot.unsent()[0]
    assert bot.unsent()[0].startswith("The first line.")
    assert bot.table.get(1).state is UpdateState.DONE


def test_a_plain_event_is_a_stop_for_good() -> None:
    assert not Stop().is_for_later
    assert isinstance(Stop(), threading.Event)
