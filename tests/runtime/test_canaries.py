"""Each kind of secret is planted in each place where words come in, and nothing of it is found where they are kept."""

from __future__ import annotations

import csv
import io
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from adapters.model.scripted import ScriptedModel, Step, call, say
from evals.world.home import build_in, used_home
from evals.world.planted import SECRETS
from evals.world.talk import Talk
from evals.world.web import web_server
from runtime.export import FORMATS, export
from runtime.line_editor import MaskedHistory
from runtime.repl import Repl
from runtime.session import Session


def texts_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file below the folder, and of a database its rows too, for SQLite may cut a long text into pages."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes().decode("utf-8", "replace")
            if path.suffix == ".db":
                with sqlite3.connect(path) as database:
                    yield f"rows of {path.name}", "\n".join(database.iterdump())


def leaks(*texts: tuple[str, str]) -> list[tuple[str, str]]:
    """(where, which kind) for every part of a secret that is found."""
    return [(where, s.kind) for where, text in texts for s in SECRETS for part in s.parts if part in text]


def run(statagent: str, home: Path, words: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STATAGENT_HOME": str(home), "ANTHROPIC_API_KEY": ""}
    return subprocess.run(
        [statagent, *arguments],
        input=words,
        cwd=home.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


def export_all(session: Session, conversation_id: str, folder: Path) -> None:
    for name, ending in FORMATS.items():
        export(session, conversation_id, name, folder / f"out.{ending}")


@pytest.mark.parametrize("output", ["text", "json", "stream-json"])
def test_what_is_typed_is_found_nowhere(statagent: str, output: str, tmp_path: Path) -> None:
    words = "\n".join(["look at", *(secret.words for secret in SECRETS)])
    done = run(statagent, tmp_path / "home", "", "chat", "--model", "offline", "-p", words, "--output", output)
    assert "taken out" in done.stderr + done.stdout or "took it out" in done.stderr + done.stdout
    session = build_in(used_home(tmp_path / "home"))
    export_all(session, session.resume().row.conversation_id, tmp_path)
    session.program.close()
    found = leaks(("stdout", done.stdout), ("stderr", done.stderr), *texts_in(tmp_path))
    assert found == [], found


@pytest.mark.parametrize("before", ["", "/describe ", "/query SELECT ", "/load_dataset source=", "/resume ", "/"])
def test_what_is_typed_at_the_prompt_is_found_nowhere(before: str, tmp_path: Path) -> None:
    session, screen = build_in(used_home(tmp_path / "home")), io.StringIO()
    conversation = session.begin()
    repl = Repl(session, conversation, Console(file=screen, width=4000), is_person=True)
    repl.take("hello")
    for secret in SECRETS:
        repl.take(f"{before}{secret.words}")
    export_all(session, conversation.row.conversation_id, tmp_path)
    session.program.close()
    found = leaks(("screen", screen.getvalue()), *texts_in(tmp_path))
    assert found == [], found


@pytest.mark.parametrize("place", ["source", "name", "unknown"])
def test_what_a_script_gives_a_tool_is_not_told_on_standard_error(statagent: str, place: str, tmp_path: Path) -> None:
    for secret in SECRETS[:: 1 if place == "source" else 8][:8]:
        quoted = secret.words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        done = run(
            statagent, tmp_path / "home", "", "tool", "load_dataset", f'{{"source": "x", "{place}": "{quoted}"}}'
        )
        assert done.returncode != 0
        assert leaks(("stdout", done.stdout), ("stderr", done.stderr), *texts_in(tmp_path)) == []


def test_what_the_model_says_calls_and_finds_is_found_nowhere(tmp_path: Path) -> None:
    keys = [secret.words for secret in SECRETS if secret.is_key]
    with (tmp_path / "notes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["n", "note"], *enumerate(keys)])
    steps: list[Step] = [call(("load", "load_dataset", {"source": str(tmp_path / "notes.csv")})), say("Loaded.")]
    for n, secret in enumerate(SECRETS):
        words = secret.words
        steps += [call((f"a{n}", "query", {"sql": f"SELECT '{words}'"}), (f"b{n}", "describe", {words: [words]}))]
        steps += [say(f"It is {words}.")]
    steps += [call(("rows", "query", {"sql": "SELECT * FROM notes", "limit": 100})), say("These.")]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(steps), max_steps=1000))
    for _ in range(len(SECRETS) + 2):
        talk.say("go on")
    told = str(talk.events)
    wanted = talk.conversation.row.conversation_id
    # The transcript holds the person's own file whole; it is taken away first.
    (tmp_path / "notes.csv").unlink()
    export_all(talk.session, wanted, tmp_path / "home")
    talk.session.program.close()
    kept = [text for text in texts_in(tmp_path / "home") if not text[0].startswith(("data/", "out_data/"))]
    found = leaks(("events", told), *kept)
    assert found == [], found


def test_the_history_across_runs_holds_no_secret(tmp_path: Path) -> None:
    history = MaskedHistory(str(tmp_path / "history"))
    for secret in SECRETS:
        history.append_string(f"look at {secret.words}")
    assert leaks(*texts_in(tmp_path)) == []
    assert next(iter(history.get_strings())) == f"look at {SECRETS[0].words}"


def test_a_signed_address_is_fetched_and_its_signature_is_not_kept(tmp_path: Path) -> None:
    with web_server() as url:
        kept, address = (f"{url}/table.csv?X-Amz-Signature={signed}" for signed in ("secret_removed", "zq7canary"))
        model = ScriptedModel(
            [
                call(("c1", "load_dataset", {"source": kept})),
                say("Loaded."),
            ]
        )
        talk = Talk(build_in(used_home(tmp_path / "home"), model=model, allow_loopback=True))
        talk.say(f"load {address}")
        assert talk.results("load_dataset")[0]["rows"] > 0
        talk.session.program.close()
    assert [where for where, text in texts_in(tmp_path) if "zq7canary" in text] == []


def test_a_call_whose_secret_was_taken_out_is_not_run(tmp_path: Path) -> None:
    model = ScriptedModel([call(("c1", "query", {"sql": "SELECT 1 WHERE 'password=zq7canary' = ''"})), say("No.")])
    talk = Talk(build_in(used_home(tmp_path / "home"), model=model))
    talk.say("go on")
    assert str(talk.results("query")[0]["error"]).startswith("not run: a key or a password was taken out")
    talk.session.program.close()
