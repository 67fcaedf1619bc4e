"""One program, many people: each session has its own rows, roots and limits, and costs next to nothing."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.data.base import LoadOptions
from adapters.model.base import ModelError
from adapters.model.scripted import ScriptedModel, say
from adapters.records import JobBudgets
from evals.world.files import watch
from evals.world.home import PENGUINS, build_in, used_home, wait_until
from evals.world.talk import Talk
from runtime.all_jobs import AllJobs
from runtime.confirmation import Confirmation, ConfirmationNeeded
from runtime.person import Person
from runtime.program import Program
from runtime.session import Session
from tools.errors import ToolError

JOB = {"kind": "training", "dataset": "penguins", "target": "species", "model": "logistic_regression"}


@pytest.fixture
def program(tmp_path: Path, database_url: str | None) -> Iterator[Program]:
    program = build_in(used_home(tmp_path / "home"), database_url=database_url).program
    yield program
    program.close()


def session_of(program: Program, name: str, **own: object) -> Session:
    return Session(program, replace(program.settings.person(), owner_id=name, **own))  # type: ignore[arg-type]


def launch(session: Session) -> str:
    """A job of the session's person, on their own yes; gives its id."""
    session.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    quotes = session.call_tool("estimate_cost", json.dumps({"job": JOB}), None).content["quotes"]
    quote_id = quotes[0]["quote_id"]  # type: ignore[index, call-overload]
    with pytest.raises(ConfirmationNeeded):
        session.call_tool("launch_training", json.dumps({"quote_id": quote_id}), None)
    yes = Confirmation(str(quote_id), Decimal(0))
    return str(session.call_tool("launch_training", json.dumps({"quote_id": quote_id}), yes).content["job_id"])


def test_one_look_takes_over_the_jobs_of_every_owner(program: Program) -> None:
    sessions = [session_of(program, name) for name in ("ann", "bob")]
    job_ids = [launch(session) for session in sessions]
    jobs = AllJobs(program)
    ended: dict[str, str] = {}

    def all_have_ended() -> bool:
        ended.update({view.job.job_id: view.job.owner_id for view in jobs.reconcile() if view.job.state.is_final})
        return set(ended) == set(job_ids)

    wait_until(all_have_ended)
    assert [ended[job_id] for job_id in job_ids] == ["ann", "bob"]
    assert [len(session.models.all()) for session in sessions] == [1, 1]
    with pytest.raises(ToolError, match="no job"):
        sessions[0].jobs.get(job_ids[1])


def test_a_job_of_another_home_is_left_alone(program: Program, tmp_path: Path) -> None:
    session = session_of(program, "ann")
    job_id = launch(session)
    folder = program.settings.home / "data" / "user_ann"
    folder.rename(tmp_path / "elsewhere")
    assert AllJobs(program).reconcile() == ()
    (tmp_path / "elsewhere").rename(folder)
    assert session.jobs.cancel(job_id).job.state.is_final


def test_a_person_without_roots_reads_no_file(program: Program) -> None:
    here, remote = session_of(program, "ann"), session_of(program, "bob", roots=())
    assert here.data.load(str(PENGUINS), None, LoadOptions(), watch()).rows == 344
    with pytest.raises(ToolError):
        remote.call_tool("load_dataset", json.dumps({"source": str(PENGUINS)}), None)
    upload = remote.data.receive("mine.csv", [b"a,b\n1,2\n3,4\n"], watch())
    assert remote.call_tool("load_dataset", json.dumps({"source": upload}), None).content["rows"] == 2


def test_limits_are_the_persons_own(program: Program) -> None:
    limits = program.settings.limits()
    poor = session_of(program, "ann", limits=replace(limits, max_steps=1))
    assert poor.person.limits.max_steps == 1
    assert session_of(program, "bob").person.limits == limits
    assert poor.purse.model_day_usd == limits.max_day_usd


def test_a_model_that_fails_is_left_alone_by_everybody(program: Program) -> None:
    down = [ModelError("It is down.", retryable=True)] * 12
    program.model = ScriptedModel([*down, say("Hello.")])
    ann, bob = (Talk(session_of(program, name)) for name in ("ann", "bob"))
    for _ in range(3):
        assert ann.say("hi").reason == "failed"
    assert bob.say("hi").reason == "failed"
    assert "failed 3 times in a row" in bob.notices()[-1]


def test_a_session_is_cheap(program: Program) -> None:
    session_of(program, "warm")
    tracemalloc.start()
    sessions = [session_of(program, f"person_{number}") for number in range(200)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / len(sessions) < 20_000
    assert threading.active_count() < 20


@pytest.mark.parametrize("name", ["", "../ann", "a/b", "ann\n", "x" * 65, "ä"])
def test_an_owner_whose_name_leads_out_of_a_folder_is_none(program: Program, name: str) -> None:
    with pytest.raises(ValueError, match="names no owner"):
        Person(name, (), program.settings.limits(), JobBudgets(Decimal(1)), "always")
