"""What an answer is made of: tables as the person wants them, files with every row, and files of nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.records import JsonValue
from adapters.records import Message as LogMessage
from adapters.store.conversations import ConversationTable, ToolResult
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_people import PeopleTable
from adapters.store.telegram_rows import Arrival
from agent.offline import OfflineModel
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.sent_file import send_file
from runtime.session import Session
from runtime.telegram.answer import Beside, answer
from runtime.telegram.asked import Asked
from runtime.telegram.outgoing import Message
from runtime.telegram.turns import Turns

ANN, BOB = 42, 43
SQL = "SELECT *, body_mass_g / 7.0 AS sevenths FROM penguins"


class Chat:
    """People who have sent the penguins, each in a private chat."""

    def __init__(self, session: Session) -> None:
        self.program = session.program
        self.table = UpdateTable(self.program.database, 1)
        self.turns = Turns(self.program, self.table)
        self._n_updates = 0
        for user_id in (ANN, BOB):
            send_file(self.turns, user_id, PENGUINS)
        self._seen = len(self.table.unsent())

    def _asked(self, user_id: int) -> Asked:
        self._n_updates += 1
        self.table.add_all([Arrival(self._n_updates, str(user_id), {})], self.program.clock())
        return Asked(self.table.get(self._n_updates), user_id, lambda event: None, threading.Event())

    def calls(self, tool: str, arguments: dict[str, JsonValue], user_id: int = ANN) -> list[Message]:
        """What is to be sent of a tool that the person calls."""
        self.turns.call(self._asked(user_id), f"/{tool}", tool, lambda datasets: arguments)
        return self._new()

    def says(self, words: str) -> list[Message]:
        """What is to be sent of a turn of Ann's."""
        self.turns.say(self._asked(ANN), words)
        return self._new()

    def _new(self) -> list[Message]:
        found = [Message.model_validate(one.content) for one in self.table.unsent()]
        new, self._seen = found[self._seen :], len(found)
        return new


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Chat]:
    session = build_in(used_home(tmp_path / "home"), model=OfflineModel())
    yield Chat(session)
    session.program.close()


def test_a_wide_result_is_a_rich_table_and_a_file_of_all_its_rows(chat: Chat) -> None:
    table, words, file = chat.calls("query", {"sql": SQL, "limit": 1000})
    assert (table.kind, words.kind, file.kind) == ("table", "text", "csv")
    assert "344 of 344 rows" in words.text
    assert file.sheet is not None
    assert (len(file.sheet.rows), file.sheet.left_out) == (344, 0)
    first = dict(zip(file.sheet.head, file.sheet.rows[0], strict=True))
    assert first["sevenths"] == 3750 / 7.0
    assert str(file.name).startswith("query_20")


def test_a_file_of_fewer_rows_than_there_are_says_so(chat: Chat) -> None:
    [*_, file] = chat.calls("query", {"sql": SQL, "limit": 50})
    assert file.text == "The table as a file: 50 of 344 rows, numbers in full; a query with save_as keeps all."


def test_after_a_crash_the_file_holds_what_the_log_does_and_says_so(chat: Chat) -> None:
    chat.calls("query", {"sql": SQL, "limit": 1000})
    session = chat.turns.session(ANN)
    conversation = chat.turns.conversation(session, "42", ANN)
    [*_, file] = answer(session, conversation, len(conversation.messages) - 4, Beside(), is_decision=False)
    assert file.sheet is not None
    assert 10 < len(file.sheet.rows) < 344
    assert len(file.sheet.rows) + file.sheet.left_out == 344
    assert f"{len(file.sheet.rows)} of 344 rows" in file.text


def test_who_has_switched_rich_tables_off_gets_pictures(chat: Chat) -> None:
    PeopleTable(chat.program.database).prefer(ANN, {"rich_tables": False})
    assert [one.kind for one in chat.calls("query", {"sql": SQL, "limit": 4})][:2] == ["pictures", "text"]
    assert next(one.kind for one in chat.calls("query", {"sql": SQL, "limit": 4}, BOB)) == "table"


def test_numbers_of_a_reply_are_in_full_in_its_file(chat: Chat) -> None:
    PeopleTable(chat.program.database).prefer(ANN, {"rich_tables": False})
    messages = chat.says("describe")
    file = next(one for one in messages if one.kind == "csv")
    assert file.sheet is not None
    place = file.sheet.head.index("sd")
    # pandas 3: read_csv("penguins.csv").std(numeric_only=True)
    known = [5.459583713926532, 1.9747931568167818, 14.061713679356894, 801.9545356980954, 0.8183559254837276]
    assert [row[place] for row in file.sheet.rows] == pytest.approx(known, rel=1e-12)


def test_plots_of_one_answer_are_one_album(chat: Chat) -> None:
    session = chat.turns.session(ANN)
    conversation = chat.turns.conversation(session, "42", ANN)
    place = len(conversation.messages)
    for column in ("body_mass_g", "bill_length_mm"):
        chat.calls("plot", {"dataset": "penguins", "kind": "histogram", "x": column})
    conversation = chat.turns.conversation(session, "42", ANN)
    messages = answer(session, conversation, place, Beside(), is_decision=False)
    [album] = [one for one in messages if one.kind == "album"]
    assert [part.kind for part in album.parts] == ["photo", "photo"]


def test_a_file_of_another_person_is_never_sent(chat: Chat) -> None:
    [*_, theirs] = chat.calls("plot", {"dataset": "penguins", "kind": "histogram", "x": "body_mass_g"}, BOB)
    [*_, own] = chat.calls("plot", {"dataset": "penguins", "kind": "histogram", "x": "body_mass_g"}, ANN)
    assert (theirs.kind, own.kind) == ("photo", "photo")
    assert "user_tg_43" in str(theirs.path)
    session = chat.turns.session(ANN)
    conversation = chat.turns.conversation(session, "42", ANN)
    log, now = ConversationTable(chat.program.database), chat.program.clock()
    call: dict[str, JsonValue] = {"type": "tool_use", "id": "c1", "name": "plot", "input": {}}
    forged: dict[str, JsonValue] = {"path": str(theirs.path), "kind": "png", "title": "x"}
    place = len(conversation.messages)
    conversation.messages.append(LogMessage(place, "assistant", [call]))
    log.add_result(conversation.row, ToolResult("c1", "{}", False, [forged]), now)
    [words] = answer(session, conversation, place, Beside(), is_decision=False)
    assert words.text == f"The file {Path(str(theirs.path)).name} is no longer there."
