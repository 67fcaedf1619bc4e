"""Ends a PostgreSQL server with the test run that started it, also when that is killed: `until_the_end.py FOLDER`.

It waits for the end of its standard input, which the test run holds open: no way to end the run leaves it open.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_S = 10.0


def main(folder: Path) -> None:
    """Wait; then stop the server that still runs there, and take its folder away."""
    sys.stdin.buffer.read()
    pid_file = folder / "pg" / "postmaster.pid"
    with suppress(OSError, ValueError):  # it was stopped as it should be
        pid = int(pid_file.read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)  # PostgreSQL's immediate end
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            os.kill(pid, 0)  # an error once it has gone
            time.sleep(0.05)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
