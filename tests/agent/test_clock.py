"""A clock that jumps (threat 76): no offer lives longer, nothing is paid twice, no day has fresh dollars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.records import JobBudgets
from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import ClaimRefused, JobTable
from adapters.store.spending import SpendingTable
from adapters.uptime import Uptime, read_uptime
from agent.gate import Gate, Question, Refused
from evals.world.desks import approve
from evals.world.home import Clock, launch_call
from runtime.session import Session
from tests.agent.test_gate import ask, clock, quote, reason, session
from tools.errors import ToolError

__all__ = ["clock", "session"]


def later(seconds: float, boot_id: str | None = None) -> Callable[[], Uptime]:
    """The machine's count, so many seconds ahead; after another start if one is named."""
    return lambda: Uptime(boot_id or read_uptime().boot_id, read_uptime().seconds + seconds)


def gate_at(session: Session, clock: Clock, uptime: Callable[[], Uptime]) -> Gate:
    database = session.program.database
    return Gate("local", ApprovalTable(database, uptime), JobTable(database, uptime), "always", clock)


def test_an_offer_grows_old_while_the_clock_is_set_back(session: Session, clock: Clock) -> None:
    """The clock says one minute, ten have passed."""
    old, asked = quote(session), quote(session)
    question = ask(session, asked)
    clock.ahead = timedelta(minutes=1)
    gate = gate_at(session, clock, later(601))
    verdict = gate.check(launch_call(old, "call_0"))
    assert isinstance(verdict, Refused)
    assert "has expired" in verdict.reason
    assert "expired" in str(gate.decide(question.row.nonce, "local", yes=True))
    assert isinstance(gate_at(session, clock, later(500)).check(launch_call(old, "call_2")), Question)


def test_a_yes_grows_old_while_the_clock_is_set_back(session: Session, clock: Clock) -> None:
    approval = approve(session, quote(session))
    view = session.jobs.launch(approval)
    job, attempt = view.job, JobTable(session.program.database).attempt(view.job)
    other = approve(session, quote(session), "call_2")
    with pytest.raises(ClaimRefused, match="has expired"):
        JobTable(session.program.database, later(601)).claim(other, job, attempt, JobBudgets(Decimal(1)), clock())


def test_a_clock_before_the_offer_starts_nothing(session: Session, clock: Clock) -> None:
    approval = approve(session, quote(session))
    old, question = quote(session), ask(session, quote(session), "call_3")
    for back in (timedelta(seconds=-30), timedelta(days=-2)):
        clock.ahead = back
        assert "has expired" in reason(session, old, f"call_{back.days}")
        with pytest.raises(ToolError, match="the quote has expired"):
            session.jobs.launch(approval)
    assert "expired" in str(session.gate.decide(question.row.nonce, "local", yes=True))
    assert session.jobs.all() == ()


def test_a_jump_ahead_and_back_pays_nothing_twice(session: Session, clock: Clock) -> None:
    used, left = quote(session), quote(session)
    approval = approve(session, used)
    job = session.jobs.launch(approval).job
    clock.ahead = timedelta(days=2)
    assert session.jobs.launch(approval).job.job_id == job.job_id
    assert "has expired" in reason(session, left, "call_2")
    clock.ahead = timedelta()
    assert session.jobs.launch(approval).job.job_id == job.job_id
    assert "used already" in reason(session, used, "call_3")
    assert [each.job_id for each in session.jobs.all()] == [job.job_id]


def test_after_another_start_the_clock_alone_counts(session: Session, clock: Clock) -> None:
    old = quote(session)
    assert isinstance(gate_at(session, clock, later(10**6, "another")).check(launch_call(old)), Question)
    clock.ahead = timedelta(minutes=10)
    assert isinstance(gate_at(session, clock, later(0, "another")).check(launch_call(old, "call_2")), Refused)


def test_a_clock_set_back_gives_no_fresh_day_of_dollars(session: Session, clock: Clock) -> None:
    spending = SpendingTable(session.program.database)
    assert spending.reserve("local", "c1", Decimal(3), Decimal(4), clock()) is not None
    for back in (timedelta(days=-1), timedelta(days=-40)):
        clock.ahead = back
        assert spending.reserve("local", "c1", Decimal(3), Decimal(4), clock()) is None


def test_the_machines_count_goes_on(tmp_path: Path) -> None:
    first, second = read_uptime(), read_uptime()
    assert first.boot_id == second.boot_id != ""
    assert first.seconds < second.seconds
