"""One owner's money: what was spent, what is held, what a day and a month may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from adapters.budget_periods import day_of, month_of
from adapters.records import JobBudgets
from adapters.store.spending import Spending, SpendingTable

Period = Literal["day", "month"]
MARKS = (100, 80, 50)
"""Percent of a budget that a person is told of."""


@dataclass(frozen=True)
class Left:
    """What of a budget for jobs is left, in dollars; what is held for jobs that run is taken. Never below 0."""

    period: Period
    left_usd: Decimal
    budget_usd: Decimal


@dataclass(frozen=True)
class Passed:
    """So many percent of a budget for jobs are spent now, and were not before."""

    period: Period
    percent: int
    spent_usd: Decimal
    budget_usd: Decimal


@dataclass(frozen=True)
class Purse:
    """Sums of the ledger beside the budgets, in dollars."""

    owner_id: str
    rows: SpendingTable
    model_day_usd: Decimal
    jobs: JobBudgets
    clock: Callable[[], datetime]

    def spending(self) -> Spending:
        """What the owner has spent and what is held, now."""
        return self.rows.of(self.owner_id, self.clock())

    def left_for_jobs(self) -> Left:
        """What jobs may still cost: of today's budget, or of the month's where that is less."""
        day, month = self.left_of_each(self.spending())
        return month if month.left_usd < day.left_usd else day

    def left_of_each(self, spending: Spending) -> tuple[Left, Left]:
        """What jobs may still cost today, and this month."""
        jobs = spending.jobs
        day, month = (
            Left(period, max(Decimal(0), budget - charged - jobs.reserved), budget)
            for period, charged, budget in self._periods(spending)
        )
        return day, month

    def passed_by(self, usd: Decimal, at: datetime | None) -> tuple[Passed, ...]:
        """The marks that the last charge, of so many dollars at that time, has passed: one a period at most."""
        spending, now = self.spending(), self.clock()
        began = {"day": day_of(now), "month": month_of(now)}
        found = []
        for period, spent, budget in self._periods(spending):
            before = spent - usd if at is not None and at >= began[period] else spent
            for percent in MARKS:
                if budget > 0 and before < budget * percent / 100 <= spent:
                    found.append(Passed(period, percent, spent, budget))
                    break
        return tuple(found)

    def _periods(self, spending: Spending) -> tuple[tuple[Period, Decimal, Decimal], ...]:
        jobs, budgets = spending.jobs, self.jobs
        return ("day", jobs.charged_today, budgets.day_usd), ("month", jobs.charged_this_month, budgets.month_usd)
