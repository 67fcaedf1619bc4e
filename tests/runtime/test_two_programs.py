"""Two programs on one database, SQLite or PostgreSQL: a conversation's turns come one after the other."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from adapters.model.scripted import ScriptedModel
from adapters.store.turns import Turns
from agent.events import ToolStarted
from evals.world.home import ROOT, build_in
from evals.world.pace import is_within
from evals.world.programs import Programs
from evals.world.speaker import replies
from evals.world.talk import Talk

HOLDER = """
import sys, threading, time
from pathlib import Path
from adapters.store.turns import Turns
from evals.world.home import build_in
session = build_in(Path(sys.argv[1]))
with Turns(session.program.database, Path(sys.argv[1]) / "turns").hold(sys.argv[2], threading.Event(), lambda: None):
    print("held", flush=True)
    time.sleep(60)
"""


def start(python: str, arguments: list[str], database_url: str | None) -> subprocess.Popen[str]:
    environment = os.environ | ({"STATAGENT_DATABASE_URL": database_url} if database_url else {})
    return subprocess.Popen(
        [python, *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_two_programs_in_one_conversation_take_turns(
    programs: Programs, tmp_path: Path, database_url: str | None
) -> None:
    home, n_turns = tmp_path / "home", 4
    session = build_in(home, database_url=database_url)
    talk = Talk(session)
    conversation_id = talk.conversation.row.conversation_id
    speaks = ["-m", "evals.world.speaker", str(home), conversation_id]
    speakers = [start(programs.python, [*speaks, who, str(n_turns)], database_url) for who in ("ann", "bob")]
    for speaker in speakers:
        out, problems = speaker.communicate(timeout=60)
        assert out == " ".join(["done"] * n_turns), problems
    resumed = Talk(session, session.resume(conversation_id))
    resumed.check_log()
    messages = resumed.conversation.messages
    assert len(messages) == 2 * n_turns * 4
    for first in range(0, len(messages), 4):
        spoken, call, result, words = (message.content[0] for message in messages[first : first + 4])
        who = str(spoken["text"]).split()[0]
        assert str(call["id"]).startswith(who)
        assert result["tool_use_id"] == call["id"]
        assert words["text"] == f"Loaded {call['id']}."
    assert sorted(dataset.name for dataset in session.data.all()) == sorted(
        f"{who}_{turn}" for who in ("ann", "bob") for turn in range(n_turns)
    )
    session.program.close()


def test_a_call_left_open_is_run_by_one_of_two_programs(tmp_path: Path, database_url: str | None) -> None:
    call, words = replies("ann", 0)
    sessions = [build_in(tmp_path / "home", model=ScriptedModel([words]), database_url=database_url) for _ in range(2)]
    begun = Talk(sessions[0])
    row, log = begun.conversation.row, sessions[0]._log
    for message in (("user", [{"type": "text", "text": "load"}]), ("assistant", call.content)):
        entry = begun.conversation.next_message(*message, stop_reason="tool_use")
        log.append(row, entry, sessions[0].clock())
        begun.conversation.messages.append(entry)
    talks = [Talk(session, session.resume(row.conversation_id), is_alone=False) for session in sessions]
    threads = [threading.Thread(target=talk.say, args=[None]) for talk in talks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    started = [event for talk in talks for event in talk.events if isinstance(event, ToolStarted)]
    assert [event.call_id for event in started] == ["ann_0"]
    assert [len(talk.conversation.messages) for talk in talks] == [4, 4]
    for session in sessions:
        session.program.close()


def test_a_killed_program_holds_no_turn(tmp_path: Path, database_url: str | None) -> None:
    home = tmp_path / "home"
    session = build_in(home, model=ScriptedModel(replies("ann", 0)), database_url=database_url)
    talk = Talk(session)
    holder = start(sys.executable, ["-c", HOLDER, str(home), talk.conversation.row.conversation_id], database_url)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    threading.Timer(1.5, holder.kill).start()
    started = time.monotonic()
    assert talk.say("hello").reason == "done"
    assert time.monotonic() - started > 1.4
    assert is_within(4.5, since=started)
    assert talk.notices() == ["Another window is in the middle of this conversation; waiting for it …"]
    holder.communicate()
    session.program.close()


def test_a_person_need_not_wait_for_the_other_window(tmp_path: Path, database_url: str | None) -> None:
    session = build_in(tmp_path / "home", database_url=database_url)
    talk = Talk(session)
    turns = Turns(session.program.database, tmp_path / "home" / "turns")
    with turns.hold(talk.conversation.row.conversation_id, threading.Event(), lambda: pytest.fail("nobody was there")):
        threading.Timer(0.3, talk.cancel.set).start()
        assert talk.say("hello").reason == "failed"
    assert "another window is in the middle" in talk.notices()[0]
    assert talk.conversation.messages == []
    session.program.close()
