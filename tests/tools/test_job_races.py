"""One job that two programs look at, that is cancelled before it starts, or that ends a second time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.compute.base import ComputeError, Machine, UnusableResult
from adapters.records import Approval, Attempt, AttemptState, Job, JobBudgets, JobEnd, JobState, Json, Model
from adapters.store.jobs import JobTable
from adapters.store.models import ModelTable
from evals.world.desks import approve, means_of
from evals.world.home import Clock, build_in, put_penguins, used_home, wait_until
from evals.world.metered import Metered
from runtime.all_jobs import AllJobs
from runtime.program import Program
from runtime.reconciler import Reconciler
from runtime.session import Session
from tests.tools.conftest import LONG, SPEC
from tools import ml
from tools.errors import ToolError
from tools.jobs.desk import Desk
from tools.jobs.following import JobView
from tools.jobs.quoting import Need
from tools.models import Models

NOW = datetime(2026, 11, 26, tzinfo=UTC)


class Interrupted(Models):
    """Models whose takeover is interrupted: something else happens just before it, or in its middle."""

    def __init__(self, session: Session, before: Callable[[], object]) -> None:
        super().__init__(
            ModelTable(session.program.database), "local", session.settings.home, lambda: b"key" * 11, Clock()
        )
        self._before = before

    def install(self, job: Job, output: Path, cost: ml.Cost | None = None) -> Model:
        self._before()
        return super().install(job, output, cost)


@pytest.fixture
def session(tmp_path: Path, database_url: str | None) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), database_url=database_url)
    put_penguins(session)
    yield session
    session.program.close()


class Unwatched(Metered):
    """A machine that still runs, for all that whoever launches it sees: the end is for others to take over."""

    def state(self, attempt: Attempt) -> Machine:
        return replace(super().state(attempt), is_running=True)


def desk_of(session: Session, models: Models | None = None, kind: type[Metered] = Metered) -> Desk:
    """A desk as another program has it: it shares the database and the folders, and no lock."""
    backend = kind(session.settings.home / "jobs", 100, session.settings.worker_environment())
    return Desk(means_of(session, Clock(), JobBudgets(Decimal(1)), backend, models=models))


def all_jobs(session: Session) -> AllJobs:
    """The jobs of everybody, as another program has them."""
    backend = Metered(session.settings.home / "jobs", 100, session.settings.worker_environment())
    return AllJobs(Program(session.settings, session.program.database, session.model, Clock(), {backend.name: backend}))


def launch(session: Session, call_id: str = "call_1", spec: ml.TrainingSpec = SPEC) -> JobView:
    desk = desk_of(session, kind=Unwatched)
    (quote,) = desk.quote("c1", session.data.get("penguins"), spec, Need(10))
    return desk.launch(approve(session, quote.quote_id, call_id))


def wait_for_the_worker(session: Session, job: Job) -> None:
    attempt = JobTable(session.program.database).attempt(job)
    backend = Metered(session.settings.home / "jobs", 100, session.settings.worker_environment())
    wait_until(lambda: backend.state(attempt).result is not None)


def test_a_result_is_taken_over_by_one_of_two_programs(session: Session) -> None:
    job = launch(session).job
    wait_for_the_worker(session, job)
    other, seen = desk_of(session), list[Job]()
    looking = threading.Thread(target=lambda: seen.append(other.get(job.job_id).job))

    def another_looks() -> None:
        looking.start()
        # It waits for the one that has begun.
        time.sleep(0.5)
        assert not seen

    found = desk_of(session, Interrupted(session, another_looks)).get(job.job_id).job
    looking.join()
    assert (found.state, found) == (JobState.SUCCEEDED, other.get(job.job_id).job)
    assert seen == [found]
    assert len(session.models.all()) == 1
    assert session.purse.spending().jobs.charged == found.cost_usd


def test_many_programs_at_once_take_it_over_once(session: Session) -> None:
    job = launch(session).job
    wait_for_the_worker(session, job)
    barrier, found, failures = threading.Barrier(6), [], []

    def look() -> None:
        desk = desk_of(session)
        barrier.wait()
        try:
            found.append(desk.get(job.job_id).job)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test fails for it
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {one.state for one in found} == {JobState.SUCCEEDED}
    assert len(session.models.all()) == 1
    assert not list(session.settings.home.glob("models/*/.*.part"))


def test_a_model_that_is_not_there_ends_the_job_in_a_sentence(session: Session) -> None:
    job = launch(session).job
    wait_for_the_worker(session, job)
    desk = desk_of(session)
    backend = Metered(session.settings.home / "jobs", 100, session.settings.worker_environment())
    backend.clean(JobTable(session.program.database).attempt(job).key)
    view = desk.get(job.job_id)
    assert (view.job.state, view.status) == (JobState.FAILED, "the worker left no model.skops")


def test_a_model_that_cannot_be_kept_now_is_kept_later(session: Session) -> None:
    job = launch(session).job
    wait_for_the_worker(session, job)

    def full() -> None:
        raise OSError(28, "No space left on device")

    desk = desk_of(session, Interrupted(session, full))
    with pytest.raises(ToolError, match=r"could not be kept \(No space left on device\); it is tried again"):
        desk.get(job.job_id)
    assert desk.advance_all() == ()
    assert desk_of(session).get(job.job_id).job.state is JobState.SUCCEEDED


def test_a_job_whose_end_was_asked_for_is_never_started(session: Session) -> None:
    rows = JobTable(session.program.database)
    job = launch(session).job
    # As a program leaves it that dies between the row and the launch, before the person cancels.
    rows.move_attempt(rows.attempt(job), AttemptState.INTENT)
    rows.request_cancel(job)
    assert not rows.begin_attempt(rows.attempt(job))
    assert rows.attempt(job).state is AttemptState.INTENT
    assert desk_of(session).cancel(job.job_id).job.state is JobState.CANCELLED
    assert not rows.begin_attempt(rows.attempt(job))
    assert session.models.all() == ()


class Slow(Metered):
    """A machine whose start takes a while, and is counted."""

    begun: ClassVar[list[str]] = []

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        self.begun.append(attempt.key)
        time.sleep(1)
        return super().launch(attempt, approval)


def test_one_of_two_programs_starts_a_machine(session: Session) -> None:
    rows = JobTable(session.program.database)
    job = launch(session).job
    # As it is for two programs that begin again after one died between the row and the launch.
    rows.move_attempt(rows.attempt(job), AttemptState.INTENT)
    Slow.begun.clear()
    desks = [desk_of(session, kind=Slow) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        views = list(pool.map(lambda desk: desk.get(job.job_id), desks))
    assert len(Slow.begun) == 1
    assert "another program is starting its machine" in {view.status for view in views}


def test_an_end_asked_for_while_the_machine_starts_ends_it(session: Session) -> None:
    rows = JobTable(session.program.database)
    job = launch(session, spec=LONG).job
    rows.move_attempt(rows.attempt(job), AttemptState.INTENT)
    Slow.begun.clear()
    with ThreadPoolExecutor(1) as pool:
        starting = pool.submit(desk_of(session, kind=Slow).get, job.job_id)
        wait_until(lambda: bool(Slow.begun))
        # The machine is not there yet for whoever cancels.
        rows.request_cancel(job)
        view = starting.result()
    assert view.job.state is JobState.CANCELLED


def test_a_closed_job_stays_as_it_was_closed(session: Session) -> None:
    rows = JobTable(session.program.database)
    job = launch(session).job
    closed = desk_of(session).cancel(job.job_id).job
    rows.activate(job)
    last = replace(rows.attempt(job), seconds=9.0, usd=Decimal(5))
    assert not rows.finish(job, last, JobState.SUCCEEDED, JobEnd(seconds=9), NOW, None)
    assert desk_of(session).get(job.job_id).job == closed
    assert session.purse.spending().jobs.charged == closed.cost_usd


def test_the_reconciler_survives_whoever_listens(session: Session, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []

    def listen(view: JobView) -> None:
        told.append(view.job.job_id)
        raise ValueError("a listener of somebody else's")

    with Reconciler(all_jobs(session), every_s=0.02, on_end=listen) as reconciler:
        first = launch(session, "call_1").job.job_id
        wait_until(lambda: told == [first])
        second = launch(session, "call_2").job.job_id
        wait_until(lambda: told == [first, second])
        assert reconciler.is_alive()
    assert "the end of" in caplog.text


class Unusable(Metered):
    """A worker that left what can be no model."""

    def fetch(self, attempt: Attempt) -> Path:
        raise UnusableResult("what the worker left is 5,000,000,000 bytes; that is no model")


def test_a_result_that_can_be_no_model_closes_the_job(session: Session) -> None:
    job = launch(session).job
    wait_for_the_worker(session, job)
    view = desk_of(session, kind=Unusable).get(job.job_id)
    assert (view.job.state, view.status) == (
        JobState.FAILED,
        "what the worker left is 5,000,000,000 bytes; that is no model",
    )
    assert session.models.all() == ()


class Silent(Metered):
    """A provider that answers nothing while it is down; what it was asked to start is counted."""

    is_down = True
    n_launches = 0

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        if self.is_down:
            raise ComputeError("it answers 503")
        type(self).n_launches += 1
        return super().launch(attempt, approval)

    def terminate(self, attempt: Attempt) -> None:
        if self.is_down:
            raise ComputeError("it does not answer")
        super().terminate(attempt)


def test_what_was_said_not_to_start_starts_at_no_later_look(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Silent, "n_launches", 0)
    desk = desk_of(session, kind=Silent)
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    view = desk.launch(approve(session, quote.quote_id))
    assert view.job.state is JobState.QUEUED
    assert view.status == (
        "it could not be started (it answers 503); whether anything of it runs is looked at again (it does not answer)"
    )
    monkeypatch.setattr(Silent, "is_down", False)
    (again,) = desk_of(session, kind=Silent).advance_all()
    assert (again.job.state, Silent.n_launches) == (JobState.CANCELLED, 0)
    assert session.purse.spending().jobs.reserved == 0
