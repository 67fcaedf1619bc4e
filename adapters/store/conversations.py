"""The conversation log: append-only, each entry committed before anything acts on it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from adapters.errors import AdapterError
from adapters.records import JsonValue, Message
from adapters.store.database import Database
from adapters.store.tables import conversations, inbox, messages, tool_results

MAX_BEGINS = 60


class ConversationError(AdapterError):
    """There is no such conversation, or another program is writing to it."""


@dataclass(frozen=True)
class ConversationRow:
    """A conversation's frozen beginning: `system` and `tools` are sent byte for byte with every request."""

    conversation_id: str
    owner_id: str
    model: str
    system: str
    tools: list[dict[str, JsonValue]]


@dataclass(frozen=True)
class ToolResult:
    """A call's outcome as the model will read it; `artifacts` are {path, kind, title}."""

    call_id: str
    content: str
    is_error: bool
    artifacts: list[dict[str, JsonValue]]


@dataclass(frozen=True)
class ConversationEntry:
    """A conversation in a list: when it was used last, and the words that it begins with."""

    conversation_id: str
    model: str
    used_at: datetime
    begins: str


class ConversationTable:
    """Conversations by owner."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, owner_id: str, model: str, system: str, tools: list[dict[str, JsonValue]], now: datetime
    ) -> ConversationRow:
        """A new, empty conversation."""
        row = ConversationRow(f"chat_{secrets.token_hex(6)}", owner_id, model, system, tools)
        with self._database.write() as connection:
            connection.execute(conversations.insert().values({**row.__dict__, "created_at": now, "used_at": now}))
        return row

    def get(self, owner_id: str, conversation_id: str) -> ConversationRow:
        """The owner's conversation of that id; ConversationError if there is none."""
        query = sa.select(conversations).where(
            conversations.c.owner_id == owner_id, conversations.c.conversation_id == conversation_id
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise ConversationError(f"there is no conversation {conversation_id[:80]!r}")
        return ConversationRow(row.conversation_id, row.owner_id, row.model, row.system, row.tools)

    def latest(self, owner_id: str) -> ConversationRow:
        """The owner's conversation that was used last; ConversationError if there is none."""
        query = sa.select(conversations.c.conversation_id).where(conversations.c.owner_id == owner_id)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(conversations.c.used_at.desc()).limit(1)).scalar()
        if found is None:
            raise ConversationError("there is no conversation to resume yet")
        return self.get(owner_id, found)

    def recent(self, owner_id: str, most: int) -> tuple[ConversationEntry, ...]:
        """The owner's conversations in which something was said, or waits to be, the one used last first."""
        first = (messages.c.conversation_id == conversations.c.conversation_id) & (messages.c.position == 0)
        oldest = (
            sa.select(inbox.c.words)
            .where(inbox.c.conversation_id == conversations.c.conversation_id)
            .order_by(inbox.c.created_at, inbox.c.words_id)
            .limit(1)
            .scalar_subquery()
        )
        query = (
            sa.select(conversations, messages.c.content, oldest.label("waiting"))
            .outerjoin(messages, first)
            .where(conversations.c.owner_id == owner_id, messages.c.position.is_not(None) | oldest.is_not(None))
            .order_by(conversations.c.used_at.desc())
            .limit(most)
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return tuple(
            ConversationEntry(
                r.conversation_id, r.model, r.used_at, _begins(r.content or [{"type": "text", "text": r.waiting}])
            )
            for r in found
        )

    def messages(self, row: ConversationRow) -> list[Message]:
        """Everything said so far, in order."""
        query = sa.select(messages).where(messages.c.conversation_id == row.conversation_id)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(messages.c.position)).all()
        names = ("position", "role", "content", "stop_reason", "complete", "usage", "usd", "created_at")
        return [Message(**{name: entry._mapping[name] for name in names}) for entry in found]

    def append(self, row: ConversationRow, message: Message, now: datetime, words_ids: Sequence[str] = ()) -> None:
        """Add the message at its position, and take out of the inbox the words that it holds.

        Raises
        ------
        ConversationError
            If the position is taken: another program has gone on with this conversation.
        """
        values = {**message.__dict__, "conversation_id": row.conversation_id, "owner_id": row.owner_id}
        used = conversations.update().where(conversations.c.conversation_id == row.conversation_id)
        try:
            with self._database.write() as connection:
                connection.execute(messages.insert().values({**values, "created_at": now}))
                connection.execute(used.values(used_at=now))
                connection.execute(inbox.delete().where(inbox.c.words_id.in_(list(words_ids))))
        except sa.exc.IntegrityError as error:
            raise ConversationError("this conversation goes on in another window; open it again") from error

    def add_result(self, row: ConversationRow, result: ToolResult, now: datetime) -> None:
        """Keep a call's outcome; the first one stays."""
        values = {**result.__dict__, "conversation_id": row.conversation_id, "owner_id": row.owner_id}
        same = (tool_results.c.conversation_id == row.conversation_id) & (tool_results.c.call_id == result.call_id)
        with self._database.write() as connection:
            if connection.execute(sa.select(tool_results.c.call_id).where(same)).first() is None:
                connection.execute(tool_results.insert().values({**values, "created_at": now}))

    def results(self, row: ConversationRow, call_ids: Sequence[str]) -> dict[str, ToolResult]:
        """The outcomes that are there already, by call id."""
        query = sa.select(tool_results).where(
            tool_results.c.conversation_id == row.conversation_id, tool_results.c.call_id.in_(list(call_ids))
        )
        with self._database.read() as connection:
            found = connection.execute(query).all()
        return {r.call_id: ToolResult(r.call_id, r.content, r.is_error, r.artifacts) for r in found}


def _begins(content: Sequence[dict[str, JsonValue]]) -> str:
    words = " ".join(str(block.get("text", "")) for block in content)
    return " ".join(words.split())[:MAX_BEGINS]
