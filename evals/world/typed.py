"""A program whose lines are typed at a terminal, with any of its other ends on that terminal or in a pipe."""

from __future__ import annotations

import os
import pty
import subprocess
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from evals.world.home import ROOT
from evals.world.pace import Limit

ENDS = ("stdin", "stdout", "stderr")


@dataclass(frozen=True)
class Done:
    """How it ended, what came out of its pipes, and what the terminal showed."""

    returncode: int
    stdout: str
    stderr: str
    screen: str


def run_typed(
    command: Sequence[str | Path],
    words: str,
    on_terminal: Collection[str],
    environment: Mapping[str, str],
    seconds: float = 60,
    *,
    ahead: str = "",
    after: str = "",
) -> Done:
    """Run the command with the words on its input: typed and ended by Ctrl-D where that is on the terminal, else piped.

    Parameters
    ----------
    on_terminal : collection of str
        Which of stdin, stdout and stderr are on the terminal; the others are pipes.
    ahead, after : str
        What is typed at once, and what the terminal must show before the words are.
    """
    is_typed = "stdin" in on_terminal
    with terminal() as (mine, its):
        ends = {name: its if name in on_terminal else subprocess.PIPE for name in ENDS}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **ends)  # type: ignore[call-overload]
        shown: list[bytes] = []
        reader = threading.Thread(target=_read, args=(mine, shown), daemon=True)
        reader.start()
        if is_typed:
            os.write(mine, ahead.encode())
            _wait_for(after, shown, process, seconds)
            os.write(mine, words.encode() + b"\x04")
        try:
            out, err = process.communicate(None if is_typed else words, timeout=seconds)
        finally:
            process.kill()
    reader.join(5)
    return Done(process.returncode, out or "", err or "", b"".join(shown).decode())


@contextmanager
def terminal() -> Iterator[tuple[int, int]]:
    """A terminal's two sides: the person's and the program's."""
    mine, its = pty.openpty()
    try:
        yield mine, its
    finally:
        os.close(its)
        with suppress(OSError):
            os.close(mine)


def _wait_for(words: str, shown: list[bytes], process: subprocess.Popen[str], seconds: float) -> None:
    limit = Limit(seconds)
    while words not in b"".join(shown).decode(errors="replace") and process.poll() is None:
        assert not limit.is_over(), f"{words!r} was not shown"
        time.sleep(0.02)


def _read(mine: int, shown: list[bytes]) -> None:
    # The other side is closed when the program has ended.
    with suppress(OSError):
        while piece := os.read(mine, 65_536):
            shown.append(piece)
