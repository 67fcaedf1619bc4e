"""A file that a person in Telegram has sent, loaded in their conversation without a bot."""

from __future__ import annotations

import threading
from pathlib import Path

from evals.world.files import watch
from runtime.telegram.turns import Turns


def send_file(turns: Turns, user_id: int, path: Path) -> None:
    """Load it in the person's private chat."""
    session = turns.session(user_id)
    source = session.data.receive(path.name, [path.read_bytes()], watch())
    conversation, line = turns.conversation(session, str(user_id), user_id), f"(sent {path.name})"
    given = {"source": source}
    session.command(conversation, line, "load_dataset", {**given}, lambda event: None, threading.Event())
