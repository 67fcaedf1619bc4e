"""A conversation as files: the script and the plan give the same numbers when they are run, the report shows them."""

from __future__ import annotations

import ast
import json
import math
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.model.scripted import ScriptedModel, Step, call, say
from adapters.records import JsonValue
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.programs import REAL, Programs
from evals.world.talk import Talk, last_value
from runtime.export import export
from runtime.export.record import read_turns
from tools.errors import ToolError

BAD = '<script>alert(1)</script> & "x"'
TRAIN: dict[str, JsonValue] = {
    "kind": "training",
    "dataset": "penguins",
    "target": "species",
    "model": "logistic_regression",
    "seed": 7,
}


COMPUTED = "c1 c2 c3 c4 c5 c6 c8 c9 c10".split()


def script_of(tmp_path: Path) -> list[Step]:
    """A conversation that looks at two files, one that pandas reads otherwise, fails once, draws and trains."""
    some: dict[str, JsonValue] = {"columns": ["sex", "body_mass_g"], "by": "species", "where": "year > 2007", "ddof": 0}
    ranks: dict[str, JsonValue] = {"x": "bill_length_mm", "y": "year", "method": "spearman", "by": "island"}
    count: JsonValue = "SELECT species, count(*) AS n FROM penguins GROUP BY species ORDER BY n"
    steps: JsonValue = [{"op": "filter", "where": "Umsatz > 900"}]
    whole: dict[str, JsonValue] = {"dataset": "penguins"}
    return [
        call(("c1", "load_dataset", {"source": str(PENGUINS)})),
        call(("c2", "describe", whole), ("c3", "describe", {**whole, **some})),
        call(("c4", "correlate", whole), ("c5", "correlate", {**whole, **ranks})),
        call(("c6", "query", {"sql": count, "limit": 2})),
        call(("c7", "describe", {"dataset": "nothing"})),
        call(("c8", "load_dataset", {"source": str(tmp_path / "german.csv")})),
        call(("c9", "transform", {"dataset": "german", "save_as": "big", "steps": steps})),
        call(("c10", "describe", {"dataset": "big", "columns": ["Umsatz"]})),
        call(("c11", "plot", {**whole, "kind": "histogram", "x": "body_mass_g", "title": BAD})),
        say(f"**Done**, 344 rows. {BAD}\n\n![picture](https://evil.example/x.png)\n\n| a | b |\n|---|---|\n| 1 | 2 |"),
        call(("c12", "estimate_cost", {"job": TRAIN})),
        lambda request: call(("c13", "launch_training", {"quote_id": last_value(request, "quote_id")})),
        lambda request: call(("c14", "poll_job", {"job_id": last_value(request, "job_id"), "wait_s": 60})),
        lambda request: call(("c15", "predict", {"model": last_value(request, "model"), "dataset": "penguins"})),
        say("It is trained."),
    ]


def look(folder: Path) -> Talk:
    """The conversation up to the training."""
    (folder / "german.csv").write_bytes("Filiale;Umsatz\nKöln;1.234,50\nMainz;987,25\nTrier;801,75\n".encode("latin-1"))
    talk = Talk(build_in(used_home(folder / "home"), model=ScriptedModel(script_of(folder))))
    talk.say(f"look at everything {BAD}")
    return talk


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """The conversation, once for all: to export it changes nothing in it."""
    talk = look(tmp_path_factory.mktemp("talk"))
    talk.say("and train")
    talk.answer(yes=True)
    yield talk
    talk.session.program.close()


@pytest.fixture(scope="module")
def short_talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    """Nothing is trained in it."""
    talk = look(tmp_path_factory.mktemp("short_talk"))
    yield talk
    talk.session.program.close()


def results_of(talk: Talk) -> dict[str, Any]:
    turns = read_turns(talk.session, talk.conversation.row.conversation_id)
    return {call.call_id: call.result for turn in turns for call in turn.calls}


