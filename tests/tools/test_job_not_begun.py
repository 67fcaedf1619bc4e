"""A job that was not begun begins by no look at it: not after a mistake of ours, and not when it is cancelled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.compute.base import ComputeError, Machine
from adapters.compute.local import LocalBackend
from adapters.compute.volume import Volume
from adapters.records import Approval, Attempt, AttemptState, JobState, Json
from adapters.store.jobs import JobTable
from evals.world.desks import approve
from evals.world.home import build_in, put_penguins, used_home
from evals.world.metered import Metered
from evals.world.runpod import runpod_world
from evals.world.runpod.serverless import keys_of
from runtime.session import Session
from tests.tools.conftest import LONG, SPEC
from tests.tools.test_job_races import desk_of, launch
from tools.jobs.quoting import Need


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"))
    put_penguins(session)
    yield session
    session.program.close()


class Mistaken(Metered):
    """A machine with a mistake of ours in it."""

    begun: ClassVar[list[str]] = []
    is_mistaken: ClassVar[bool] = True

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        if self.is_mistaken:
            raise ZeroDivisionError("a mistake")
        self.begun.append(attempt.key)
        return super().launch(attempt, approval)

    def state(self, attempt: Attempt) -> Machine:
        if self.is_mistaken and attempt.state is AttemptState.RUNNING:
            raise ZeroDivisionError("a mistake")
        return super().state(attempt)


@pytest.fixture
def mistaken(monkeypatch: pytest.MonkeyPatch) -> type[Mistaken]:
    monkeypatch.setattr(Mistaken, "begun", [])
    monkeypatch.setattr(Mistaken, "is_mistaken", True)
    return Mistaken


def test_what_a_mistake_kept_from_beginning_never_begins(session: Session, mistaken: type[Mistaken]) -> None:
    desk = desk_of(session, kind=mistaken)
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    with pytest.raises(ZeroDivisionError):
        desk.launch(approve(session, quote.quote_id))
    (job,) = desk.all()
    assert (job.state, job.cost_usd) == (JobState.FAILED, Decimal(0))
    assert job.result is not None
    assert job.result.error == "a mistake of ours: ZeroDivisionError"
    assert session.purse.spending().jobs.charged == 0
    mistaken.is_mistaken = False
    desk.advance_all()
    assert mistaken.begun == []


def test_a_mistake_with_one_job_keeps_no_other_from_being_looked_after(
    session: Session, mistaken: type[Mistaken], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = launch(session, "call_1", LONG).job, launch(session, "call_2", LONG).job
    assert desk_of(session, kind=mistaken).advance_all() == ()
    for job in (first, second):
        assert f"{job.job_id} could not be brought up to date" in caplog.text
    for job in (first, second):
        desk_of(session).cancel(job.job_id)


def test_cancelling_what_has_not_begun_starts_nothing(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    job, rows = launch(session).job, JobTable(session.program.database)
    desk_of(session).cancel(job.job_id)
    job = launch(session, "call_2").job
    # As a program leaves it that dies between the row and the launch.
    rows.move_attempt(rows.attempt(job), AttemptState.INTENT)
    begun: list[str] = []
    monkeypatch.setattr(LocalBackend, "launch", lambda self, attempt, approval: begun.append(attempt.key))
    told = json.loads(json.dumps(session.call_tool("cancel_job", json.dumps({"job_id": job.job_id}), None).content))
    assert (begun, told["state"]) == ([], "cancelled")


def test_a_file_that_is_refused_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"rows")
    with runpod_world() as world:
        volume = Volume(replace(keys_of(world), secret_key="another"))
        with pytest.raises(ComputeError, match=r"^the volume \w+ refuses rows: \w+"):
            volume.upload("rows", tmp_path / "file")
        volume.close()
