"""What one person's jobs may cost."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class JobBudgets:
    """Dollars for jobs in a day (UTC), in a month (UTC), and for one job at most."""

    day_usd: Decimal
    month_usd: Decimal = Decimal(100)
    job_usd: Decimal = Decimal(20)
