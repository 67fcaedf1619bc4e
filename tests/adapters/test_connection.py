"""Standard output is ours: every connection is opened by the one function that keeps DuckDB from drawing on it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from adapters.data import connection
from adapters.data.connection import connect

ROOT = Path(__file__).parents[2]


def test_a_connection_draws_no_bar(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with connect(tmp_path / "t.duckdb", config={"threads": "1"}) as opened:
        assert opened.execute("SELECT current_setting('threads')").fetchone() == (1,)
    executed: list[str] = []

    class Heard:
        def execute(self, sql: str) -> None:
            executed.append(sql)

    monkeypatch.setattr(duckdb, "connect", lambda *_, **__: Heard())
    connection.connect()
    assert executed == ["SET enable_progress_bar = false"]


def test_every_connection_is_opened_so() -> None:
    files = [path for folder in ("adapters", "tools", "runtime", "agent") for path in (ROOT / folder).rglob("*.py")]
    by_themselves = {path.name for path in files if "duckdb.connect(" in path.read_text(encoding="utf-8")}
    assert by_themselves == {"connection.py"}
