"""`statagent chat -p`, as a script sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.world.home import used_home
from evals.world.programs import Programs

PENGUINS = Path(__file__).parents[2] / "evals" / "data" / "penguins.csv"

Chat = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def chat(tmp_path: Path, programs: Programs) -> Chat:
    def statagent(*options: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC")}
        environment["STATAGENT_HOME"] = str(used_home(tmp_path / "home"))
        command = [programs.statagent, "chat", *options]
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=90, check=False, **given
        )

    return statagent


def as_json(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def test_step_by_step_from_a_file_to_predictions(chat: Chat, tmp_path: Path) -> None:
    loaded = as_json(chat("-p", f"load {PENGUINS}", "--output", "json"))
    again = ("--session", loaded["session"], "--output", "json")
    described = as_json(chat("-p", "describe body_mass_g by species", *again))
    means = {line["group"]: line["mean"] for line in described["tools"][0]["result"]["columns"]}
    assert means == pytest.approx({"Adelie": 3700.662252, "Chinstrap": 3733.088235, "Gentoo": 5076.016260}, abs=5e-7)
    correlated = as_json(chat("-p", "how does bill length go with body mass?", "--resume", "--output", "json"))
    assert "r = 0.5951" in correlated["reply"]

    asked = chat("-p", "train a random forest to predict species", *again)
    assert asked.returncode == 3
    quote = as_json(asked)["quote"]
    assert quote["cap_usd"] == 0

    yes = chat("-p", "yes", *again)
    assert (yes.returncode, as_json(yes)["quote"]) == (3, quote)
    other = chat("--confirm", "quote_other", "--max-usd", "5", *again)
    assert other.returncode == 3

    launched = chat("--confirm", quote["quote_id"], "--max-usd", "0", *again)
    assert launched.returncode == 0
    assert "has started as job_" in as_json(launched)["reply"]
    predicted = as_json(chat("-p", f"predict {PENGUINS.with_name('penguins_new.csv')}", *again))
    (artifact,) = predicted["tools"][-1]["artifacts"]
    assert len(Path(artifact).read_text().splitlines()) == 13
    assert len(list((tmp_path / "home" / "models" / "user_local").iterdir())) == 1


def test_writing_something_else_withdraws_the_question(chat: Chat) -> None:
    chat("-p", f"load {PENGUINS}")
    asked = as_json(chat("-p", "train ridge to predict body mass", "--resume", "--output", "json"))
    quote_id = asked["quote"]["quote_id"]
    chat("-p", "describe year", "--resume")
    late = chat("--resume", "--confirm", quote_id, "--max-usd", "0")
    assert late.returncode == 1
    assert "No question is open" in late.stderr


def test_without_a_key_it_says_so(chat: Chat) -> None:
    done = chat("-p", "hello")
    assert done.returncode == 0
    assert done.stderr.startswith("No ANTHROPIC_API_KEY is set")
    assert "I am the offline planner" in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (("-p", " "), 2, "-p needs words"),
        (("-p", "x", "--output", "xml"), 2, "--output is text, json or stream-json"),
        (("-p", "x", "--confirm", "q"), 2, "--confirm and --max-usd go together"),
        (("-p", "x", "--session", "a", "--resume"), 2, "exclude each other"),
        (("-p", "x", "--session", "chat_nowhere"), 1, "there is no conversation 'chat_nowhere'"),
        (("-p", "x", "--resume"), 1, "there is no conversation to resume yet"),
        (("-p", "x", "--model", "gpt"), 1, "there are claude, offline and replay:FILE"),
        (("-p", "x", "--model", "replay:nowhere.jsonl"), 1, "there is no file 'nowhere.jsonl'"),
    ],
)
def test_a_wrong_option_is_named(chat: Chat, options: tuple[str, ...], code: int, sentence: str) -> None:
    done = chat(*options)
    assert done.returncode == code
    assert sentence in done.stderr
    assert done.stdout == ""


def test_a_recorded_conversation_is_replayed(chat: Chat, tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    call = {"type": "tool_use", "id": "a", "name": "load_dataset", "input": {"source": str(PENGUINS)}}
    replies = [
        {"content": [call], "stop_reason": "tool_use"},
        {"content": [{"type": "text", "text": "344 penguins."}], "stop_reason": "end_turn"},
    ]
    script.write_text("\n".join(map(json.dumps, replies)))
    done = chat("-p", "go", "--model", f"replay:{script}")
    assert (done.returncode, done.stdout) == (0, "344 penguins.\n")
    script.write_text(json.dumps(replies[0]))
    failed = chat("-p", "go", "--model", f"replay:{script}")
    assert failed.returncode == 1
    assert "a mistake of mine" in failed.stderr


def test_a_file_and_a_question_come_on_standard_input(chat: Chat) -> None:
    described = as_json(chat("-p", "describe body mass by species", "--output", "json", stdin=PENGUINS.read_text()))
    assert [tool["name"] for tool in described["tools"]] == ["load_dataset", "describe"]
    assert described["tools"][0]["result"]["dataset"] == "stdin"
    assert "3700.66" in described["reply"]
    asked = chat("--resume", "-p", "-", stdin="how does bill length go with body mass?\n")
    assert "r = 0.5951" in asked.stdout
    broken = as_json(chat("-p", "describe it", "--output", "json", stdin="a,b\n1,2,3\n"))
    assert "line 2 has 3 fields" in broken["tools"][0]["result"]["error"]
    nothing = chat("-p", "-", stdin="\n")
    assert (nothing.returncode, nothing.stdout) == (2, "")


def test_a_pipe_that_stays_silent_is_not_waited_for(chat: Chat) -> None:
    reader, writer = os.pipe()
    environment = {**os.environ, "STATAGENT_HOME": "/nonexistent", "STATAGENT_MAX_STEPS": "1"}
    with os.fdopen(reader), os.fdopen(writer, "w"):
        code = "from runtime.standard_input import _is_given; print(_is_given())"
        done = subprocess.run(
            [sys.executable, "-c", code], stdin=reader, env=environment, capture_output=True, text=True, timeout=100,
            check=True,
        )  # fmt: skip
    assert done.stdout == "False\n"


def test_events_are_lines_of_json(chat: Chat) -> None:
    done = chat("-p", f"load {PENGUINS}", "--output", "stream-json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = [event["type"] for event in events]
    assert kinds[:3] == ["begun", "tool_started", "tool_finished"]
    assert set(kinds[3:-1]) == {"text"}
    assert kinds[-1] == "ended"
    assert events[2]["result"]["rows"] == 344
    assert "".join(event["text"] for event in events if event["type"] == "text") == events[-1]["reply"]
    again = ("--session", events[0]["session"], "--output", "stream-json")
    asked = chat("-p", "train ridge to predict body mass", *again)
    assert asked.returncode == 3
    last = [json.loads(line) for line in asked.stdout.splitlines()][-2:]
    assert [event["type"] for event in last] == ["ask", "ended"]
    assert last[0]["quote"]["cap_usd"] == 0
    assert last[1]["reason"] == "asked"
