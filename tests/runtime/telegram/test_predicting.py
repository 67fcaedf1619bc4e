"""Predictions by a quote, from a chat: the card with two buttons, the file in the answer, or with the end; once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from adapters.records import JobState
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import Arrival
from agent.offline import OfflineModel
from evals.world.home import PENGUINS, Clock, build_in, used_home, wait_until
from evals.world.sent_file import send_file
from runtime.session import Session
from runtime.telegram.asked import Asked
from runtime.telegram.following import file_of
from runtime.telegram.turns import Turns

ANN = 42


@dataclass
class Held(Clock):
    """A clock that can be stopped."""

    at: datetime | None = None

    def __call__(self) -> datetime:
        return self.at or super().__call__()


class Chat:
    """Ann's chat with a bot that has no network: what it would send stands in the outbox."""

    def __init__(self, session: Session, clock: Held) -> None:
        self.clock = clock
        self.table = UpdateTable(session.program.database, 1)
        self.turns = Turns(session.program, self.table)
        self.session = self.turns.session(ANN)
        self.n_updates = 0
        send_file(self.turns, ANN, PENGUINS)
        self.say("train a tree for species")
        self.say("yes")
        wait_until(lambda: self.session.jobs.all()[0].state.is_final or not self.session.jobs.advance_all(), seconds=90)

    def say(self, words: str) -> list[dict[str, Any]]:
        """The messages that answer it."""
        self.n_updates += 1
        self.table.add_all([Arrival(self.n_updates, "42", {})], self.session.clock())
        asked = Asked(self.table.get(self.n_updates), ANN, lambda event: None, threading.Event())
        self.turns.say(asked, words)
        new = self.table.unsent()
        for entry in new:
            self.table.mark(entry.entry_id, entry.state.SENT)
        return [dict(entry.content) for entry in new]


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    home = used_home(tmp_path_factory.mktemp("chat") / "home")
    clock = Held()
    session = build_in(home, clock, model=OfflineModel())
    yield Chat(session, clock)
    session.program.close()


def files(messages: list[dict[str, Any]]) -> list[str]:
    return [Path(str(one["path"])).name for one in messages if one.get("kind") == "document"]


def test_what_is_quick_comes_with_the_answer_and_not_once_more_with_the_end(chat: Chat) -> None:
    (card,) = chat.say("predict penguins locally")
    assert "Predict 344 rows with model_" in card["text"]
    assert [label for label, _ in card["buttons"]] == ["Launch", "Cancel"]
    answer = chat.say("yes")
    (name,) = files(answer)
    assert name.startswith("predictions_model_")
    assert any("344 predictions of species" in one["text"] for one in answer)
    (job, *_) = chat.session.jobs.all()
    assert chat.session.has_file_of(job)
    assert file_of(chat.session, job) == []


def test_what_takes_longer_comes_with_the_end(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    chat.say("predict penguins locally")
    assert len(files(chat.say("yes"))) == 1
    monkeypatch.setattr(import_module("tools.predict.by_quote"), "WAIT_S", 0.0)
    earlier = {job.job_id: job for job in chat.session.jobs.all()}
    # The second that another file of this model was made in: the two have one name, and are told apart.
    monkeypatch.setattr(chat.clock, "at", max(job.created_at for job in earlier.values()))
    chat.say("predict penguins locally")
    answer = chat.say("yes")
    assert files(answer) == []
    assert any("The predictions are being made: job_" in one["text"] for one in answer)
    (job,) = [job for job in chat.session.jobs.all() if job.job_id not in earlier]
    wait_until(lambda: chat.session.jobs.get(job.job_id).job.state.is_final, seconds=90)
    done = chat.session.jobs.get(job.job_id).job
    assert done.state is JobState.SUCCEEDED, done.result
    (message,) = file_of(chat.session, done)
    assert message.kind == "document"
    # Once the person has asked for it, the conversation has it.
    assert files(chat.say("is it done?")) == [Path(str(message.path)).name]
    assert file_of(chat.session, done) == []
