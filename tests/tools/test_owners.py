"""Two people with datasets, models and jobs of the same names: no tool shows the one what is the other's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.data.base import LoadOptions
from adapters.store.spending import SpendingTable
from agent.gate import Call, Question, Run
from evals.world.examples import example_on
from evals.world.files import watch
from evals.world.home import build_in, used_home, wait_until
from evals.world.postgres import empty_database
from runtime.all_jobs import AllJobs
from runtime.session import Session
from tools import TOOLS, find_tool
from tools.errors import ToolError

MARK = "annsecret"
"""Stands in every cell, file name and column of Ann's that Bob must not see."""


def table(owner: str) -> bytes:
    """Forty rows; the text and the numbers tell whose they are."""
    base = 1000 if owner == "ann" else 0
    word = MARK if owner == "ann" else "bobs"
    rows = [f"{base + i},{base + 2 * i + i % 3},{word}{i % 2}" for i in range(40)]
    return ("x,y,kind\n" + "\n".join(rows) + "\n").encode()


@dataclass(frozen=True)
class People:
    """Ann and Bob, who own everything, named alike; Carl, who owns nothing; the ids of the former two."""

    ann: Session
    bob: Session
    carl: Session
    hers: dict[str, str]
    his: dict[str, str]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """Once for all: no test changes what another one looks at."""
    folder = tmp_path_factory.mktemp("people")
    if request.param == "sqlite":
        yield from people_in(folder, None)
        return
    with empty_database(request.getfixturevalue("postgres_server_url")) as url:
        yield from people_in(folder, url)


def people_in(folder: Path, database_url: str | None) -> Iterator[People]:
    files = folder / "files"
    files.mkdir()
    for owner in ("ann", "bob"):
        (files / f"{owner}.csv").write_bytes(table(owner))
    ann, bob, carl = sessions = [
        build_in(used_home(folder / "home"), owner=owner, database_url=database_url) for owner in ("ann", "bob", "carl")
    ]
    yield People(ann, bob, carl, own_everything(ann, folder), own_everything(bob, folder))
    for session in sessions:
        for job in session.jobs.all():
            session.jobs.cancel(job.job_id)
        session.program.close()


def call(session: Session, name: str, /, **arguments: Any) -> dict[str, Any]:
    """Call the tool as its owner; a launch is asked and answered with yes by the same person."""
    tool = find_tool(name)
    parsed = tool.arguments.model_validate(arguments)
    approval = None
    if tool.effect_of(parsed) == "spend":
        asked = Call(f"call_{arguments['quote_id']}", "c1", tool, parsed)
        verdict = session.gate.check(asked)
        if not isinstance(verdict, Question):
            raise ToolError(str(verdict))
        assert session.gate.decide(verdict.row.nonce, session.person.owner_id, yes=True) is None
        answered = session.gate.check(asked)
        assert isinstance(answered, Run)
        approval = answered.approval
    context = session.context("c1", threading.Event(), lambda sentence, fraction: None)
    return dict(tool.call(parsed, context, approval).content)


def has_ended(session: Session, job_id: str) -> bool:
    return session.jobs.get(job_id).job.state.is_final


def own_everything(session: Session, tmp_path: Path) -> dict[str, str]:
    """A dataset, a quote, a job and a model, named alike for everybody; gives the ids."""
    owner = session.person.owner_id
    session.data.load(str(tmp_path / "files" / f"{owner}.csv"), "people", LoadOptions(), watch())
    upload = session.data.receive(f"{owner}.csv", [table(owner)], watch())
    job = {"kind": "training", "dataset": "people", "target": "kind", "model": "logistic_regression"}
    for each in ({**job, "model": "decision_tree"}, job):
        quote_id = call(session, "estimate_cost", job=each)["quotes"][0]["quote_id"]
        job_id = call(session, "launch_training", quote_id=quote_id)["job_id"]
        wait_until(partial(has_ended, session, job_id))
    spare = call(session, "estimate_cost", job=job)["quotes"][0]["quote_id"]
    held = SpendingTable(session.program.database).reserve(owner, "c1", Decimal(1), Decimal(100), session.clock())
    assert held is not None
    newest, other = session.models.all()
    return {"job": job_id, "model": newest.model_id, "other": other.model_id, "quote": spare, "upload": upload}


