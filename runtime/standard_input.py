"""What comes on standard input: the question itself, or a file for the conversation."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO

from adapters.data.base import Watch
from runtime.app import App

CHUNK = 1 << 20
FIRST_BYTE_S = 3.0
KINDS = ((b"PAR1", "parquet"), (b"PK\x03\x04", "xlsx"), (b"\x1f\x8b", "csv.gz"), (b"{", "json"), (b"[", "json"))


def is_terminal() -> bool:
    """True when a person sits there: what comes through a pipe or out of a file is a script's."""
    return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()


def _is_given() -> bool:
    """True when a file is put in, or a pipe that something comes through: one that stays silent is nobody's file."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return False
    if stat.S_ISFIFO(mode):
        return bool(select.select([sys.stdin], [], [], FIRST_BYTE_S)[0])
    return stat.S_ISREG(mode)


def read_question() -> str:
    """All of it, as words."""
    return sys.stdin.read().strip()


def receive_file(app: App, watch: Watch) -> str | None:
    """Keep it as an upload; gives the source that load_dataset takes, None when nothing comes.

    Raises
    ------
    DataError
        If it is larger than a file may be.
    """
    if not _is_given():
        return None
    stream = sys.stdin.buffer
    first = stream.read(CHUNK)
    if not first.strip():
        return None
    kind = next((kind for mark, kind in KINDS if first.lstrip()[:8].startswith(mark)), "csv")
    return app.data.receive(f"stdin.{kind}", _chunks(first, stream), watch)


def _chunks(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield first
    while chunk := stream.read(CHUNK):
        yield chunk
