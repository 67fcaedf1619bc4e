"""kill -9 of the prompt at the moment in which it shows a line: `python -m evals.bench.kept [N] [SEED]`.

Whatever line was shown is in the log, or waits to come into it. On SQLite and on PostgreSQL, N times each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from evals.world.home import ROOT, build_in
from evals.world.postgres import empty_database, postgres_server
from evals.world.typed import terminal

N_LINES = 8
LINES = ("line {} is about nothing", "/list_models", "what was line {}?")


class WordsLost(Exception):
    """A line that was shown is nowhere."""


def kill_at_a_line(home: Path, database_url: str | None, rng: random.Random) -> int:
    """Feed lines to a prompt, kill it as it shows one of them, look for all that it has shown; gives how many.

    Raises
    ------
    WordsLost
        Names the lines.
    """
    lines = [f"{rng.choice(LINES).format(number)}" for number in range(N_LINES)]
    last = rng.randrange(1, N_LINES + 1)
    shown = _shown_before_the_kill(home, database_url, lines, last)
    session = build_in(home, database_url=database_url)
    try:
        conversation = session.resume()
        texts = [str(b.get("text")) for message in conversation.messages for b in message.content]
        texts += [entry.words for entry in session.words_waiting(conversation)]
        lost = list(shown)
        for text in texts:
            if text in lost:
                lost.remove(text)
        if lost:
            raise WordsLost(f"{len(shown)} lines were shown; {lost} are lost")
        return len(shown)
    finally:
        session.program.close()


def _shown_before_the_kill(home: Path, database_url: str | None, lines: list[str], last: int) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC")}
    environment |= {"STATAGENT_HOME": str(home)} | ({"STATAGENT_DATABASE_URL": database_url} if database_url else {})
    command = [str(Path(sys.executable).with_name("statagent")), "chat"]
    pipe = subprocess.PIPE
    # Typed at a terminal and shown in a pipe: there, what is shown was committed before.
    with (
        terminal() as (mine, its),
        subprocess.Popen(command, cwd=ROOT, env=environment, stdin=its, stdout=pipe, stderr=pipe, text=True) as prompt,
    ):
        assert prompt.stdout is not None
        os.write(mine, "".join(f"{line}\n" for line in lines).encode())
        shown: list[str] = []
        while len(shown) < last:
            line = prompt.stdout.readline()
            assert line, "the prompt has ended by itself"
            if line.startswith("> "):
                shown.append(line[2:].rstrip("\n"))
        prompt.kill()
        return shown


def main() -> None:
    """Kill N times (40 by default) on each database."""
    n, seed = (int(word) for word in (sys.argv[1:] + ["40", "0"][len(sys.argv) - 1 :])[:2])
    rng, started = random.Random(seed), time.monotonic()
    n_lines = 0
    with postgres_server(os.environ.get("STATAGENT_TEST_DATABASE_URL")) as server:
        for _ in range(n):
            with tempfile.TemporaryDirectory() as folder, empty_database(server) as url:
                n_lines += kill_at_a_line(Path(folder) / "sqlite", None, rng)
                n_lines += kill_at_a_line(Path(folder) / "postgres", url, rng)
    seconds = time.monotonic() - started
    print(f"{n} kills on each database, {n_lines} lines shown, none lost; {seconds:.0f} s")  # noqa: T201 - the result


if __name__ == "__main__":
    main()
