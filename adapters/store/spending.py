"""What was spent and what is held, by user and day: on the model itself, and on jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from adapters.budget_periods import day_of, month_of
from adapters.store.database import Database
from adapters.store.tables import ledger

KIND = "model"


@dataclass(frozen=True)
class JobSpending:
    """Dollars on jobs: charged today, this month (UTC) and in all, and held for those that are not closed."""

    charged_today: Decimal
    charged_this_month: Decimal
    charged: Decimal
    reserved: Decimal


@dataclass(frozen=True)
class Spending:
    """Dollars of one owner: on the model today and in all, and on jobs."""

    model_today: Decimal
    model: Decimal
    jobs: JobSpending


class SpendingTable:
    """The ledger, asked for sums; the model's part of it is written here, the jobs' in `JobTable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(
        self, owner_id: str, conversation_id: str, usd: Decimal, max_day_usd: Decimal, now: datetime
    ) -> int | None:
        """Hold the dollars that a request may cost; None if the day's limit would be passed. Gives the entry's id."""
        entry = {"owner_id": owner_id, "kind": KIND, "usd": usd, "at": now, "conversation_id": conversation_id}
        with self._database.write() as connection:
            spent = _sum(connection, owner_id, [KIND], day_of(now))
            if spent + usd > max_day_usd:
                return None
            insert = ledger.insert().values(entry).returning(ledger.c.entry_id)
            return int(connection.execute(insert).scalar_one())

    def settle(self, entry_id: int, usd: Decimal) -> None:
        """Put what the request did cost in place of what was held."""
        with self._database.write() as connection:
            connection.execute(ledger.update().where(ledger.c.entry_id == entry_id).values(usd=usd))

    def of(self, owner_id: str, now: datetime) -> Spending:
        """What the owner has spent and what is held."""
        with self._database.read() as connection:
            return Spending(
                model_today=_sum(connection, owner_id, [KIND], day_of(now)),
                model=_sum(connection, owner_id, [KIND]),
                jobs=spent_on_jobs(connection, owner_id, now),
            )


def spent_on_jobs(connection: sa.Connection, owner_id: str, now: datetime) -> JobSpending:
    """What the owner's jobs have cost, and what is held for them."""
    return JobSpending(
        charged_today=_sum(connection, owner_id, ["charge"], day_of(now)),
        charged_this_month=_sum(connection, owner_id, ["charge"], month_of(now)),
        charged=_sum(connection, owner_id, ["charge"]),
        reserved=_sum(connection, owner_id, ["reserve", "release"]),
    )


def _sum(connection: sa.Connection, owner_id: str, kinds: list[str], since: datetime | None = None) -> Decimal:
    """The owner's entries of these kinds in dollars; those since a moment where one is given."""
    query = sa.select(sa.func.sum(ledger.c.usd)).where(ledger.c.owner_id == owner_id, ledger.c.kind.in_(kinds))
    if since is not None:
        # What stands in the future was entered before the clock was set back: it counts, or a day would begin anew.
        query = query.where(ledger.c.at >= since)
    return connection.execute(query).scalar() or Decimal(0)
