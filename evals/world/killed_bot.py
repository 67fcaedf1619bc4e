"""`statagent telegram`, killed as by kill -9 at a commit: `python -m evals.world.killed_bot`, `KILL_AT` says which.

KILL_AT: `before|after STATEMENT`: around the first commit of a transaction that holds such a statement; with nothing
set it lives on. Whoever starts it kills it at any other moment.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

import sqlalchemy as sa

from runtime.choose_model import choose_model
from runtime.program import build
from runtime.settings import read_settings
from runtime.telegram.serving import serve

STATEMENTS = (
    "INSERT INTO telegram_updates",
    "INSERT INTO inbox",
    "UPDATE telegram_updates",
    "INSERT INTO messages",
    "INSERT INTO telegram_outbox",
    "UPDATE telegram_outbox",
)
"""What every message leads to, in this order."""
OF_A_PRESS = ("UPDATE approvals", "INSERT INTO jobs", "INSERT INTO tool_results", "UPDATE jobs", "UPDATE attempts")
"""What a press of Launch leads to besides."""


def die() -> None:
    """At once, with no chance to clean up."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(engine: sa.Engine, kill_at: str) -> None:
    """Kill this process around the first commit of a transaction that holds such a statement."""
    when, _, statement = kill_at.partition(" ")

    def executes(connection: sa.Connection, cursor: Any, words: str, *more: object) -> None:
        if words.startswith(statement):
            connection.info["is_last"] = True

    def commits(connection: sa.Connection) -> None:
        if when == "before" and connection.info.get("is_last"):
            die()

    def is_given_back(raw: object, record: Any) -> None:
        if when == "after" and record.info.get("is_last"):
            die()

    sa.event.listen(engine, "before_cursor_execute", executes)
    sa.event.listen(engine, "commit", commits)
    sa.event.listen(engine, "checkin", is_given_back)


def main() -> None:
    """Serve until the chosen moment."""
    settings = read_settings(lambda note: None)
    program = build(settings, choose_model("offline", settings))
    kill_at = os.environ.get("KILL_AT", "")
    if kill_at:
        arm(program.database.engine, kill_at)
    asyncio.run(serve(program))


if __name__ == "__main__":
    main()
