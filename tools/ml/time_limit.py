"""A fit that is ended when its time is over, wherever it stands between two steps of Python."""

from __future__ import annotations

import ctypes
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class TimeIsOver(Exception):
    """The block took longer than it may."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TimeIsOver inside the block once so many seconds have gone by; infinity is no limit.

    A single call into compiled code is not cut short: the exception comes when it returns.
    """
    if math.isinf(seconds):
        yield
        return
    thread, lock, done = threading.get_ident(), threading.Lock(), threading.Event()

    def end() -> None:
        with lock:
            if not done.is_set():
                _raise_in(thread, TimeIsOver)

    timer = threading.Timer(max(seconds, 0.0), end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            done.set()
            # What was sent as the block ended would be raised in what comes after it.
            _raise_in(thread, None)
        timer.cancel()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have the thread raise it before its next step of Python; None takes back what it has not raised yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), None if error is None else ctypes.py_object(error)
    )
