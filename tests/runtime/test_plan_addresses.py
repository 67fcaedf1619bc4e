"""A plan fetches only from the addresses that stand in it literally, were shown and were agreed to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.model.scripted import ScriptedModel, call, say
from evals.world.home import PENGUINS, build_in, used_home
from evals.world.talk import Talk
from evals.world.typed import Done, run_typed
from evals.world.web import recording_web_server
from runtime.export import export
from runtime.plan_command import _make
from runtime.plan_file import PlanError, addresses_of, read_plan
from tools.errors import ToolError

SECRET: dict[str, Any] = {
    "tool": "query",
    "arguments": {"sql": "SELECT 'http://127.0.0.1:1/x.csv?d=' || max(species) AS dataset FROM penguins"},
}
LOAD: dict[str, Any] = {"tool": "load_dataset", "arguments": {"source": str(PENGUINS)}}


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    with recording_web_server() as (url, asked):
        yield url, asked


def load(source: Any, **more: Any) -> dict[str, Any]:
    return {"tool": "load_dataset", "arguments": {"source": source, **more}}


def run_plan(
    statagent: str, folder: Path, steps: list[dict[str, Any]], *options: str, answer: str = "", at: tuple[str, ...] = ()
) -> Done:
    path = folder / "plan.json"
    path.write_text(json.dumps({"plan": 1, "steps": steps}))
    environment = {
        **os.environ,
        "STATAGENT_HOME": str(folder / "home"),
        "STATAGENT_ROOTS": f"{PENGUINS.parents[2]}:{folder}",
        "STATAGENT_ALLOW_LOOPBACK": "true",
    }
    return run_typed(
        [statagent, "plan", path, *options],
        answer,
        at,
        environment,
        after="yes or no" if {"stdin", "stderr"} <= set(at) else "",
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"source": "${1.rows.0.0}"}, {"source": "${0.dataset}"}, {"source": "http://127.0.0.1:1/t.csv?d=${1.rows.0.0}"},
        {"source": "HTTP://127.0.0.1:1/${1.rows.0.0}"}, {"source": "  ${1.rows.0.0}"}, {"source": "s3://b/${1.rows.0.0}"},
        {"source": "runpod://volume/${1.rows.0.0}.csv"}, {"source": "//host/${1.rows.0.0}"}, {"source": "${1.rows.0.0"},
        {"source": "data/${1.rows.0.0}.csv"}, {"source": "upload:${1.rows.0.0}/x.csv"}, {"Source": "${1.rows.0.0}"},
        {"source": ["${1.rows.0.0}"]}, {"source": {"a": {"b": "${1.rows.0.0}"}}}, {"save_as": "ftp://h/${1.rows.0.0}"},
        {"save_as": "//host/${1.rows.0.0}"}, {"steps": [{"op": "derive", "expression": "'S3://b/${1.rows.0.0}'"}]},
    ],
)  # fmt: skip
def test_a_source_that_is_put_together_is_refused(tmp_path: Path, arguments: dict[str, Any]) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"plan": 1, "steps": [LOAD, SECRET, {"tool": "load_dataset", "arguments": arguments}]}))
    with pytest.raises(PlanError, match=r"step 2: .* a source stands literally"):
        read_plan(path)


def test_it_is_refused_before_anything_runs(statagent: str, tmp_path: Path, web: tuple[str, list[str]]) -> None:
    _, asked = web
    done = run_plan(statagent, tmp_path, [LOAD, SECRET, load("${1.rows.0.0}")])
    assert (done.returncode, done.stdout, asked) == (2, "", [])
    assert "a source stands literally" in done.stderr
    assert not (tmp_path / "home").exists()


def test_an_address_needs_a_person_or_its_flag(statagent: str, tmp_path: Path, web: tuple[str, list[str]]) -> None:
    url, asked = web
    steps = [LOAD, load(f"{url}/table.csv?key=1"), load(f"{url}/table.csv", name="b")]
    addresses = [f"{url}/table.csv?key=1", f"{url}/table.csv"]
    for at in ((), ("stdin",), ("stderr",), ("stdout", "stderr")):
        done = run_plan(statagent, tmp_path, steps, answer="yes\n", at=at)
        assert done.returncode == 3, at
        assert '{"addresses": ' in done.stdout + done.screen
    done = run_plan(statagent, tmp_path, steps, "--fetch", addresses[0])
    assert (done.returncode, json.loads(done.stdout)) == (3, {"addresses": addresses[1:]})
    assert asked == []
    assert not (tmp_path / "home").exists()
    done = run_plan(statagent, tmp_path, steps, "--fetch", addresses[0], "--fetch", addresses[1])
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3), done.stderr
    assert asked == ["/table.csv?key=1", "/table.csv"]


def test_a_person_sees_every_address_and_answers(statagent: str, tmp_path: Path, web: tuple[str, list[str]]) -> None:
    url, asked = web
    for answer, code in (("no\n", 1), ("", 1), ("yes\n", 0)):
        assert asked == []
        done = run_plan(statagent, tmp_path, [load(f"{url}/table.csv")], answer=answer, at=("stdin", "stderr"))
        assert done.returncode == code, done.screen
        assert f"{url}/table.csv" in done.screen
    assert asked == ["/table.csv"]


def test_an_address_of_the_flag_that_the_plan_has_not_is_a_mistake(statagent: str, tmp_path: Path) -> None:
    done = run_plan(statagent, tmp_path, [load("https://a.example/x.csv")], "--fetch", "https://a.example/y.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the plan has no such address" in done.stderr


@pytest.mark.parametrize("source", ["HTTPS://A.example/x.csv", " https://a.example/x.csv ", "s3://b/k", "ftp://a/b"])
def test_every_kind_of_address_is_one(source: str) -> None:
    assert addresses_of([load(source), load(PENGUINS.name), load(source)]) == [source.strip()]


def test_a_call_fetches_from_no_address_that_was_not_agreed_to(tmp_path: Path, web: tuple[str, list[str]]) -> None:
    """The second wall, for an address that comes to a call by a way that nobody has thought of."""
    url, asked = web
    session = build_in(used_home(tmp_path / "home"), allow_loopback=True)
    with pytest.raises(ToolError, match="not fetched"):
        _make(session, "load_dataset", {"source": f"{url}/table.csv"}, [f"{url}/other.csv"])
    assert asked == []
    assert _make(session, "load_dataset", {"source": f"{url}/table.csv"}, [f"{url}/table.csv"])["rows"] == 3
    session.program.close()


def test_references_to_names_still_work(statagent: str, tmp_path: Path) -> None:
    save = {"tool": "query", "arguments": {"sql": "SELECT * FROM penguins LIMIT 5", "save_as": "few"}}
    look = {"tool": "describe", "arguments": {"dataset": "${1.dataset}", "columns": ["year"]}}
    done = run_plan(statagent, tmp_path, [LOAD, save, look])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[2])["result"]["rows"] == 5


def test_an_exported_plan_has_its_sources_literally(tmp_path: Path) -> None:
    """A file that has the name of a dataset that a step made is still that file."""
    (tmp_path / "few").write_text("a,b\n1,2\n3,4\n")
    script = [
        call(("c1", "load_dataset", {"source": str(PENGUINS)})),
        call(("c2", "query", {"sql": "SELECT * FROM penguins LIMIT 5", "save_as": str(tmp_path / "few")[-60:]})),
        call(("c3", "load_dataset", {"source": str(tmp_path / "few")})),
        say("Done."),
    ]
    talk = Talk(build_in(used_home(tmp_path / "home"), model=ScriptedModel(script)))
    talk.say("go")
    path = export(talk.session, talk.conversation.row.conversation_id, "plan", tmp_path / "out.json").path
    talk.session.program.close()
    sources = [step["arguments"].get("source") for step in json.loads(path.read_text())["steps"]]
    assert [source for source in sources if source] == [str(PENGUINS), str(tmp_path / "few")]
