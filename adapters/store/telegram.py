"""What a bot keeps of Telegram: updates until they are answered, messages until they are sent, people and chats."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from adapters.records import Json
from adapters.store.conversations import ConversationRow
from adapters.store.database import Database
from adapters.store.tables import (
    conversations,
    inbox,
    jobs,
    telegram_chats,
    telegram_conversations,
    telegram_outbox,
    telegram_updates,
)
from adapters.store.telegram_limits import WINDOW, ErrorKind, ErrorTable, Once, Told, Writer, is_due, wait_of

END, CARD, OUTCOME = "end:", "card:", "outcome:"
"""Keys of messages: the end of a job and its id; a question that is put and its id; what came of the question."""
JOINED = "joined"
"""In the content of an update: those that are answered with it."""
KEPT_FOR = timedelta(hours=48)
"""How long an answered update is remembered, so that it is not answered when it comes again, and its answer with it."""


class UpdateState(StrEnum):
    """How far an update has come: arrived; its words are kept in a conversation; nothing is left to be done."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"


class SendState(StrEnum):
    """How far a message has come: never tried; tried, and nobody knows whether it arrived; sent; given up."""

    WAITING = "waiting"
    TRIED = "tried"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class KeptUpdate:
    """An update as it came; of one that was taken, where its words are and what the log held before them."""

    update_id: int
    lane: str
    content: Json
    state: UpdateState
    conversation_id: str | None
    words_id: str | None
    from_position: int | None
    created_at: datetime

    def contents(self) -> list[Json]:
        """The update as it came, and those that were joined to it."""
        content = dict(self.content)
        joined = content.pop(JOINED, [])
        return [content, *(one for one in (joined if isinstance(joined, list) else []) if isinstance(one, dict))]


@dataclass(frozen=True)
class Outgoing:
    """One message that is to be sent."""

    entry_id: int
    lane: str
    content: Json
    state: SendState


@dataclass(frozen=True)
class Sent:
    """A message that has a key, with what it held; its id once it was sent."""

    lane: str
    content: Json
    state: SendState
    message_id: int | None


@dataclass(frozen=True)
class FollowedJob:
    """A job that is not over, or whose end was not told, and where it was asked for."""

    job_id: str
    user_id: int
    lane: str