def calls_of(ids: dict[str, str]) -> dict[str, dict[str, Any]]:
    """One call for each tool, by the names and ids that somebody has: its example, where it names nothing else."""
    words = {"penguins": "people", "body_mass_g": "x", "flipper_length_mm": "y", "island": "y"}
    words |= {"species": "kind", "sex": "kind", "q_3f9a": ids["quote"], "job_3f9a": ids["job"]}
    words |= {"model_3f9a": ids["model"]}
    training = {"kind": "training", "dataset": "people", "target": "kind", "model": "logistic_regression"}
    return {tool.name: example_on(tool, words) for tool in TOOLS} | {
        "load_dataset": {"source": ids["upload"], "name": "fetched"},
        "query": {"sql": "SELECT * FROM people"},
        "find_outliers": {"dataset": "people", "columns": ["x"], "ids": "kind"},
        "estimate_cost": {"job": training},
        "predict": {"model": ids["model"], "rows": [{"cells": [{"name": "x", "value": 1}, {"name": "y", "value": 2}]}]},
        "list_models": {"model": ids["model"]},
        "compare_models": {"models": [ids["model"], ids["other"]]},
    }


def test_with_nothing_of_his_own_he_sees_nothing(people: People) -> None:
    ann, carl, ids = people.ann, people.carl, people.hers
    for name, arguments in calls_of(ids).items():
        if name == "show_spending":
            continue
        with pytest.raises(ToolError) as caught:
            call(carl, name, **arguments)
        assert MARK not in str(caught.value), name
        assert not any(value in str(caught.value) for value in ids.values() if value not in str(arguments)), name
    assert (carl.data.all(), carl.models.all(), carl.jobs.all()) == ((), (), ())
    assert call(carl, "show_spending")["total"] == {"model_usd": 0.0, "jobs_usd": 0.0}
    assert [dataset.rows for dataset in ann.data.all()] == [40]


def test_with_the_same_names_each_sees_his_own(people: People) -> None:
    ann, bob, hers, his = people.ann, people.bob, people.hers, people.his
    before = (ann.data.all(), ann.models.all(), ann.jobs.all())
    for name, arguments in calls_of(his).items():
        found = json.dumps(call(bob, name, **arguments), default=str)
        assert MARK not in found, name
        assert not any(value in found for key, value in hers.items() if value != his[key]), name
    wait_until(lambda: all(view.job.state.is_final for view in AllJobs(bob.program).reconcile()))
    assert (ann.data.all(), ann.models.all(), ann.jobs.all()) == before
    assert call(ann, "query", sql="SELECT min(x) FROM people")["rows"] == [[1000]]
    assert call(bob, "query", sql="SELECT min(x) FROM people")["rows"] == [[0]]
    assert call(bob, "show_spending")["total"]["model_usd"] == 1.0


def test_a_model_is_drawn_for_its_owner_alone(people: People) -> None:
    ann, bob, hers = people.ann, people.bob, people.hers
    rows = ann.models.all()[0].metadata["rows"]
    assert isinstance(rows, dict)
    for kind in ("confusion", "importance", "roc"):
        drawn = call(ann, "plot", dataset="people", kind=kind, model=hers["model"])
        assert (drawn["kind"], drawn["n"]) == (kind, rows["test"])
        with pytest.raises(ToolError, match="no model"):
            call(bob, "plot", dataset="people", kind=kind, model=hers["model"])


def test_the_other_ones_ids_are_strange_to_him(people: People) -> None:
    bob, calls = people.bob, calls_of(people.hers)
    strange = {
        "load_dataset": "no upload",
        "launch_training": "no quote",
        "poll_job": "no job",
        "cancel_job": "no job",
        "predict": "no model",
        "list_models": "no model",
        "rename_model": "no model",
        "keep_threshold": "no model",
        "delete_model": "no model",
        "model_card": "no model",
        "export_model": "no model",
        "explain_model": "no model",
        "restore_model": "no model is deleted",
        "compare_models": "no model",
    }
    for name, words in strange.items():
        with pytest.raises(ToolError, match=words) as caught:
            call(bob, name, **calls[name])
        assert MARK not in str(caught.value), name
