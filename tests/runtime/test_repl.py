"""The prompt, driven through a pipe and through a real terminal (tmux)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

STATAGENT = Path(sys.executable).with_name("statagent")
ROOT = Path(__file__).parents[2]


def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC")}
    return kept | {"STATAGENT_HOME": str(tmp_path / "home"), "TERM": "xterm-256color"}


def test_lines_of_a_pipe_are_a_whole_session(tmp_path: Path) -> None:
    lines = [
        "load evals/data/penguins.csv",
        "train ridge to predict body mass",
        "no",
        "/help",
        "/nonsense",
        "/new",
        "hi",
    ]
    done = subprocess.run(
        [STATAGENT, "chat"],
        input="\n".join(lines),
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    for words in ("344 rows, 8 columns", "This needs your yes", "Nothing was started", "There is no command /nonsense"):
        assert words in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr.startswith("No ANTHROPIC_API_KEY is set")


class Terminal:
    """A program in a window of tmux."""

    def __init__(self, tmp_path: Path, width: int = 100) -> None:
        self._server = ["tmux", "-L", f"statagent-{uuid.uuid4().hex[:8]}"]
        self._environment = environment(tmp_path)
        size = ["-x", str(width), "-y", "50"]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", *size, "-c", str(ROOT), f"{STATAGENT} chat; cat")

    def _tmux(self, *arguments: str) -> str:
        command = [*self._server, *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True).stdout

    def type(self, words: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", words)
        self._tmux("send-keys", "-t", "t", "Enter")

    def press(self, key: str) -> None:
        self._tmux("send-keys", "-t", "t", key)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "t", "-S", "-200")

    def wait_for(self, words: str, seconds: float = 20) -> str:
        deadline = time.monotonic() + seconds
        while words not in (screen := self.screen()):
            assert time.monotonic() < deadline, screen
            time.sleep(0.1)
        return screen

    def pid(self) -> int:
        return int(self._tmux("list-panes", "-t", "t", "-F", "#{pane_pid}"))

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[[], Terminal]]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux here")
    opened: list[Terminal] = []

    def start() -> Terminal:
        opened.append(Terminal(tmp_path))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_a_person_types_confirms_and_leaves(terminal: Callable[[], Terminal]) -> None:
    window = terminal()
    window.wait_for("\n>")
    window.type("load evals/data/penguins.csv")
    window.wait_for("344 rows, 8 columns")
    window.type("train ridge to predict body mass from sex")
    window.wait_for("Start it? Type yes or no.")
    window.type("yes")
    window.wait_for("has started as job_")
    window.type("predict evals/data/penguins_new.csv")
    window.wait_for("12 predictions of body_mass_g", seconds=40)
    window.type("/quit")


def test_ctrl_c_stops_a_wait_within_a_second(terminal: Callable[[], Terminal]) -> None:
    window = terminal()
    window.wait_for("\n>")
    window.type("load evals/data/penguins.csv")
    window.wait_for("344 rows, 8 columns")
    window.type("train a random forest to predict species")
    window.wait_for("Start it? Type yes or no.")
    window.type("yes")
    window.wait_for("has started as job_")
    window.type("predict evals/data/penguins_new.csv")
    window.press("C-c")
    window.wait_for("stopped", seconds=2)
    window.type("help")
    window.wait_for("I am the offline planner")


def test_a_session_that_was_killed_goes_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [STATAGENT, "chat"],
        cwd=ROOT,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("load evals/data/penguins.csv\n")
    process.stdin.flush()
    while "example" not in process.stdout.readline():
        pass
    process.kill()
    process.wait(20)
    process.stdin.close()
    process.stdout.close()
    again = subprocess.run(
        [STATAGENT, "chat", "--resume", "-p", "describe year"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "year over 344 rows" in again.stdout
