"""Standard output that says so when what it is given cannot arrive."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO


class OutputLostError(Exception):
    """The reader of standard output has left, or its disk is full; `error` is the system's own."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"Standard output takes no more: {error.strerror}.")
        self.error = error


class _Output(io.FileIO):
    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            raise OutputLostError(error) from error


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def take_output() -> None:
    """Let all that is printed go through here; a sign that the encoding lacks is printed as its code.

    Raises
    ------
    OutputLostError
        If standard output is closed.
    """
    given = sys.stdout
    if sys.stderr is None:
        sys.stderr = _nowhere()
    if given is None:
        sys.stdout = _nowhere()
        raise OutputLostError(OSError(errno.EBADF, os.strerror(errno.EBADF)))
    if not isinstance(given, io.TextIOWrapper):
        return
    raw = io.BufferedWriter(_Output(given.fileno(), "w", closefd=False))
    sys.stdout = io.TextIOWrapper(
        raw, encoding=given.encoding, errors="backslashreplace", line_buffering=given.line_buffering
    )
