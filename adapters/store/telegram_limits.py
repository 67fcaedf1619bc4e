"""How much a person may write to a bot, what is told only once in a while, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from adapters.records import Json
from adapters.store.database import Database
from adapters.store.tables import telegram_errors, telegram_told, telegram_updates

WINDOW = timedelta(minutes=1)
"""In this time a person may write so many messages."""
ERRORS_KEPT_FOR = timedelta(days=30)


class Told(StrEnum):
    """What is told only once in a while."""

    STRANGER = "stranger"
    FLOOD = "flood"


class ErrorKind(StrEnum):
    """What went wrong: a mistake of the program, or something outside (Claude, the network, the disk)."""

    BUG = "bug"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Writer:
    """Who has written an update, how much they may write in a minute, and what they are told when it was more."""

    user_id: int
    most: int
    refused: Callable[[timedelta], Sequence[Json]]


@dataclass(frozen=True)
class Once:
    """What the person is told at most once in so long a time."""

    user_id: int
    what: Told
    every: timedelta


def wait_of(connection: sa.Connection, bot_id: int, writer: Writer, now: datetime) -> timedelta | None:
    """How long the person must wait because they have written enough for this minute; None where they need not."""
    mine = (telegram_updates.c.bot_id == bot_id) & (telegram_updates.c.user_id == writer.user_id)
    recent = mine & (telegram_updates.c.created_at > now - WINDOW) & (telegram_updates.c.created_at <= now)
    query = sa.select(telegram_updates.c.created_at).where(recent).order_by(telegram_updates.c.created_at.desc())
    # The earliest of the newest `most`: when it is a minute old there is room for one more.
    found = connection.execute(query.offset(writer.most - 1).limit(1)).scalar()
    return None if found is None else found + WINDOW - now


def is_due(connection: sa.Connection, bot_id: int, user_id: int, what: Told, every: timedelta, now: datetime) -> bool:
    """Whether the person is to be told that again, which counts as told from now on."""
    row = sa.and_(telegram_told.c.bot_id == bot_id, telegram_told.c.user_id == user_id, telegram_told.c.what == what)
    last = connection.execute(sa.select(telegram_told.c.at).where(row)).scalar()
    # A time that is ahead was kept before the clock was set back.
    if last is not None and now - every < last <= now:
        return False
    connection.execute(telegram_told.delete().where(row))
    connection.execute(telegram_told.insert().values(bot_id=bot_id, user_id=user_id, what=what, at=now))
    return True


class ErrorTable:
    """What went wrong with one bot."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._bot_id = bot_id

    def add(self, kind: ErrorKind, now: datetime) -> None:
        """Count one; those of long ago are forgotten."""
        old = (telegram_errors.c.bot_id == self._bot_id) & (telegram_errors.c.created_at < now - ERRORS_KEPT_FOR)
        with self._database.write() as connection:
            connection.execute(telegram_errors.delete().where(old))
            connection.execute(telegram_errors.insert().values(bot_id=self._bot_id, kind=kind, created_at=now))
