"""One turn at a time in a conversation, over threads and programs; the holder's death gives the turn back."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from adapters.store.conversations import ConversationError
from adapters.store.database import NO_LOCK, Database

POLL_S = 0.05
SAY_AFTER_S = 1.0
PATIENCE_S = 120.0


class Turns:
    """Who may write to a conversation now: the kernel's lock on a file, or PostgreSQL's on a session.

    Neither is a row with a lease: a program that is killed holds nothing from that moment, and nobody waits for a date.
    """

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
        is_sqlite = self._database.engine.dialect.name == "sqlite"
        with self._file(conversation_id) if is_sqlite else self._session(conversation_id) as is_free:
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

    @contextmanager
    def _file(self, conversation_id: str) -> Iterator[Callable[[], bool]]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._folder / f"{conversation_id}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

        def is_free() -> bool:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        try:
            yield is_free
        finally:
            os.close(descriptor)

    @contextmanager
    def _session(self, conversation_id: str) -> Iterator[Callable[[], bool]]:
        options = {"isolation_level": "AUTOCOMMIT", NO_LOCK: True}
        with self._database.engine.connect().execution_options(**options) as connection:
            # A turn may be long: the connection is not one of the pool's while it lasts, and closing it ends the lock.
            connection.detach()
            try_lock = sa.select(sa.func.pg_try_advisory_lock(sa.func.hashtextextended(conversation_id, 0)))
            yield lambda: bool(connection.execute(try_lock).scalar())
