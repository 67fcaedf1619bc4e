"""One owner's money: what was spent, what is held, what a day may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from adapters.store.spending import Spending, SpendingTable


@dataclass(frozen=True)
class Purse:
    """Sums of the ledger beside the budgets of a day (UTC), in dollars."""

    owner_id: str
    rows: SpendingTable
    model_day_usd: Decimal
    jobs_day_usd: Decimal
    clock: Callable[[], datetime]

    def spending(self) -> Spending:
        """What the owner has spent and what is held, now."""
        return self.rows.of(self.owner_id, self.clock())

    def left_for_jobs(self) -> Decimal:
        """What jobs may still cost today; what is held for those that run is taken."""
        jobs = self.spending().jobs
        return self.jobs_day_usd - jobs.charged_today - jobs.reserved
