"""Jobs on a backend that costs money: prices, caps, and a price that rises after the yes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.budget_periods import month_of
from adapters.compute.base import Offer
from adapters.records import JobBudgets, JobState, Market, Place
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import JobTable
from adapters.store.tables import jobs, ledger
from agent.gate import Gate, Question
from evals.world.desks import approve, means_of
from evals.world.home import Clock, build_in, launch_call, put_penguins, used_home, wait_until
from evals.world.metered import Metered, PriceTag
from runtime.all_jobs import AllJobs
from runtime.program import Program
from runtime.reconciler import Reconciler
from runtime.session import Session
from tests.tools.conftest import LONG, SPEC
from tools.errors import ToolError
from tools.jobs.desk import Desk
from tools.jobs.quoting import Need


@pytest.fixture
def session(tmp_path: Path, database_url: str | None) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), database_url=database_url)
    put_penguins(session)
    yield session
    session.program.close()


@pytest.fixture
def backend(session: Session) -> Metered:
    backend = Metered(session.settings.home / "jobs", 100, session.settings.worker_environment())
    backend.tag = PriceTag()
    return backend


def desk_with(session: Session, *backends: Metered, max_day_usd: Decimal = Decimal(1), **budgets: Decimal) -> Desk:
    return Desk(means_of(session, Clock(), JobBudgets(max_day_usd, **budgets), *backends))


@pytest.fixture
def desk(session: Session, backend: Metered) -> Desk:
    return desk_with(session, backend)


def all_jobs(session: Session, backend: Metered) -> AllJobs:
    return AllJobs(Program(session.settings, session.program.database, session.model, Clock(), {backend.name: backend}))


def entries(session: Session) -> list[tuple[str, Decimal]]:
    with session.program.database.read() as connection:
        rows = connection.execute(sa.select(ledger.c.kind, ledger.c.usd).order_by(ledger.c.entry_id)).all()
    return [(kind, usd) for kind, usd in rows]


def test_a_quote_states_what_is_expected_and_what_it_costs_at_most(session: Session, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    assert (quote.expected_usd, quote.cap_usd) == (Decimal("0.01"), Decimal("0.1"))
    assert quote.max_seconds == 100
    assert (quote.expires_at - quote.created_at).total_seconds() == 600


def test_a_row_is_read_once_into_what_it_is_and_an_earlier_versions_too(session: Session, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10), warnings=["look"])
    kept = ApprovalTable(session.program.database).quote("local", quote.quote_id)
    assert kept is not None
    assert (kept.job, kept.job.warnings) == (quote.job, ("look",))
    # As version 0.1 wrote it: a job without its warnings.
    raw = {"spec": SPEC.model_dump(), "dataset": "penguins", "dataset_id": "d1", "data_sha256": "00", "rows": 344}
    with session.program.database.write() as connection:
        connection.execute(sa.text("UPDATE quotes SET job = :job"), {"job": json.dumps(raw)})
    earlier = ApprovalTable(session.program.database).quote("local", quote.quote_id)
    assert earlier is not None
    assert (earlier.job.training, earlier.job.warnings) == (SPEC, ())


@pytest.mark.parametrize(("expected", "quoted"), [(99, 99), (100, 100), (101, 100), (10**6, 100)])
def test_nothing_is_expected_to_take_longer_than_it_may(
    session: Session, desk: Desk, expected: int, quoted: int
) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(expected))
    assert quote.expected_seconds == quoted
    assert quote.expected_usd <= quote.cap_usd


def test_the_cap_is_reserved_and_then_the_seconds_are_charged(session: Session, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    view = desk.launch(approval)
    assert entries(session) == [("reserve", Decimal("0.1"))]
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    job = desk.get(view.job.job_id).job
    assert job.state is JobState.SUCCEEDED
    assert Decimal(0) < job.cost_usd < Decimal("0.1")
    assert entries(session)[1:] == [("release", Decimal("-0.1")), ("charge", job.cost_usd)]


def test_a_price_above_the_cap_starts_nothing(session: Session, desk: Desk, backend: Metered) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    backend.tag.usd_per_hour = Decimal("3.61")
    with pytest.raises(ToolError, match="the price rose"):
        desk.launch(approval)
    assert desk.all() == ()
    assert entries(session) == []
    backend.tag.usd_per_hour = Decimal("3.60")
    job_id = desk.launch(approval).job.job_id
    desk.cancel(job_id)


class TwoMachines(Metered):
    """A slow machine, and a fast one that costs more an hour and takes a while to begin."""

    there: tuple[str, ...] = ("slow", "fast")

    def offers(self) -> tuple[Offer, ...]:
        (own,) = super().offers()
        slow = replace(own, place=Place(sku="slow", market=Market.ON_DEMAND, zone="a"), machine="a slow machine")
        fast = replace(slow, place=Place(sku="fast", market=Market.SPOT, zone="b"), overhead_s=30)
        both = {"slow": slow, "fast": replace(fast, machine="a fast machine", usd_per_hour=Decimal(1))}
        return tuple(both[name] for name in self.there)


def test_each_machine_has_its_quote_and_the_one_that_was_agreed_to_is_started(session: Session) -> None:
    backend = TwoMachines(session.settings.home / "jobs", 100, session.settings.worker_environment())
    backend.tag = PriceTag()
    desk = desk_with(session, backend)
    quotes = desk.quote("c1", session.data.get("penguins"), SPEC, Need(20))
    assert [(quote.place.sku, quote.expected_seconds) for quote in quotes] == [("fast", 50), ("slow", 20)]
    assert quotes[0].expected_usd < quotes[1].expected_usd
    first = ApprovalTable(session.program.database).quote("local", quotes[0].quote_id)
    assert first is not None
    assert first.place == Place(sku="fast", market=Market.SPOT, zone="b")
    approvals = [approve(session, quote.quote_id, f"call_{n}") for n, quote in enumerate(quotes)]
    assert approvals[0] is not None
    assert approvals[1] is not None
    backend.there = ("slow",)
    with pytest.raises(ToolError, match="a fast machine of local cannot be had any more; quote it again"):
        desk.launch(approvals[0])
    assert desk.all() == ()
    job = desk.launch(approvals[1]).job
    assert JobTable(session.program.database).attempt(job).request.place.sku == "slow"
    desk.cancel(job.job_id)
    backend.there = ()
    with pytest.raises(ToolError, match="no machine can be had now"):
        desk.quote("c1", session.data.get("penguins"), SPEC, Need(20))


def test_paid_still_asks_where_it_costs(session: Session, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    gate = Gate("local", ApprovalTable(session.program.database), JobTable(session.program.database), "paid", Clock())
    assert isinstance(gate.check(launch_call(quote.quote_id)), Question)


def test_a_worker_past_its_limit_is_stopped_and_the_job_says_so(session: Session, desk: Desk, backend: Metered) -> None:
    backend.tag.max_seconds = 1
    (quote,) = desk.quote("c1", session.data.get("penguins"), LONG, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    view = desk.launch(approval)
    wait_until(lambda: desk.get(view.job.job_id).job.state.is_final)
    job = desk.get(view.job.job_id).job
    assert job.state is JobState.BUDGET_STOPPED
    assert job.cost_usd <= quote.cap_usd
    assert session.models.all() == ()


def test_a_cancelled_job_is_gone_makes_no_model_and_gives_its_reservation_back(session: Session, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), LONG, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    job_id = desk.launch(approval).job.job_id
    wait_until(lambda: desk.get(job_id).progress > 0)
    assert desk.cancel(job_id).job.state is JobState.CANCELLED
    view = desk.get(job_id)
    assert view.job.state is JobState.CANCELLED
    assert 0 < view.progress < 1
    assert view.seconds > 0
    assert session.models.all() == ()
    assert entries(session)[1] == ("release", Decimal("-0.1"))


def test_a_job_that_has_ended_is_said_to_have_where_it_is_cancelled(session: Session, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), LONG, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    job_id = json.dumps({"job_id": desk.launch(approval).job.job_id})
    first = session.call_tool("cancel_job", job_id, None).content
    assert first["state"] == "cancelled"
    assert "had_ended" not in first
    again = session.call_tool("cancel_job", job_id, None).content
    assert again == {**first, "had_ended": True}


def test_a_machine_that_no_job_stands_behind_is_ended(session: Session, desk: Desk, backend: Metered) -> None:
    started = []
    for number in range(2):
        (quote,) = desk.quote("c1", session.data.get("penguins"), LONG, Need(10))
        approval = approve(session, quote.quote_id, f"call_{number}")
        assert approval is not None
        started.append(desk.launch(approval).job)
    wait_until(lambda: len(backend.running()) == 2)
    with session.program.database.write() as connection:
        forgotten = jobs.c.job_id == started[0].job_id
        connection.execute(jobs.update().where(forgotten).values(state=JobState.FAILED))
    with Reconciler(all_jobs(session, backend), every_s=0.05):
        wait_until(lambda: len(backend.running()) == 1, seconds=5)
    assert desk.get(started[1].job_id).job.state is JobState.ACTIVE
    desk.cancel(started[1].job_id)
    assert backend.running() == ()


def test_a_job_that_ends_is_taken_over_while_nobody_asks(session: Session, desk: Desk, backend: Metered) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    desk.launch(approval)
    with Reconciler(all_jobs(session, backend), every_s=0.05):
        wait_until(lambda: len(session.models.all()) == 1)


def test_a_days_budget_holds_before_the_launch(session: Session, backend: Metered) -> None:
    desk = desk_with(session, backend, max_day_usd=Decimal("0.15"))
    quotes = [desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))[0] for _ in range(2)]
    approvals = [approve(session, quote.quote_id, f"call_{number}") for number, quote in enumerate(quotes)]
    assert approvals[0] is not None
    assert approvals[1] is not None
    first = desk.launch(approvals[0]).job
    with pytest.raises(ToolError, match=r"may cost up to \$0.10; of today's \$0.15 for jobs .* and \$0.10 reserved"):
        desk.launch(approvals[1])
    assert [job.job_id for job in desk.all()] == [first.job_id]
    assert entries(session) == [("reserve", Decimal("0.1"))]
    desk.cancel(first.job_id)
    # What the cancelled job held is free again, and the yes was not used up by the refusal.
    desk.cancel(desk.launch(approvals[1]).job.job_id)
    spending = session.purse.spending().jobs
    assert spending.reserved == 0
    assert Decimal(0) < spending.charged_today == spending.charged == sum(job.cost_usd for job in desk.all())


def charge(session: Session, usd: str, at: datetime) -> None:
    entry = {"owner_id": "local", "kind": "charge", "usd": Decimal(usd), "at": at, "job_id": "job_before"}
    with session.program.database.write() as connection:
        connection.execute(ledger.insert().values(entry))


def test_a_months_budget_holds_before_the_launch_and_begins_anew(session: Session, backend: Metered) -> None:
    desk = desk_with(session, backend, month_usd=Decimal(1))
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    first = month_of(session.clock())
    charge(session, "0.95", first)
    with pytest.raises(
        ToolError, match=r"\$0.10; of this month's \$1.00 .* \$0.95 are spent .*anew at 00:00 UTC on 20"
    ):
        desk.launch(approval)
    assert desk.all() == ()
    with session.program.database.write() as connection:
        connection.execute(ledger.update().values(at=first - timedelta(seconds=1)))
    desk.cancel(desk.launch(approval).job.job_id)


def test_one_job_may_cost_so_much_and_no_more(session: Session, backend: Metered) -> None:
    table = session.data.get("penguins")
    (quote,) = desk_with(session, backend).quote("c1", table, SPEC, Need(10))
    less = desk_with(session, backend, job_usd=quote.cap_usd / 2)
    (capped,) = less.quote("c1", table, SPEC, Need(10))
    assert (capped.cap_usd, capped.max_seconds) == (quote.cap_usd / 2, quote.max_seconds // 2)
    approval = approve(session, quote.quote_id)
    assert approval is not None
    with pytest.raises(ToolError, match=r"it may cost up to \$0.10, and one job at most \$0.05"):
        less.launch(approval)
    with pytest.raises(ToolError, match=r"what one job may cost \(\$0.01\): the quickest takes about 90 s"):
        desk_with(session, backend, job_usd=Decimal("0.01")).quote("c1", table, SPEC, Need(90))


def test_another_owner_sees_neither_job_nor_model(session: Session, tmp_path: Path, desk: Desk) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    job_id = desk.launch(approval).job.job_id
    wait_until(lambda: desk.get(job_id).job.state.is_final)
    bob = build_in(tmp_path / "home", owner="bob")
    for forbidden in (lambda: bob.jobs.get(job_id), lambda: bob.jobs.cancel(job_id), lambda: bob.models.get("species")):
        with pytest.raises(ToolError):
            forbidden()
    assert (bob.jobs.all(), bob.models.all(), bob.data.all()) == ((), (), ())
    bob.program.close()


@pytest.mark.parametrize("text", ["", "[1]", "{}"])
def test_a_broken_result_fails_the_job_and_says_why(session: Session, desk: Desk, backend: Metered, text: str) -> None:
    (quote,) = desk.quote("c1", session.data.get("penguins"), SPEC, Need(10))
    approval = approve(session, quote.quote_id)
    assert approval is not None
    view = desk.launch(approval)
    attempt = JobTable(session.program.database).attempt(view.job)
    (backend.folder(attempt.key) / "result.json").write_text(text)
    job = desk.get(view.job.job_id).job
    assert job.state is JobState.FAILED
    assert job.result is not None
    assert "the worker's result.json" in str(job.result.error)
    assert session.models.all() == ()
