"""Masks behind the first one: what an earlier version kept, what settings hold, what the prompt shows in a pipe."""

from __future__ import annotations

import dataclasses
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from adapters.store.conversations import ConversationTable, ToolResult
from evals.world.home import build_in, settings_in, used_home
from evals.world.planted import SECRETS
from runtime.doctor import examine
from runtime.export import FORMATS, export
from runtime.repl import Repl


def leaks(text: str, kinds: tuple[str, ...] = ()) -> list[str]:
    """Which kinds of secret stand in the text; of these kinds alone, where some are named."""
    return [s.kind for s in SECRETS for part in s.parts if part in text and (not kinds or s.kind in kinds)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_log_of_an_earlier_version_is_exported_without_its_secrets(name: str, tmp_path: Path) -> None:
    """Written past today's masks, as the program wrote them before there were any."""
    session = build_in(used_home(tmp_path / "home"))
    conversation = session.begin()
    log = ConversationTable(session.program.database)
    keys = [secret.words for secret in SECRETS if secret.is_key]
    call = {"type": "tool_use", "id": "c1", "name": "query", "input": {"sql": f"SELECT '{keys[0]}'"}}
    result = {"columns": ["note"], "rows": [[key] for key in keys], "total": len(keys), "truncated": False}
    entries: list[tuple[str, list[dict[str, Any]], str | None]] = [
        ("user", [{"type": "text", "text": "\n".join(secret.words for secret in SECRETS)}], None),
        ("assistant", [call], "tool_use"),
        ("user", [{"type": "tool_result", "tool_use_id": "c1", "content": json.dumps(result)}], None),
        ("assistant", [{"type": "text", "text": f"It is {keys[1]}."}], "end_turn"),
    ]
    for role, content, stop in entries:
        message = conversation.next_message(role, content, stop_reason=stop)
        log.append(conversation.row, message, session.clock())
        conversation.messages.append(message)
    log.add_result(conversation.row, ToolResult("c1", json.dumps(result), False, []), session.clock())
    with sqlite3.connect(tmp_path / "home" / "statagent.db") as database:
        for position, (_, content, _) in enumerate(entries):
            database.execute("UPDATE messages SET content = ? WHERE position = ?", (json.dumps(content), position))
        database.execute("UPDATE tool_results SET content = ?", (json.dumps(result),))
    path = export(session, conversation.row.conversation_id, name, tmp_path / f"out.{FORMATS[name]}").path
    session.program.close()
    assert leaks(path.read_text()) == []


def test_the_doctor_shows_an_address_without_its_password(tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "home", s3_endpoint="https://ann:zq7canary@h.example", runpod_s3_region="EU")
    shown = " ".join(str(dataclasses.asdict(finding)) for finding in examine(settings))
    assert "h.example" in shown
    assert "zq7canary" not in shown


def test_what_is_typed_into_a_pipe_is_shown_without_its_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = build_in(used_home(tmp_path / "home"))
    repl = Repl(session, session.begin(), Console(file=io.StringIO(), width=4000), is_person=False)
    for secret in SECRETS:
        repl.take(f"look at {secret.words}")
    session.program.close()
    shown = capsys.readouterr().out
    assert shown.count("> look at") >= len(SECRETS) - 1
    assert leaks(shown) == []
