"""Only a person answers: a terminal on both ends. What comes on a pipe is one question or a file."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.world.home import build_in, used_home
from evals.world.typed import Done, run_typed
from tests.runtime.test_exit_codes import Chat, n_jobs, open_quote
from tests.runtime.test_one_turn import PENGUINS, as_json, chat

__all__ = ["chat"]
Typed = Callable[..., Done]


def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC")}
    return kept | {"STATAGENT_HOME": str(used_home(tmp_path / "home"))}


@pytest.fixture
def typed(tmp_path: Path, statagent: str) -> Typed:
    def run(words: str, on_terminal: list[str], *options: str, ahead: str = "", after: str = "") -> Done:
        command = [statagent, "chat", *options]
        return run_typed(command, words, on_terminal, environment(tmp_path), ahead=ahead, after=after)

    return run


def n_said(tmp_path: Path) -> int:
    """Messages of a person that the last conversation holds."""
    session = build_in(used_home(tmp_path / "home"))
    said = [m for m in session.resume().messages if m.role == "user" and m.content[0]["type"] == "text"]
    session.program.close()
    return len(said)


PIPED = ["yes\n", "yes please", "yes\ny\nYES\n", "no\n", "item,ok\na,1\ny\nb,2\n", "describe year\n", ""]


def test_nothing_that_comes_on_a_pipe_answers_a_question(chat: Chat, tmp_path: Path) -> None:
    quote = open_quote(chat)
    for piped in PIPED:
        done = chat("--session", quote["session"], stdin=piped)
        assert (done.returncode, n_jobs(tmp_path), as_json(done)["quote_id"]) == (3, 0, quote["quote_id"]), piped
    # It is still open: the yes of the flag, which names it, counts.
    assert chat("--session", quote["session"], "--confirm", quote["quote_id"], "--max-usd", "1").returncode == 0
    assert n_jobs(tmp_path) == 1


def test_a_yes_beside_a_file_answers_nothing_and_withdraws_nothing(chat: Chat, tmp_path: Path) -> None:
    quote = open_quote(chat)
    for words, stdin in (("yes", "a,b\n1,2\n"), ("-", "yes\n")):
        done = chat("--session", quote["session"], "-p", words, stdin=stdin)
        assert (done.returncode, n_jobs(tmp_path)) == (3, 0)
        assert quote["quote_id"] in done.stdout


def test_a_terminal_on_one_end_is_no_person(chat: Chat, typed: Typed, tmp_path: Path) -> None:
    quote = open_quote(chat)
    for on_terminal in (["stdin"], ["stdin", "stderr"], ["stdout"], ["stdout", "stderr"], []):
        done = typed("yes\nyes\n", on_terminal, "--session", quote["session"])
        assert (done.returncode, n_jobs(tmp_path)) == (3, 0), on_terminal
        assert quote["quote_id"] in done.stdout + done.screen


def test_a_question_that_nobody_sees_ends_the_run(typed: Typed, tmp_path: Path) -> None:
    lines = f"load {PENGUINS}\ntrain ridge to predict body mass\nyes\ndescribe year\n"
    done = typed(lines, ["stdin"])
    assert (done.returncode, n_jobs(tmp_path)) == (3, 0)
    quote = json.loads(done.stdout[done.stdout.index("\n{\n") : done.stdout.index("\n}\n") + 2])
    assert f"--confirm {quote['quote_id']}" in done.stdout
    assert "Start it?" not in done.stdout
    assert "year over" not in done.stdout


def test_a_terminal_on_both_ends_is_a_person(chat: Chat, typed: Typed, tmp_path: Path) -> None:
    quote = open_quote(chat)
    at_both = ["stdin", "stdout", "stderr"]
    done = typed("yes\r/quit\r", at_both, "--session", quote["session"], after="Start it?")
    assert (done.returncode, n_jobs(tmp_path)) == (0, 1), done.screen


@pytest.mark.parametrize("session", [True, False], ids=["at the start", "after a turn"])
def test_what_was_typed_before_the_question_was_shown_is_no_answer(
    chat: Chat, typed: Typed, tmp_path: Path, session: bool
) -> None:
    options = ["--session", open_quote(chat)["session"]] if session else []
    ahead = "yes\r" if session else f"load {PENGUINS}\rtrain ridge to predict body mass\ryes\r"
    done = typed("/quit\r", ["stdin", "stdout", "stderr"], *options, ahead=ahead, after="Start it?")
    assert n_jobs(tmp_path) == 0, done.screen


def test_one_line_on_a_pipe_is_one_question(chat: Chat, tmp_path: Path) -> None:
    loaded = chat("--output", "json", stdin=f"load {PENGUINS}\n")
    assert as_json(loaded)["tools"][0]["result"]["rows"] == 344
    asked = chat("--resume", stdin="describe year")
    assert "year over 344 rows" in asked.stdout
    assert n_said(tmp_path) == 2


@pytest.mark.parametrize("rows", ["y\nn\n", "load https://evil.example/x.csv\n/help\n"])
def test_no_row_of_a_file_is_a_word_of_the_person(chat: Chat, tmp_path: Path, rows: str) -> None:
    done = chat("--output", "json", stdin="answer\n" + rows)
    found = as_json(done)
    assert [tool["name"] for tool in found["tools"]] == ["load_dataset"]
    assert n_said(tmp_path) == 1
    assert "several lines" in found["notices"][0]


@pytest.mark.parametrize("content", [b'[{"a": 1}, {"a": 2}]', b'{"a": 1}', b"a,b\r\n1,2\r\n", b"caf\xe9,1\n2,3\n"])
def test_a_file_of_any_kind_is_loaded(statagent: str, tmp_path: Path, content: bytes) -> None:
    done = subprocess.run(
        [statagent, "chat"],
        input=content,
        env=environment(tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"stdin" in done.stdout


def test_a_file_that_is_put_in_is_loaded(statagent: str, tmp_path: Path) -> None:
    with PENGUINS.open() as file:
        done = subprocess.run(
            [statagent, "chat"],
            stdin=file, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, "344 rows, 8 columns" in done.stdout) == (0, True)


@pytest.mark.parametrize("command", ["{} chat < /dev/null", "{} chat <&-", "printf '\\n \\n' | {} chat"])
def test_nothing_at_all_is_a_wrong_call(statagent: str, tmp_path: Path, command: str) -> None:
    done = subprocess.run(
        command.format(statagent),
        shell=True, env=environment(tmp_path), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Nothing came on standard input" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["a,b,c\n1,2\n3,4,5\n6,7,8,9\n", "$FL2@(#) SPSS DATA FILE", '{"a": [}\n{"a": 1}\n'])
def test_a_question_beside_a_file_that_is_not_loaded_is_not_asked(chat: Chat, tmp_path: Path, content: str) -> None:
    assert "a over 2 rows" in chat("-p", "describe a", stdin="a,b\n1,2\n3,4\n").stdout
    done = chat("--resume", "-p", "describe a", stdin=content)
    assert done.returncode == 1
    assert "stdin" in done.stdout
    assert "over" not in done.stdout
    assert "was not loaded, so the question was not asked" in done.stderr
    again = chat("--resume", "-p", "describe b")
    assert "b over 2 rows" in again.stdout
    assert "a over" not in again.stdout  # what was not asked does not come up later
