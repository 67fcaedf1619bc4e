"""A yes that did not count and a turn that did nothing are no success."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from adapters.store.database import open_sqlite
from adapters.store.tables import jobs, quotes
from tests.runtime.test_one_turn import PENGUINS, chat

Chat = Callable[..., CompletedProcess[str]]
__all__ = ["chat"]


def open_quote(chat: Chat) -> dict[str, Any]:
    """A conversation in which a quote waits for its yes."""
    loaded = json.loads(chat("-p", f"load {PENGUINS}", "--output", "json").stdout)
    asked = chat("-p", "train a random forest to predict species", "--resume", "--output", "json")
    assert asked.returncode == 3
    return {"session": loaded["session"], **json.loads(asked.stdout)["quote"]}


def n_jobs(tmp_path: Path) -> int:
    database = open_sqlite(tmp_path / "home" / "statagent.db")
    with database.read() as connection:
        found = len(connection.execute(jobs.select()).all())
    database.close()
    return found


@pytest.mark.parametrize(
    ("words", "code", "outcome"),
    [
        ("xyzzy the frobnicators", 1, "not_understood"),
        ("load nowhere.csv", 1, "not_done"),
        ("describe body mass", 1, "not_done"),
        ("how is it going?", 1, "not_done"),
        ("help", 0, "done"),
        (f"load {PENGUINS}", 0, "done"),
    ],
)
def test_a_turn_that_did_nothing_is_no_success(chat: Chat, words: str, code: int, outcome: str) -> None:
    done = chat("-p", words, "--output", "json")
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (code, outcome), done.stdout


def test_a_yes_to_an_expired_quote_is_no_success(chat: Chat, tmp_path: Path) -> None:
    quote = open_quote(chat)
    database = open_sqlite(tmp_path / "home" / "statagent.db")
    with database.write() as connection:
        connection.execute(quotes.update().values(expires_at=datetime(2020, 1, 1, tzinfo=UTC)))
    database.close()
    yes = ("--confirm", quote["quote_id"], "--max-usd", "1")
    for _ in range(2):
        late = chat("--session", quote["session"], *yes)
        assert late.returncode == 1
        assert late.stderr.strip()
    assert n_jobs(tmp_path) == 0


def test_a_yes_that_was_used_already_is_no_success(chat: Chat, tmp_path: Path) -> None:
    quote = open_quote(chat)
    yes = ("--confirm", quote["quote_id"], "--max-usd", "1")
    assert chat("--session", quote["session"], *yes).returncode == 0
    for more in (("--session", quote["session"]), ()):
        again = chat(*more, "-p", "help", *yes)
        assert again.returncode == 1
        assert "did not count" in again.stderr + again.stdout
    assert n_jobs(tmp_path) == 1
