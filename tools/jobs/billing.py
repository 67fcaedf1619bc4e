"""What a closed job was said to cost is put right by its provider's own bill, once that is there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.compute.base import Backend, ComputeError
from adapters.store.jobs import JobTable

SETTLED = timedelta(hours=3)
"""After a job's end: bills are of whole hours, and come late."""
GIVEN_UP = timedelta(days=30)
EVERY = timedelta(hours=1)
MOST_TIMES, HOUR_USD = 3, Decimal(1)
"""A bill above so many times the cap, and a dollar, is a mistake of somebody's: it shuts nobody's budget."""


@dataclass
class Billing:
    """Asks the providers' bills for the attempts of everybody's closed jobs, each once an hour until they say."""

    rows: JobTable
    backends: Mapping[str, Backend]
    _asked: dict[str, datetime] = field(default_factory=dict)

    def true_up(self, now: datetime) -> None:
        """Put in what the bills say; a provider that cannot be asked is logged, and asked again in an hour."""
        due = self.rows.unbilled(now - GIVEN_UP, now - SETTLED)
        self._asked = {one.attempt_id: self._asked[one.attempt_id] for one in due if one.attempt_id in self._asked}
        for attempt in due:
            backend = self.backends.get(attempt.backend)
            if backend is None or now - self._asked.get(attempt.attempt_id, now - EVERY) < EVERY:
                continue
            self._asked[attempt.attempt_id] = now
            try:
                usd = backend.billed_usd(attempt)
            except ComputeError:
                logging.getLogger(__name__).exception("the bill of %s could not be asked for", attempt.attempt_id)
                continue
            order = attempt.request
            if usd is not None and usd > MOST_TIMES * order.usd_per_hour * order.max_seconds / 3600 + HOUR_USD:
                logging.getLogger(__name__).error("%s is billed at $%s: that is not believed", attempt.job_id, usd)
                continue
            if usd is not None and self.rows.true_up(attempt, usd, now):
                logging.getLogger(__name__).info(
                    "%s cost $%s by the bill of %s, and was said to cost $%s",
                    attempt.job_id, usd, attempt.backend, attempt.usd,
                )  # fmt: skip