def same(found: Any, expected: Any) -> bool:
    """Every value that was found is the expected one, numbers to nine digits."""
    if isinstance(found, dict):
        return all(key in expected and same(found[key], expected[key]) for key in found)
    if isinstance(found, list):
        return len(found) == len(expected) and all(same(a, b) for a, b in zip(found, expected, strict=True))
    if isinstance(found, float) and isinstance(expected, int | float):
        return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)
    return bool(found == expected)


class _NoTypes(ast.NodeTransformer):
    """Takes annotations out: they are words in a script that begins with `from __future__ import annotations`."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)


def undefined_names(text: str) -> str:
    """What ruff says of the names that any function of the script reads and that stand nowhere in it."""
    plain = ast.unparse(_NoTypes().visit(ast.parse(text)))
    ruff = [str(REAL.with_name("ruff")), *"check --isolated --no-cache --select F821 -q -".split()]
    return subprocess.run(ruff, input=plain, capture_output=True, text=True, timeout=60, check=False).stdout


def run_script(bare: Programs, talk: Talk, folder: Path) -> dict[int, Any]:
    """Export the conversation as a script, run it, and give what it printed, by its steps."""
    path = export(talk.session, talk.conversation.row.conversation_id, "script", folder / "story.py").path
    text = path.read_text()
    assert "statagent import" not in text
    assert "from tools" not in text
    assert undefined_names(text) == ""
    # Far from the repository, with nothing of statagent to import: -P and -E leave only what is installed.
    done = subprocess.run(
        [bare.python, "-P", "-E", path], cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return {entry["step"]: entry for entry in map(json.loads, done.stdout.splitlines())}


def test_the_script_gives_the_same_numbers(bare: Programs, talk: Talk, tmp_path: Path) -> None:
    found = run_script(bare, talk, tmp_path)
    kept = [*COMPUTED, "c11", "c12", "c13", "c14", "c15"]
    expected = results_of(talk)
    compared = 0
    for step, call_id in enumerate(kept):
        if step not in found:
            continue
        wanted = expected["c14"] if call_id == "c13" else expected[call_id]
        assert same(found[step]["result"], wanted), (call_id, found[step]["result"], wanted)
        compared += 1
    assert compared == 11
    assert (tmp_path / "story_data" / "german.parquet").is_file()


def test_a_prediction_by_a_model_of_another_conversation_is_left_out(
    bare: Programs, talk: Talk, tmp_path: Path
) -> None:
    model, later = results_of(talk)["c14"]["model"], Talk(talk.session)
    for tool, given in (("predict", {"model": model, "dataset": "penguins"}), ("describe", {"dataset": "penguins"})):
        later.session.command(later.conversation, f"/{tool}", tool, {**given}, later.events.append, later.cancel)
    assert [result["n"] for result in later.results("predict")] == [344]
    assert [entry["tool"] for entry in run_script(bare, later, tmp_path).values()] == ["describe"]


def run_plan(
    statagent: str, talk: Talk, folder: Path, home: str = "other", **more: str
) -> subprocess.CompletedProcess[str]:
    """The conversation's plan, run in a home of its own; `more` are further settings."""
    path = export(talk.session, talk.conversation.row.conversation_id, "plan", folder / f"{home}.json").path
    environment = {
        **os.environ,
        "STATAGENT_HOME": str(folder / home),
        "STATAGENT_ROOTS": f"{PENGUINS.parents[2]}:{talk.session.settings.home.parent}",
        **more,
    }
    return subprocess.run(
        [statagent, "plan", path], env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def test_the_plan_gives_the_same_numbers_and_stops_for_the_yes(statagent: str, talk: Talk, tmp_path: Path) -> None:
    done = run_plan(statagent, talk, tmp_path)
    assert done.returncode == 3, done.stderr
    assert "it needs a person's yes" in done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    expected = results_of(talk)
    kept = COMPUTED
    for line, call_id in zip(lines, kept, strict=False):
        assert line["result"] == expected[call_id], call_id
    assert lines[-1]["quote_id"].startswith("quote_")
    # With the setting that lets free launches pass it goes on to the predictions, by its own ids.
    done = run_plan(statagent, talk, tmp_path, "third", STATAGENT_CONFIRM="paid")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-2]["result"]["metrics"] == expected["c14"]["metrics"]
    assert lines[-1]["result"]["summary"] == expected["c15"]["summary"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[", "is no plan"),
        ('{"plan": 2, "steps": []}', "no plan of version 1"),
        ('{"plan": 1, "steps": [{"tool": "describe"}]}', "step 0 needs a tool and its arguments"),
        ('{"plan": 1, "steps": [{"tool": "describe", "arguments": {"dataset": "${3.dataset}"}}]}', "refers to nothing"),
        ('{"plan": 1, "steps": [{"tool": "describe", "arguments": {"dataset": "x"}}]}', "nothing is loaded yet"),
    ],
)
def test_what_is_no_plan_is_one_sentence(statagent: str, tmp_path: Path, content: str, sentence: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    environment = {**os.environ, "STATAGENT_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [statagent, "plan", path], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (1, 2)
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_the_report_shows_it_and_runs_nothing(talk: Talk, tmp_path: Path) -> None:
    path = export(talk.session, talk.conversation.row.conversation_id, "report", tmp_path / "report.html").path
    page = path.read_text()
    for words in (
        "4201.75",
        "no dataset &#39;nothing&#39;",
        "<strong>Done</strong>",
        "<th>a</th>",
        "decimal comma",
        "n: 342",
        "The person said yes",
    ):
        assert words in page, words
    # What came from the person, the data or the model is text; nothing is fetched from anywhere.
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 3
    assert not re.search(r"""(?:src|href)=(?!"data:image/png;base64,)""", page)
    assert page.count("data:image/png;base64,") == 1
    assert 'name="viewport"' in page


def test_a_file_that_is_there_is_not_written_over(short_talk: Talk, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine")
    with pytest.raises(ToolError, match="cannot be written: File exists"):
        export(short_talk.session, short_talk.conversation.row.conversation_id, "transcript", path)
    assert path.read_text() == "mine"
    with pytest.raises(ToolError, match="nothing was said yet"):
        export(short_talk.session, short_talk.session.begin().row.conversation_id, "report", tmp_path / "x.html")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("there", "name"), [("a.py", "a.py"), ("a_data/german.parquet", "a.txt"), ("a_data", "a.py")])
def test_a_refused_export_leaves_everything_as_it_was(short_talk: Talk, tmp_path: Path, there: str, name: str) -> None:
    folder = tmp_path / "out"
    (folder / there).parent.mkdir(parents=True)
    (folder / there).write_text("mine")
    with pytest.raises(ToolError, match="cannot be written"):
        export(short_talk.session, short_talk.conversation.row.conversation_id, "script", folder / name)
    assert files_in(folder) == {there: b"mine"}


@pytest.mark.parametrize("name", ["script", "report", "plan", "transcript"])
def test_an_export_into_no_folder_is_one_sentence(short_talk: Talk, tmp_path: Path, name: str) -> None:
    with pytest.raises(ToolError, match="cannot be written: No such file or directory"):
        export(short_talk.session, short_talk.conversation.row.conversation_id, name, tmp_path / "nowhere" / "a.py")
    assert not (tmp_path / "nowhere").exists()


def test_what_lies_beside_a_script_is_told(short_talk: Talk, tmp_path: Path) -> None:
    conversation_id = short_talk.conversation.row.conversation_id
    assert export(short_talk.session, conversation_id, "script", tmp_path / "b.py").beside == tmp_path / "b_data"
    assert export(short_talk.session, conversation_id, "plan", tmp_path / "b.json").beside is None
    assert not list(tmp_path.glob(".statagent_*"))


def test_only_the_owner_can_export(short_talk: Talk, tmp_path: Path) -> None:
    bob = build_in(short_talk.session.settings.home, owner="bob")
    with pytest.raises(Exception, match="there is no conversation"):
        export(bob, short_talk.conversation.row.conversation_id, "report", tmp_path / "stolen.html")
    bob.program.close()
    assert not (tmp_path / "stolen.html").exists()
