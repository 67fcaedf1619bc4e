"""A bot that dies while it loads what was sent: nothing is loaded twice, and the question is asked once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, User

from adapters.store.telegram import UpdateTable
from adapters.store.telegram_people import PeopleTable
from adapters.store.telegram_rows import Arrival, UpdateState
from agent.conversation import calls_in
from agent.events import Event, ToolFinished, ToolStarted
from agent.offline import OfflineModel
from evals.world.home import build_in, used_home
from runtime.session import Session
from runtime.telegram.asked import Asked
from runtime.telegram.people import Access
from runtime.telegram.receiving import Receiving
from runtime.telegram.sendings import Sendings
from runtime.telegram.turns import Turns

ANN = 42
TABLE = "mean of x\nx\tg\n1\ta\n2\tb\n6\ta"


class Dies(BaseException):
    """The process is gone."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), model=OfflineModel(), telegram_allowed="42")
    yield session
    session.program.close()


@pytest.mark.parametrize(("kind", "nth"), [(ToolStarted, 1), (ToolFinished, 1), (ToolStarted, 2), (ToolFinished, 2)])
def test_what_was_loaded_before_a_crash_is_not_loaded_again(session: Session, kind: type[Event], nth: int) -> None:
    bot = Bot("7000000001:AAtoken")
    bot._bot_user = User(7_000_000_001, "Statagent", True, username="statagent_bot")
    table = UpdateTable(session.program.database, bot.id)
    message = {"message_id": 1, "date": 1_790_000_000, "text": TABLE}
    who = {"id": ANN, "is_bot": False, "first_name": "Ann"}
    whole = {**message, "from": who, "chat": {"id": ANN, "type": "private"}}
    content: dict[str, Any] = {"update_id": 1, "message": whole}
    table.add_all([Arrival(1, "42", content)], session.clock())
    turns, access = (
        Turns(session.program, table),
        Access(session.settings, PeopleTable(session.program.database), session.clock),
    )
    seen: list[Event] = []

    def take(event: Event) -> None:
        seen.append(event)
        if isinstance(event, kind) and sum(isinstance(one, kind) for one in seen) == nth:
            raise Dies

    def say() -> None:
        sendings = Sendings(turns, table, bot, access, Receiving(bot, None, session.settings.home))
        sendings.say(Asked(table.get(1), ANN, take, threading.Event()), TABLE)

    with pytest.raises(Dies):
        say()
    say()
    mine = turns.session(ANN)
    calls = [
        call.name for entry in mine.resume().messages if entry.role == "assistant" for call in calls_in(entry.content)
    ]
    assert calls == ["load_dataset", "describe"]
    assert [dataset.name for dataset in mine.data.all()] == ["pasted"]
    assert table.get(1).state is UpdateState.DONE
    said = " ".join(str(one.content["text"]) for one in table.unsent())
    assert said.count("I read this as a table of 3 rows and 2 columns: dataset pasted.") == 1
    assert said.count("pasted: 3 rows") == 1
