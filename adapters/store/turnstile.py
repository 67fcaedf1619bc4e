"""A turnstile: one thread at a time goes through, in the order in which they came."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class NestedError(RuntimeError):
    """The thread that is through wanted to go through once more: it would wait for itself."""


class Turnstile:
    """SQLite lets writers try again and again until one is lucky, for seconds where there are many; this is a queue.

    Parameters
    ----------
    timeout_s : float
        How long one waits for all who came before.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()
        self._inside: int | None = None
        """Which thread is through."""

    @contextmanager
    def through(self) -> Iterator[None]:
        """Wait for all who came before, and let nobody else through until the block ends.

        Raises
        ------
        TimeoutError
            If that takes too long.
        NestedError
            If this thread is through already.
        """
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        me, mine = threading.get_ident(), threading.Lock()
        with self._lock:
            if self._inside == me:
                raise NestedError("a transaction that writes within another one of the same thread")
            if self._inside is None:
                self._inside = me
                return
            mine.acquire()
            self._waiting.append(mine)
        try:
            is_let_in = mine.acquire(timeout=self._timeout_s)
        except BaseException:
            self._give_up(mine)
            raise
        with self._lock:
            if not is_let_in and mine in self._waiting:
                self._waiting.remove(mine)
                raise TimeoutError(f"other writers took more than {self._timeout_s:g} s")
            self._inside = me

    def _give_up(self, mine: threading.Lock) -> None:
        """Ctrl-C while it waits: whoever was let in at that very moment lets the next one in."""
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:
                self._let_next_in()

    def _leave(self) -> None:
        with self._lock:
            self._let_next_in()

    def _let_next_in(self) -> None:
        self._inside = None
        if self._waiting:
            self._inside = -1  # handed over: nobody comes in between
            self._waiting.popleft().release()
