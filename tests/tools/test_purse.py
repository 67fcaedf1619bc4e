"""What is left of a budget, and the marks that a person is told of once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.records import JobBudgets
from adapters.store.spending import SpendingTable
from adapters.store.tables import ledger
from evals.world.home import build_in, used_home
from runtime.session import Session
from tools.purse import Left, Purse

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MONTH, DAY = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)
TICK = timedelta(microseconds=1)


@pytest.fixture
def session(tmp_path: Path, database_url: str | None) -> Iterator[Session]:
    session = build_in(used_home(tmp_path / "home"), database_url=database_url)
    yield session
    session.program.close()


def purse_of(session: Session) -> Purse:
    budgets = JobBudgets(Decimal(20), Decimal(100))
    return Purse("local", SpendingTable(session.program.database), Decimal(1), budgets, lambda: NOW)


def enter(session: Session, usd: str, at: datetime, kind: str = "charge", owner: str = "local") -> None:
    entry = {"owner_id": owner, "kind": kind, "usd": Decimal(usd), "at": at, "job_id": "job_1"}
    with session.program.database.write() as connection:
        connection.execute(ledger.insert().values(entry))


@pytest.mark.parametrize(
    ("of_the_month", "of_the_day", "cost", "told"),
    [
        ("0", "0", "9.99", []),
        ("0", "0", "10", [("day", 50)]),
        ("0", "9.99", "0.01", [("day", 50)]),
        ("0", "10", "0", []),
        ("0", "10", "5", []),
        ("0", "10", "6", [("day", 80)]),
        ("0", "1", "19", [("day", 100)]),
        ("49", "0", "1", [("month", 50)]),
        ("60", "0", "20", [("day", 100), ("month", 80)]),
        ("99", "0", "1", [("month", 100)]),
    ],
)
def test_a_mark_is_told_by_the_job_that_passes_it(
    session: Session, of_the_month: str, of_the_day: str, cost: str, told: list[tuple[str, int]]
) -> None:
    enter(session, of_the_month, MONTH)
    enter(session, of_the_day, DAY)
    enter(session, cost, NOW)
    enter(session, "1000", NOW, owner="bob")
    enter(session, "1000", MONTH - TICK)
    passed = purse_of(session).passed_by(Decimal(cost), NOW)
    assert [(one.period, one.percent) for one in passed] == told


def test_a_job_that_ended_yesterday_passes_no_mark_of_today(session: Session) -> None:
    enter(session, "10", NOW)
    enter(session, "45", MONTH)
    found = purse_of(session).passed_by(Decimal(45), DAY - TICK)
    assert [(one.period, one.percent) for one in found] == [("month", 50)]


def test_less_is_left_of_the_day_or_of_the_month(session: Session) -> None:
    enter(session, "5", NOW)
    enter(session, "2", NOW, "reserve")
    assert purse_of(session).left_for_jobs() == Left("day", Decimal(13), Decimal(20))
    enter(session, "90", MONTH)
    assert purse_of(session).left_for_jobs() == Left("month", Decimal(3), Decimal(100))
    enter(session, "90", DAY - TICK)
    assert purse_of(session).left_for_jobs() == Left("month", Decimal(0), Decimal(100))
