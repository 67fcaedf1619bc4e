"""A closed job costs what its provider's bill says: entered once, and asked for no more than once an hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.compute.base import ComputeError
from adapters.records import Attempt, JobBudgets
from adapters.store.jobs import JobTable
from evals.world.desks import approve, means_of
from evals.world.home import Clock, build_in, put_penguins, used_home, wait_until
from evals.world.metered import Metered
from runtime.session import Session
from tests.tools.conftest import SPEC
from tools.jobs.billing import GIVEN_UP, Billing
from tools.jobs.desk import Desk
from tools.jobs.quoting import Need

HOUR = timedelta(hours=1)


class Billed(Metered):
    """A provider whose bill says what the test lets it say."""

    bill: Decimal | None = None
    is_down = False
    n_asked = 0

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        self.n_asked += 1
        if self.is_down:
            raise ComputeError("the bill cannot be had now")
        return self.bill


@pytest.fixture
def session(tmp_path: Path, database_url: str | None) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), database_url=database_url)
    put_penguins(session)
    yield session
    session.program.close()


@pytest.fixture
def backend(session: Session) -> Billed:
    return Billed(session.settings.home / "jobs", 100, session.settings.worker_environment())


def ended(session: Session, backend: Billed) -> tuple[str, datetime]:
    """A job that was done on that backend, and when it ended."""
    desk = Desk(means_of(session, Clock(), JobBudgets(Decimal(1)), backend))
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    job_id = desk.launch(approve(session, quote.quote_id)).job.job_id
    wait_until(lambda: desk.get(job_id).job.state.is_final)
    at = desk.get(job_id).job.finished_at
    assert at is not None
    return job_id, at


@pytest.mark.parametrize("usd", ["0.05", "0.000001", "1.2"])
def test_the_bill_stands_in_place_of_what_was_said_once(session: Session, backend: Billed, usd: str) -> None:
    job_id, at = ended(session, backend)
    rows = JobTable(session.program.database)
    billing, backend.bill = Billing(rows, {backend.name: backend}), Decimal(usd)
    billing.true_up(at + 2 * HOUR)
    assert backend.n_asked == 0
    for _ in range(2):
        billing.true_up(at + 4 * HOUR)
        billing.true_up(at + 9 * HOUR)
    assert backend.n_asked == 1
    job = rows.job("local", job_id)
    assert job is not None
    assert job.cost_usd == Decimal(usd)
    assert rows.attempt(job).billed_usd == Decimal(usd)
    assert session.purse.spending().jobs.charged == Decimal(usd)
    assert not rows.true_up(rows.attempt(job), Decimal(9), at)
    assert session.purse.spending().jobs.charged == Decimal(usd)


def test_a_bill_that_is_not_there_yet_is_asked_for_once_an_hour_and_given_up_in_the_end(
    session: Session, backend: Billed
) -> None:
    job_id, at = ended(session, backend)
    rows = JobTable(session.program.database)
    job = rows.job("local", job_id)
    assert job is not None
    billing = Billing(rows, {backend.name: backend})
    billing.true_up(at + 4 * HOUR)
    billing.true_up(at + 4.9 * HOUR)
    assert backend.n_asked == 1
    backend.is_down = True
    billing.true_up(at + 5 * HOUR)
    assert backend.n_asked == 2
    assert rows.job("local", job_id) == job
    billing.true_up(at + GIVEN_UP + HOUR)
    assert backend.n_asked == 2
    # A provider that is not set up any more is nobody to ask.
    Billing(rows, {}).true_up(at + 6 * HOUR)
    backend.is_down, backend.bill = False, Decimal("0.5")
    Billing(rows, {backend.name: backend}).true_up(at + 7 * HOUR)
    assert session.purse.spending().jobs.charged == Decimal("0.5")


@pytest.mark.parametrize("usd", ["1000", "1e12"])
def test_a_bill_that_cannot_be_shuts_no_budget(session: Session, backend: Billed, usd: str) -> None:
    job_id, at = ended(session, backend)
    rows = JobTable(session.program.database)
    before = rows.job("local", job_id)
    backend.bill = Decimal(usd)
    Billing(rows, {backend.name: backend}).true_up(at + 4 * HOUR)
    assert rows.job("local", job_id) == before
