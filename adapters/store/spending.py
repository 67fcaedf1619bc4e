"""What the model itself costs, by user and day: reserved before each request, settled after it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from adapters.store.database import Database
from adapters.store.tables import ledger

KIND = "model"


class SpendingTable:
    """The ledger's entries of the kind "model"."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(
        self, owner_id: str, conversation_id: str, usd: Decimal, max_day_usd: Decimal, now: datetime
    ) -> int | None:
        """Hold the dollars that a request may cost; None if the day's limit would be passed. Gives the entry's id."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        today = sa.select(sa.func.sum(ledger.c.usd)).where(
            ledger.c.owner_id == owner_id,
            ledger.c.kind == KIND,
            ledger.c.at >= midnight,
            ledger.c.at < midnight + timedelta(days=1),
        )
        entry = {"owner_id": owner_id, "kind": KIND, "usd": usd, "at": now, "conversation_id": conversation_id}
        with self._database.write() as connection:
            spent = connection.execute(today).scalar() or Decimal(0)
            if spent + usd > max_day_usd:
                return None
            insert = ledger.insert().values(entry).returning(ledger.c.entry_id)
            return int(connection.execute(insert).scalar_one())

    def settle(self, entry_id: int, usd: Decimal) -> None:
        """Put what the request did cost in place of what was held."""
        with self._database.write() as connection:
            connection.execute(ledger.update().where(ledger.c.entry_id == entry_id).values(usd=usd))
