"""A connection's work is told of while it runs, and is interrupted as soon as the user stops it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar

import duckdb

from adapters.data.base import Cancelled, Watch

LOOK_S = 0.1
LOOKS_A_TELLING = 5

Piece = TypeVar("Piece")
Tell = Callable[[float, float], None]
"""Told now and then: the fraction of the query at work, in 0..1, and the seconds since the beginning."""


def stop_if(cancel: threading.Event) -> None:
    """Raise Cancelled where the user has stopped a load: for our own work, which no interruption of DuckDB reaches."""
    if cancel.is_set():
        raise Cancelled("stopped; nothing was loaded")


def heeding(pieces: Iterable[Piece], cancel: threading.Event) -> Iterator[Piece]:
    """The pieces of a file, until the user stops: then Cancelled is raised."""
    for piece in pieces:
        stop_if(cancel)
        yield piece


def chunks_of(file: BinaryIO, cancel: threading.Event, n_bytes: int = 1 << 20) -> Iterator[bytes]:
    """A file in chunks, until the user stops."""
    return heeding(iter(lambda: file.read(n_bytes), b""), cancel)


@contextmanager
def stoppable(connection: duckdb.DuckDBPyConnection, watch: Watch, sentence: str, tell: Tell) -> Iterator[None]:
    """Look every tenth of a second whether the user stops; then the query at work is interrupted.

    Raises
    ------
    Cancelled
        With `sentence`, in place of DuckDB's interruption.
    """
    connection.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    done = threading.Event()

    def look() -> None:
        started, n_looks = time.monotonic(), 0
        while not done.wait(LOOK_S):
            n_looks += 1
            if watch.cancel.is_set():
                connection.interrupt()
            elif n_looks % LOOKS_A_TELLING == 0:
                tell(connection.query_progress() / 100, time.monotonic() - started)

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    try:
        yield
    except (duckdb.InterruptException, OSError) as error:
        # A stream that is interrupted ends with Arrow's OSError.
        if isinstance(error, OSError) and not watch.cancel.is_set():
            raise
        raise Cancelled(sentence) from error
    finally:
        done.set()
        looker.join()
