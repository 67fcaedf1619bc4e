"""What a person wrote while it could not stand in the log yet: committed at once, taken into the log in its turn."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from adapters.store.conversations import ConversationRow
from adapters.store.database import Database
from adapters.store.tables import conversations, inbox


@dataclass(frozen=True)
class WaitingWords:
    """Words that no message holds yet."""

    words_id: str
    words: str


class InboxTable:
    """The words that wait, by conversation; `ConversationTable.append` takes them out."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, row: ConversationRow, words: str, now: datetime) -> str:
        """Keep the words; gives their id."""
        words_id = f"words_{secrets.token_hex(8)}"
        values = {"words_id": words_id, "conversation_id": row.conversation_id, "owner_id": row.owner_id}
        used = conversations.update().where(conversations.c.conversation_id == row.conversation_id)
        with self._database.write() as connection:
            connection.execute(inbox.insert().values({**values, "words": words, "created_at": now}))
            connection.execute(used.values(used_at=now))
        return words_id

    def forget(self, row: ConversationRow, words_id: str) -> None:
        """Words that are not to be said after all."""
        ours = sa.and_(inbox.c.words_id == words_id, inbox.c.conversation_id == row.conversation_id)
        with self._database.write() as connection:
            connection.execute(inbox.delete().where(ours))

    def waiting(self, row: ConversationRow) -> list[WaitingWords]:
        """What waits, the oldest first."""
        query = sa.select(inbox).where(inbox.c.conversation_id == row.conversation_id)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(inbox.c.created_at, inbox.c.words_id)).all()
        return [WaitingWords(entry.words_id, entry.words) for entry in found]
