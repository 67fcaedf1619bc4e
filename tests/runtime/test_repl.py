"""The prompt, at a real terminal (tmux), and with what it shows in a pipe."""

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

from evals.world.home import used_home, wait_until
from evals.world.pace import Limit
from evals.world.typed import run_typed
from evals.world.typed import terminal as terminal_of_a_person

STATAGENT = Path(sys.executable).with_name("statagent")
"""The program itself, for the one that a person sits at from start to end."""
ROOT = Path(__file__).parents[2]


def environment(tmp_path: Path) -> dict[str, str]:
    # A window says its own size; pytest's workers say another.
    unwanted = ("ANTHROPIC", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return kept | {"STATAGENT_HOME": str(used_home(tmp_path / "home")), "TERM": "xterm-256color"}


def test_what_is_typed_can_be_shown_in_a_file(statagent: str, tmp_path: Path) -> None:
    lines = ["load evals/data/penguins.csv", "describe year", "/help", "/nonsense", "/new", "hi"]
    done = run_typed([statagent, "chat"], "\n".join(lines) + "\n", ["stdin"], environment(tmp_path))
    assert done.returncode == 0
    for words in ("344 rows, 8 columns", "> describe year", "year over 344 rows", "There is no command /nonsense"):
        assert words in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr.startswith("No ANTHROPIC_API_KEY is set")


class Terminal:
    """A program in a window of tmux."""

    def __init__(self, program: str | Path, tmp_path: Path, width: int) -> None:
        self._server = ["tmux", "-L", f"statagent-{uuid.uuid4().hex[:8]}"]
        self._environment = environment(tmp_path)
        size = ["-x", str(width), "-y", "50"]
        self._tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", *size, "-c", str(ROOT), f"{program} chat; cat")

    def _tmux(self, *arguments: str) -> str:
        command = [*self._server, *arguments]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=True).stdout

    def type(self, words: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", words)
        self._tmux("send-keys", "-t", "t", "Enter")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", "-t", "t", *keys)

    def write(self, words: str) -> None:
        self._tmux("send-keys", "-t", "t", "-l", words)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-t", "t", "-S", "-200")

    def wait_for(self, words: str, seconds: float = 20) -> str:
        limit = Limit(seconds)
        while words not in (screen := self.screen()):
            assert not limit.is_over(), screen
            time.sleep(0.1)
        return screen

    def command(self) -> str:
        return self._tmux("list-panes", "-t", "t", "-F", "#{pane_current_command}")

    def close(self) -> None:
        self._tmux("kill-server")


@pytest.fixture
def terminal(statagent: str, tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    if shutil.which("tmux") is None:
        pytest.skip("no tmux here")
    opened: list[Terminal] = []

    def start(width: int = 100, program: str | Path = statagent) -> Terminal:
        opened.append(Terminal(program, tmp_path, width))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def test_a_person_types_confirms_and_leaves(terminal: Callable[..., Terminal]) -> None:
    window = terminal(program=STATAGENT)
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


def test_a_tool_is_explained_at_the_prompt(terminal: Callable[..., Terminal]) -> None:
    window = terminal()
    window.wait_for("\n>")
    window.type("/help cancel_job")
    window.wait_for("statagent tool cancel_job")
    window.type("/show_spending ?")
    window.wait_for("It takes no arguments.")
    window.type("/help nosuch")
    window.wait_for("no tool 'nosuch'; there are load_dataset")


def test_codes_of_colours_at_the_prompt_are_no_mouse(terminal: Callable[..., Terminal]) -> None:
    window = terminal()
    window.wait_for("\n>")
    window.press("-H", "1b", "5b", "33", "31", "6d")
    window.type("help")
    window.wait_for("I am the offline planner")
    assert "Exception" not in window.screen()


def test_ctrl_c_stops_a_wait_within_a_second(terminal: Callable[..., Terminal]) -> None:
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


def test_a_session_that_was_killed_goes_on(statagent: str, tmp_path: Path) -> None:
    with (
        terminal_of_a_person() as (mine, its),
        subprocess.Popen(
            [statagent, "chat"],
            cwd=ROOT,
            env=environment(tmp_path),
            stdin=its,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        os.write(mine, b"load evals/data/penguins.csv\n")
        while "example" not in process.stdout.readline():
            pass
        process.kill()
    again = subprocess.run(
        [statagent, "chat", "--resume", "-p", "describe year"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "year over 344 rows" in again.stdout


PROMPT = "\n>"


def test_tab_completes_files_commands_and_columns(terminal: Callable[..., Terminal]) -> None:
    window = terminal()
    window.wait_for(PROMPT)
    window.write("load evals/data/penguins_")
    window.press("Tab")
    window.wait_for("penguins_new.csv")
    window.press("C-u")
    window.type("load evals/data/penguins.csv")
    window.wait_for("344 rows, 8 columns")
    window.wait_for("offline  penguins")  # the prompt is there again: what is typed before it is echoed by the terminal
    window.write("/descri")
    window.wait_for("Describe columns: n, missing")
    window.press("Tab")
    window.write(" flip")
    window.press("Tab")
    window.wait_for("/describe flipper_length_mm")
    window.press("Enter", "Enter")
    window.wait_for("200.915")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_fold_at_the_width_of_the_window(terminal: Callable[..., Terminal], width: int) -> None:
    window = terminal(width)
    window.wait_for(PROMPT)
    window.type("/load_dataset evals/data/penguins.csv")
    window.wait_for("rows: 344")
    window.type("/describe body_mass_g flipper_length_mm by=species")
    screen = window.wait_for("-0.742129")
    for number in ("3700.66", "504.116", "189.954", "6.48498"):
        assert number in screen
    assert "…" not in screen.replace("\n… ", "")  # the prompt's own mark of a second line
    by_lines = [line for line in screen.splitlines() if line.startswith("mean")]
    assert len(by_lines) == {40: 6, 80: 2, 200: 0}[width]


def test_several_lines_history_and_commands(terminal: Callable[..., Terminal]) -> None:
    window = terminal()
    window.wait_for(PROMPT)
    window.type("/help")
    window.wait_for("Every tool, as in /describe price by=region")
    window.write("describe")
    window.press("M-Enter")
    window.type("nothing")
    window.wait_for("Nothing is loaded yet")
    window.type("/datasets")
    window.wait_for("Nothing is loaded yet.")
    window.type("/nosuch")
    window.wait_for("There is no command /nosuch")
    window.type("/cost")
    window.wait_for("This conversation: $0.0000")
    window.type("/quit")
    again = terminal()
    again.wait_for(PROMPT)
    again.press("Up", "Up", "Up")
    again.wait_for("> /nosuch")
    again.press("C-u")
    again.type("/sessions")
    again.wait_for("describe nothing")
    again.type("/resume")
    again.wait_for("going on with: describe nothing")
    again.type("/model offline")
    again.wait_for("a new conversation; offline answers")


def test_a_launch_by_command_asks_and_its_end_is_announced(terminal: Callable[..., Terminal]) -> None:
    window = terminal()
    window.wait_for(PROMPT)
    window.type("/load_dataset evals/data/penguins.csv")
    window.wait_for("rows: 344")
    window.type("train ridge to predict body mass from sex")
    window.wait_for("Start it? Type yes or no.")
    window.type("yes")
    window.wait_for("has started as job_")
    window.wait_for("has ended: succeeded, model model_local_ridge_", seconds=30)
    wait_until(lambda: " running" not in window.screen().splitlines()[-1])
    window.type("/models")
    window.wait_for("rmse")
    job = (
        """/estimate_cost {"job":{"kind":"training","dataset":"penguins","target":"species","model":"random_forest"}}"""
    )
    window.type(job)
    quote = window.wait_for("quote_").split("quote_id")[-1].split("quote_")[1].split()[0]
    window.type(f"/launch_training quote_{quote}")
    # The first card, and its question, still stand above.
    wait_until(lambda: "Start it?" in window.screen().partition("Train random_forest")[2])
    window.type("no")
    window.wait_for("Nothing was started")


def test_ctrl_c_clears_the_line_and_twice_leaves(terminal: Callable[..., Terminal]) -> None:
    window = terminal()
    window.wait_for(PROMPT)
    window.write("half a sen")
    window.press("C-c")
    window.wait_for("\n>\n")
    time.sleep(2.1)
    window.press("C-c")
    time.sleep(0.4)
    window.press("C-c")
    limit = Limit(10)
    while "cat" not in window.command():
        assert not limit.is_over(), window.screen()
        time.sleep(0.1)


def test_no_colour_where_none_is_wanted(statagent: str, tmp_path: Path) -> None:
    script = "load evals/data/penguins.csv\n/describe body_mass_g\n"
    colours = {"NO_COLOR": "1", "FORCE_COLOR": "1"}
    done = run_typed([statagent, "chat"], script, ["stdin"], environment(tmp_path) | colours)
    assert "\x1b[3" not in done.stdout
    assert "4201.75" in done.stdout
