"""How a bot stands, in numbers and times: nobody's words are read for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from adapters.store.database import Database
from adapters.store.spending import KIND
from adapters.store.tables import ledger, telegram_chats, telegram_errors, telegram_outbox, telegram_updates
from adapters.store.telegram_rows import UNSENT, SendState, UpdateState


@dataclass(frozen=True)
class BotStatus:
    """Counts of one bot, or of all on this database; "today" is the day in UTC.

    `users` have talked to it; `strangers_today` have written without being let in, or have not talked yet.
    """

    users: int
    users_today: int
    strangers_today: int
    messages_today: int
    turns_today: int
    claude_usd_today: Decimal
    jobs_usd_today: Decimal
    jobs_usd_held: Decimal
    errors_today: dict[str, int]
    refused_messages: int
    waiting_updates: int
    oldest_waiting: datetime | None
    unsent_messages: int
    oldest_unsent: datetime | None
    last_update: datetime | None


def read_status(database: Database, bot_id: int | None, owners: str, now: datetime) -> BotStatus:
    """How it stands.

    Parameters
    ----------
    bot_id : int or None
        All bots with None.
    owners : str
        What the names of the owners in Telegram begin with.
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with database.read() as connection:

        def one(query: sa.Executable) -> object:
            return connection.execute(query).scalar()

        def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
            query = sa.select(sa.func.count()).select_from(table).where(_of(table, bot_id), *where)
            return int(connection.execute(query).scalar() or 0)

        def oldest(table: sa.Table, where: sa.ColumnElement[bool]) -> datetime | None:
            found = one(sa.select(sa.func.min(table.c.created_at)).where(_of(table, bot_id), where))
            return found if isinstance(found, datetime) else None

        today = telegram_updates.c.created_at >= midnight
        writers = sa.select(telegram_updates.c.user_id).distinct().where(_of(telegram_updates, bot_id), today)
        talkers = sa.select(telegram_chats.c.user_id).distinct().where(_of(telegram_chats, bot_id))
        wrote = {int(user) for user in connection.execute(writers).scalars() if user is not None}
        known = {int(user) for user in connection.execute(talkers).scalars()}
        kinds = sa.select(telegram_errors.c.kind, sa.func.count()).group_by(telegram_errors.c.kind)
        errors = connection.execute(kinds.where(_of(telegram_errors, bot_id), telegram_errors.c.created_at >= midnight))
        last = one(sa.select(sa.func.max(telegram_updates.c.created_at)).where(_of(telegram_updates, bot_id)))
        is_open = telegram_updates.c.state != UpdateState.DONE
        is_unsent = telegram_outbox.c.state.in_(UNSENT)
        return BotStatus(
            users=len(known),
            users_today=len(wrote & known),
            strangers_today=len(wrote - known),
            messages_today=count(telegram_updates, today, telegram_updates.c.user_id.is_not(None)),
            turns_today=count(telegram_updates, today, telegram_updates.c.conversation_id.is_not(None)),
            claude_usd_today=_dollars(connection, owners, [KIND], midnight),
            jobs_usd_today=_dollars(connection, owners, ["charge"], midnight),
            jobs_usd_held=_dollars(connection, owners, ["reserve", "release"], None),
            errors_today={str(kind): int(n) for kind, n in errors},
            refused_messages=count(telegram_outbox, telegram_outbox.c.state == SendState.REFUSED),
            waiting_updates=count(telegram_updates, is_open),
            oldest_waiting=oldest(telegram_updates, is_open),
            unsent_messages=count(telegram_outbox, is_unsent),
            oldest_unsent=oldest(telegram_outbox, is_unsent),
            last_update=last if isinstance(last, datetime) else None,
        )


def _of(table: sa.Table, bot_id: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if bot_id is None else table.c.bot_id == bot_id


def _dollars(connection: sa.Connection, owners: str, kinds: list[str], since: datetime | None) -> Decimal:
    mine = ledger.c.owner_id.startswith(owners, autoescape=True) & ledger.c.kind.in_(kinds)
    query = sa.select(sa.func.sum(ledger.c.usd)).where(mine)
    found = connection.execute(query if since is None else query.where(ledger.c.at >= since)).scalar()
    return found or Decimal(0)
