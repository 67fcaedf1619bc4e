"""Who sits at the program, and what comes on standard input: lines of a person, one question, or a file."""

from __future__ import annotations

import os
import select
import stat
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from adapters.data.base import Watch
from runtime.session import Session

CHUNK = 1 << 20
FIRST_BYTE_S = 3.0
MAX_QUESTION_BYTES = 20_000
KINDS = ((b"PAR1", "parquet"), (b"PK\x03\x04", "xlsx"), (b"\x1f\x8b", "csv.gz"), (b"{", "json"), (b"[", "json"))


@dataclass(frozen=True)
class Given:
    """What came: a question, or the source of a file that load_dataset takes; neither where nothing came."""

    question: str | None = None
    source: str | None = None


def is_terminal() -> bool:
    """True when lines are typed; what comes through a pipe or out of a file is no person's."""
    return _is_terminal(sys.stdin)


def is_person(shown_on: TextIO | None = None) -> bool:
    """True when a person sees the question and types the answer: a terminal on both ends.

    Parameters
    ----------
    shown_on : stream or None
        Where the question is shown: standard output by default.
    """
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout if shown_on is None else shown_on)


def forget_typed() -> None:
    """Throw away what was typed before a question is shown: nobody has read it yet, so nothing of that answers it."""
    if _is_terminal(sys.stdin):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


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
    return "" if sys.stdin is None else sys.stdin.buffer.read().decode("utf-8", "replace").strip()


def receive(session: Session, watch: Watch) -> Given:
    """Whatever comes, to its end: one line is a question, anything else a file.

    A table has a header and rows: it is more than one line. So no row of a file can pass for words of a person.

    Raises
    ------
    DataError
        If it is a file larger than one may be.
    """
    if sys.stdin is None or sys.stdin.closed:
        return Given()
    first = sys.stdin.buffer.read(CHUNK)
    if not first.strip():
        return Given()
    if _is_question(first):
        return Given(question=first.decode("utf-8").strip())
    return Given(source=_keep(session, first, watch))


def receive_file(session: Session, watch: Watch) -> str | None:
    """Keep it as an upload; gives the source that load_dataset takes, None when nothing comes.

    Raises
    ------
    DataError
        If it is larger than a file may be.
    """
    if not _is_given():
        return None
    first = sys.stdin.buffer.read(CHUNK)
    return _keep(session, first, watch) if first.strip() else None


def _is_question(content: bytes) -> bool:
    """One line of text that bears no mark of a file."""
    text = content.strip()
    if len(text) > MAX_QUESTION_BYTES or b"\0" in text or _kind(text) is not None:
        return False
    try:
        return len(text.decode("utf-8").splitlines()) == 1
    except UnicodeDecodeError:
        return False


def _kind(content: bytes) -> str | None:
    return next((kind for mark, kind in KINDS if content.lstrip()[:8].startswith(mark)), None)


def _keep(session: Session, first: bytes, watch: Watch) -> str:
    return session.data.receive(f"stdin.{_kind(first) or 'csv'}", _chunks(first, sys.stdin.buffer), watch)


def _chunks(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield first
    while chunk := stream.read(CHUNK):
        yield chunk