class UpdateTable:
    """One bot's updates and messages."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._bot_id = bot_id
        self._mine = telegram_updates.c.bot_id == bot_id

    def add(self, update_id: int, lane: str, content: Json, now: datetime, writer: Writer | None = None) -> bool:
        """Keep an update before it is acknowledged; False where nothing is to be done: it was there before, or its
        writer has written enough for this minute. Of that they are told once a minute.
        """
        key = {"bot_id": self._bot_id, "update_id": update_id}
        values = {**key, "lane": lane, "content": dict(content), "state": UpdateState.WAITING, "created_at": now}
        old = (telegram_updates.c.state == UpdateState.DONE) & (telegram_updates.c.created_at < now - KEPT_FOR)
        with self._database.write() as connection:
            if connection.execute(sa.select(sa.literal(1)).where(self._is(update_id))).first() is not None:
                return False
            connection.execute(telegram_updates.delete().where(self._mine, old))
            wait = None if writer is None else wait_of(connection, self._bot_id, writer, now)
            if writer is not None and wait is None:
                values["user_id"] = writer.user_id
            elif writer is not None and wait is not None:
                values |= {"state": UpdateState.DONE, "content": {}}
                if is_due(connection, self._bot_id, writer.user_id, Told.FLOOD, WINDOW, now):
                    self._put(connection, lane, writer.refused(wait), now)
            connection.execute(telegram_updates.insert().values(values))
        return wait is None

    def open(self, lane: str | None = None) -> list[KeptUpdate]:
        """What is still to be answered, there or everywhere, in the order in which it came."""
        query = sa.select(telegram_updates).where(self._mine, telegram_updates.c.state != UpdateState.DONE)
        if lane is not None:
            query = query.where(telegram_updates.c.lane == lane)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(telegram_updates.c.update_id)).all()
        return [_kept(row) for row in found]

    def get(self, update_id: int) -> KeptUpdate:
        """An update as it stands."""
        with self._database.read() as connection:
            return _kept(connection.execute(sa.select(telegram_updates).where(self._is(update_id))).one())

    def begin(self, update_id: int, row: ConversationRow, from_position: int) -> KeptUpdate:
        """The answer to the update is what comes in that conversation from that place; settled once. As it stands."""
        fresh = self._is(update_id) & telegram_updates.c.conversation_id.is_(None)
        values = {"conversation_id": row.conversation_id, "from_position": from_position}
        with self._database.write() as connection:
            connection.execute(telegram_updates.update().where(fresh).values(**values))
        return self.get(update_id)

    def join(self, update_id: int, others: Sequence[KeptUpdate]) -> KeptUpdate:
        """Updates that came after this one are answered with it: nothing is left to be done for them. As it stands."""
        with self._database.write() as connection:
            row = connection.execute(sa.select(telegram_updates).where(self._is(update_id))).one()
            joined = [*row.content.get(JOINED, ()), *(dict(one.content) for one in others)]
            update = telegram_updates.update()
            connection.execute(update.where(self._is(update_id)).values(content={**row.content, JOINED: joined}))
            theirs = self._mine & telegram_updates.c.update_id.in_([one.update_id for one in others])
            connection.execute(update.where(theirs).values(state=UpdateState.DONE))
        return self.get(update_id)

    def take_decision(self, update_id: int, row: ConversationRow, from_position: int) -> None:
        """The update decides on the open question of that conversation, which goes on from that place."""
        taken = {"state": UpdateState.TAKEN, "conversation_id": row.conversation_id, "from_position": from_position}
        with self._database.write() as connection:
            connection.execute(telegram_updates.update().where(self._is(update_id)).values(**taken))

    def take(self, update_id: int, row: ConversationRow, words: str, from_position: int, now: datetime) -> str:
        """Keep the update's words in the conversation's inbox and say so, in one transaction; gives the words' id."""
        words_id = f"words_{secrets.token_hex(8)}"
        values = {"words_id": words_id, "conversation_id": row.conversation_id, "owner_id": row.owner_id}
        taken = {"state": UpdateState.TAKEN, "conversation_id": row.conversation_id, "words_id": words_id}
        with self._database.write() as connection:
            connection.execute(inbox.insert().values({**values, "words": words, "created_at": now}))
            used = conversations.update().where(conversations.c.conversation_id == row.conversation_id)
            connection.execute(used.values(used_at=now))
            update = telegram_updates.update().where(self._is(update_id))
            connection.execute(update.values(**taken, from_position=from_position))
        return words_id

    def finish(self, update_id: int, lane: str, answer: Sequence[Json], now: datetime) -> None:
        """Nothing is left to be done for the update but to send its answer; both in one transaction, once."""
        with self._database.write() as connection:
            open_one = self._is(update_id) & (telegram_updates.c.state != UpdateState.DONE)
            done = connection.execute(telegram_updates.update().where(open_one).values(state=UpdateState.DONE))
            if done.rowcount == 1:
                self._put(connection, lane, answer, now)

    def finish_once(self, update_id: int, lane: str, answer: Sequence[Json], now: datetime, once: Once) -> None:
        """The same, but the answer is left out where the person had it a while ago."""
        with self._database.write() as connection:
            open_one = self._is(update_id) & (telegram_updates.c.state != UpdateState.DONE)
            done = connection.execute(telegram_updates.update().where(open_one).values(state=UpdateState.DONE))
            if done.rowcount == 1 and is_due(connection, self._bot_id, once.user_id, once.what, once.every, now):
                self._put(connection, lane, answer, now)

    def count_error(self, kind: ErrorKind, now: datetime) -> None:
        """Something went wrong."""
        ErrorTable(self._database, self._bot_id).add(kind, now)

    def put(self, lane: str, answer: Sequence[Json], now: datetime, key: str | None = None) -> bool:
        """Messages that answer no update; where the first has a key that was used before, none, and False."""
        with self._database.write() as connection:
            if key is not None and self._has(connection, key):
                return False
            self._put(connection, lane, answer, now, key)
        return True

    def _put(
        self, connection: sa.Connection, lane: str, answer: Sequence[Json], now: datetime, first: str | None = None
    ) -> None:
        """Add them; what holds a `key` of its own is left out where that was used before."""
        for place, content in enumerate(answer):
            key = first if place == 0 and first is not None else content.get("key")
            if key is not None and self._has(connection, str(key)):
                continue
            values = {"bot_id": self._bot_id, "lane": lane, "content": dict(content), "created_at": now, "key": key}
            connection.execute(telegram_outbox.insert().values(**values, state=SendState.WAITING))

    def _has(self, connection: sa.Connection, key: str) -> bool:
        mine = (telegram_outbox.c.bot_id == self._bot_id) & (telegram_outbox.c.key == key)
        return connection.execute(sa.select(sa.literal(1)).where(mine)).first() is not None

    def sent(self, keys: Sequence[str]) -> dict[str, Sent]:
        """Those of these messages that are there, by key."""
        mine = (telegram_outbox.c.bot_id == self._bot_id) & telegram_outbox.c.key.in_(keys)
        with self._database.read() as connection:
            found = connection.execute(sa.select(telegram_outbox).where(mine)).all()
        return {row.key: Sent(row.lane, row.content, SendState(row.state), row.message_id) for row in found}

    def unsent(self) -> list[Outgoing]:
        """What is to be sent, the oldest first."""
        open_ones = telegram_outbox.c.state.in_([SendState.WAITING, SendState.TRIED])
        query = sa.select(telegram_outbox).where(telegram_outbox.c.bot_id == self._bot_id, open_ones)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(telegram_outbox.c.entry_id)).all()
        return [Outgoing(row.entry_id, row.lane, row.content, SendState(row.state)) for row in found]

    def mark(self, entry_id: int, state: SendState, message_id: int | None = None) -> None:
        """How far a message has come, and where it stands once it was sent."""
        values = {"state": state, **({} if message_id is None else {"message_id": message_id})}
        with self._database.write() as connection:
            mine = (telegram_outbox.c.entry_id == entry_id) & (telegram_outbox.c.bot_id == self._bot_id)
            connection.execute(telegram_outbox.update().where(mine).values(**values))

    def turn_into(self, entry_id: int, content: Json) -> None:
        """What is left to be sent of a message, or is sent in its place; it was not tried yet."""
        values = {"content": dict(content), "state": SendState.WAITING}
        with self._database.write() as connection:
            mine = (telegram_outbox.c.entry_id == entry_id) & (telegram_outbox.c.bot_id == self._bot_id)
            connection.execute(telegram_outbox.update().where(mine).values(**values))

    def forget_sent(self, before: datetime) -> None:
        """Messages that were sent that long ago; what has a key stays, so that it is never sent again."""
        is_over = telegram_outbox.c.state.in_([SendState.SENT, SendState.REFUSED])
        over = is_over & telegram_outbox.c.key.is_(None) & (telegram_outbox.c.created_at < before)
        with self._database.write() as connection:
            connection.execute(telegram_outbox.delete().where(telegram_outbox.c.bot_id == self._bot_id, over))

    def conversation_of(self, lane: str, user_id: int) -> str | None:
        """The conversation that the person has there."""
        with self._database.read() as connection:
            found = connection.execute(sa.select(telegram_chats.c.conversation_id).where(self._chat(lane, user_id)))
            conversation_id: str | None = found.scalar()
            return conversation_id

    def open_cards(self, lane: str) -> list[str]:
        """The questions whose cards stand there and do not say yet what came of them."""
        told = telegram_outbox.alias()
        number = sa.func.substr(telegram_outbox.c.key, len(CARD) + 1)
        is_told = sa.exists().where(told.c.bot_id == self._bot_id, told.c.key == sa.literal(OUTCOME) + number)
        mine = (telegram_outbox.c.bot_id == self._bot_id) & (telegram_outbox.c.lane == lane)
        query = sa.select(number).where(mine, telegram_outbox.c.key.startswith(CARD, autoescape=True), ~is_told)
        with self._database.read() as connection:
            return list(connection.execute(query).scalars())

    def followed_jobs(self) -> list[FollowedJob]:
        """Jobs of conversations held here that are not over, or whose end was not told; the oldest first."""
        here = telegram_conversations.c.conversation_id == jobs.c.conversation_id
        told = sa.and_(telegram_outbox.c.bot_id == self._bot_id, telegram_outbox.c.key == END + jobs.c.job_id)
        query = (
            sa.select(jobs.c.job_id, telegram_conversations.c.user_id, telegram_conversations.c.lane)
            .join(telegram_conversations, here & (telegram_conversations.c.bot_id == self._bot_id))
            .where(~sa.exists().where(told))
            .order_by(jobs.c.created_at)
        )
        with self._database.read() as connection:
            return [FollowedJob(**row._mapping) for row in connection.execute(query)]

    def hold(self, lane: str, user_id: int, conversation_id: str) -> None:
        """From now on that conversation is held there."""
        key = {"bot_id": self._bot_id, "lane": lane, "user_id": user_id, "conversation_id": conversation_id}
        known = (telegram_conversations.c.bot_id == self._bot_id) & (
            telegram_conversations.c.conversation_id == conversation_id
        )
        with self._database.write() as connection:
            connection.execute(telegram_chats.delete().where(self._chat(lane, user_id)))
            connection.execute(telegram_chats.insert().values(**key))
            if connection.execute(sa.select(sa.literal(1)).where(known)).first() is None:
                connection.execute(telegram_conversations.insert().values(**key))

    def _chat(self, lane: str, user_id: int) -> sa.ColumnElement[bool]:
        return sa.and_(
            telegram_chats.c.bot_id == self._bot_id, telegram_chats.c.lane == lane, telegram_chats.c.user_id == user_id
        )

    def _is(self, update_id: int) -> sa.ColumnElement[bool]:
        return sa.and_(self._mine, telegram_updates.c.update_id == update_id)


def _kept(row: sa.Row[tuple[object, ...]]) -> KeptUpdate:
    names = ("update_id", "lane", "content", "conversation_id", "words_id", "from_position", "created_at")
    return KeptUpdate(**{name: row._mapping[name] for name in names}, state=UpdateState(row._mapping["state"]))
