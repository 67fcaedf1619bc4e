"""A clock that jumps (threat 76): no offer lives longer, nothing is paid twice, no day has fresh dollars."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.store.approvals import ApprovalTable
from adapters.store.jobs import ClaimRefused, JobTable
from adapters.store.spending import SpendingTable
from adapters.uptime import Uptime, read_uptime
from agent.gate import Gate, Question, Refused
from evals.world.home import Clock, launch_call
from runtime.app import App
from tests.agent.test_gate import app, ask, clock, quote, reason, say_yes
from tools.errors import ToolError

__all__ = ["app", "clock"]


def later(seconds: float, boot_id: str | None = None) -> Callable[[], Uptime]:
    """The machine's count, so many seconds ahead; after another start if one is named."""
    return lambda: Uptime(boot_id or read_uptime().boot_id, read_uptime().seconds + seconds)


def gate_at(app: App, clock: Clock, uptime: Callable[[], Uptime]) -> Gate:
    database = app.program.database
    return Gate("local", ApprovalTable(database, uptime), JobTable(database, uptime), "always", clock)


def test_an_offer_grows_old_while_the_clock_is_set_back(app: App, clock: Clock) -> None:
    """The clock says one minute, ten have passed."""
    old, asked = quote(app), quote(app)
    question = ask(app, asked)
    clock.ahead = timedelta(minutes=1)
    gate = gate_at(app, clock, later(601))
    verdict = gate.check(launch_call(old, "call_0"))
    assert isinstance(verdict, Refused)
    assert "has expired" in verdict.reason
    assert "expired" in str(gate.decide(question.row.nonce, "local", yes=True))
    assert isinstance(gate_at(app, clock, later(500)).check(launch_call(old, "call_2")), Question)


def test_a_yes_grows_old_while_the_clock_is_set_back(app: App, clock: Clock) -> None:
    approval = say_yes(app, quote(app))
    view = app.jobs.launch(approval)
    job, attempt = view.job, JobTable(app.program.database).attempt(view.job)
    other = say_yes(app, quote(app), "call_2")
    with pytest.raises(ClaimRefused, match="has expired"):
        JobTable(app.program.database, later(601)).claim(other, job, attempt, Decimal(1), clock())


def test_a_clock_before_the_offer_starts_nothing(app: App, clock: Clock) -> None:
    approval = say_yes(app, quote(app))
    old, question = quote(app), ask(app, quote(app), "call_3")
    for back in (timedelta(seconds=-30), timedelta(days=-2)):
        clock.ahead = back
        assert "has expired" in reason(app, old, f"call_{back.days}")
        with pytest.raises(ToolError, match="the quote has expired"):
            app.jobs.launch(approval)
    assert "expired" in str(app.gate.decide(question.row.nonce, "local", yes=True))
    assert app.jobs.all() == ()


def test_a_jump_ahead_and_back_pays_nothing_twice(app: App, clock: Clock) -> None:
    used, left = quote(app), quote(app)
    approval = say_yes(app, used)
    job = app.jobs.launch(approval).job
    clock.ahead = timedelta(days=2)
    assert app.jobs.launch(approval).job.job_id == job.job_id
    assert "has expired" in reason(app, left, "call_2")
    clock.ahead = timedelta()
    assert app.jobs.launch(approval).job.job_id == job.job_id
    assert "used already" in reason(app, used, "call_3")
    assert [each.job_id for each in app.jobs.all()] == [job.job_id]


def test_after_another_start_the_clock_alone_counts(app: App, clock: Clock) -> None:
    old = quote(app)
    assert isinstance(gate_at(app, clock, later(10**6, "another")).check(launch_call(old)), Question)
    clock.ahead = timedelta(minutes=10)
    assert isinstance(gate_at(app, clock, later(0, "another")).check(launch_call(old, "call_2")), Refused)


def test_a_clock_set_back_gives_no_fresh_day_of_dollars(app: App, clock: Clock) -> None:
    spending = SpendingTable(app.program.database)
    assert spending.reserve("local", "c1", Decimal(3), Decimal(4), clock()) is not None
    for back in (timedelta(days=-1), timedelta(days=-40)):
        clock.ahead = back
        assert spending.reserve("local", "c1", Decimal(3), Decimal(4), clock()) is None


def test_the_machines_count_goes_on(tmp_path: Path) -> None:
    first, second = read_uptime(), read_uptime()
    assert first.boot_id == second.boot_id != ""
    assert first.seconds < second.seconds
