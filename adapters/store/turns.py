"""One turn at a time in a conversation, over threads and programs; the holder's death gives the turn back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.store.conversations import ConversationError
from adapters.store.database import Database
from adapters.store.locks import named_lock

POLL_S = 0.05
SAY_AFTER_S = 1.0
PATIENCE_S = 120.0


class Turns:
    """Who may write to a conversation now: the kernel's lock on a file, or PostgreSQL's on a session."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    @contextmanager
    def hold(
        self,
        conversation_id: str,
        cancel: threading.Event,
        waits: Callable[[], None],
        is_taken: Callable[[], None] | None = None,
    ) -> Iterator[None]:
        """Wait for the conversation's turn and hold it.

        Parameters
        ----------
        cancel : Event
            Set to stop waiting.
        waits : callable
            Called once when another program has had the turn for a second.
        is_taken : callable or None
            Called once, at once, when another program has the turn.

        Raises
        ------
        ConversationError
            If the other program does not end its turn in time, or the user stopped waiting.
        """
        with named_lock(self._database, conversation_id, self._folder) as is_free:
            started, has_told, has_said = time.monotonic(), False, False
            while not is_free():
                if is_taken is not None and not has_told:
                    has_told = True
                    is_taken()
                waited = time.monotonic() - started
                if waited > PATIENCE_S or cancel.wait(POLL_S):
                    raise ConversationError("another window is in the middle of this conversation; try again later")
                if waited > SAY_AFTER_S and not has_said:
                    has_said = True
                    waits()
            yield
