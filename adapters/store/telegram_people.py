"""Who may write to the bot: those who have paired with it by a code that its operator gave them."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from adapters.records import Json
from adapters.store.database import Database
from adapters.store.tables import telegram_codes, telegram_people, telegram_preferences

CODE_LIFE = timedelta(hours=24)


class PeopleTable:
    """People and codes, of all bots on this database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make_code(self, now: datetime) -> str:
        """A code that pairs one person, within a day."""
        code = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        with self._database.write() as connection:
            connection.execute(telegram_codes.delete().where(telegram_codes.c.expires_at <= now))
            values = {"code_hash": _hash(code), "expires_at": now + CODE_LIFE}
            connection.execute(telegram_codes.insert().values(values))
        return code

    def pair(self, code: str, user_id: int, name: str, now: datetime) -> bool:
        """Let the person in, and use the code up; False where it is none, or too old, or used."""
        mine = (telegram_codes.c.code_hash == _hash(code)) & (telegram_codes.c.expires_at > now)
        with self._database.write() as connection:
            if connection.execute(telegram_codes.delete().where(mine)).rowcount != 1:
                return False
            connection.execute(telegram_people.delete().where(telegram_people.c.user_id == user_id))
            connection.execute(telegram_people.insert().values(user_id=user_id, name=name[:80], created_at=now))
        return True

    def has(self, user_id: int) -> bool:
        """Whether the person has paired."""
        with self._database.read() as connection:
            found = sa.select(sa.literal(1)).where(telegram_people.c.user_id == user_id)
            return connection.execute(found).first() is not None

    def all(self) -> list[tuple[int, str, datetime]]:
        """Everybody: id, name, since when."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(telegram_people).order_by(telegram_people.c.created_at)).all()
        return [(row.user_id, row.name, row.created_at) for row in found]

    def preferences(self, user_id: int) -> Json:
        """What the person has set for themselves; empty where they have set nothing."""
        with self._database.read() as connection:
            mine = telegram_preferences.c.user_id == user_id
            found: Json | None = connection.execute(sa.select(telegram_preferences.c.content).where(mine)).scalar()
            return found or {}

    def prefer(self, user_id: int, content: Json) -> None:
        """Keep what the person has set."""
        with self._database.write() as connection:
            connection.execute(telegram_preferences.delete().where(telegram_preferences.c.user_id == user_id))
            connection.execute(telegram_preferences.insert().values(user_id=user_id, content=dict(content)))


def _hash(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
