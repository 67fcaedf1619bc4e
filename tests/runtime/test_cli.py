"""The command line, as a shell sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.cli import app

STATAGENT = Path(sys.executable).with_name("statagent")


def test_help_names_the_commands() -> None:
    done = subprocess.run([STATAGENT, "--help"], capture_output=True, text=True, timeout=100, check=True)
    assert "A statistician that you can talk to." in done.stdout
    assert "version" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["describe", "--help"], 0, "statagent tool describe '{"),
        (["--help"], 0, "what the tool NAME takes"),
        ([], 2, "what the tool NAME takes"),
        (["descrbe", "--help"], 1, "no tool 'descrbe'; there are load_dataset"),
    ],
)
def test_a_tool_is_explained(arguments: list[str], code: int, told: str) -> None:
    command = [str(STATAGENT), "tool", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == code
    assert told in " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("arguments", [["--help"], ["chat", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    heavy = {"sqlalchemy", "duckdb", "numpy", "sklearn", "scipy", "anthropic", "rich", "prompt_toolkit"}
    assert loaded("from runtime.cli import main; main()", arguments) & heavy == set()


def test_the_prompt_waits_for_nothing_heavy() -> None:
    code = "import runtime.repl, runtime.chat_command"
    assert (
        loaded(code, [])
        & {"numpy", "pandas", "sklearn", "scipy", "anthropic", "matplotlib", "skops", "alembic", "psycopg"}
        == set()
    )


def loaded(code: str, arguments: list[str]) -> set[str]:
    """The packages that a fresh interpreter has imported at its end."""
    script = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {code}"
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ("tool show_spending", 0, '"budget_per_day"'),
        ("chat -p help --model offline", 0, "load a file"),
        ("datasets", 0, "Nothing is loaded yet."),
        ("models", 0, "There is no model yet."),
        ("jobs", 0, "job"),
        ("jobs sweep", 0, "No machine of this installation is there."),
        ("deploy runpod", 1, "RunPod is half set up: set RUNPOD_API_KEY"),
        ("costs", 0, "usd"),
        ("doctor", 0, "python"),
        ("telegram pair", 0, "works once"),
        ("plan nowhere.json", 2, "nowhere.json"),
        ("eval nowhere.yaml", 2, "nowhere.yaml"),
        ("world false", 1, ""),
        ("version", 0, "0.1"),
    ],
)
def test_every_command_starts(tmp_path: Path, words: str, code: int, told: str) -> None:
    """As a process of its own: most tests fork theirs from one that has imported everything (`programs`)."""
    environment = os.environ | {"STATAGENT_HOME": str(tmp_path / "home")}
    command = [str(STATAGENT), *words.split()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert told in done.stdout + done.stderr


def test_every_command_is_started_above() -> None:
    (started,) = (mark for mark in test_every_command_starts.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    names = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {words.split()[0] for words, _, _ in started.args[1]} == names
