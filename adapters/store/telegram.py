"""What a bot keeps of Telegram: updates until they are answered, messages until they are sent, people and chats."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

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
from adapters.store.telegram_limits import WINDOW, ErrorKind, ErrorTable, Once, Told, is_due, wait_of
from adapters.store.telegram_rows import (
    CARD,
    END,
    JOINED,
    KEPT_FOR,
    OUTCOME,
    UNSENT,
    Arrival,
    FollowedJob,
    KeptUpdate,
    Outgoing,
    SendState,
    Sent,
    UpdateState,
    read_kept,
)


class UpdateTable:
    """One bot's updates and messages."""

    def __init__(self, database: Database, bot_id: int) -> None:
        self._database = database
        self._bot_id = bot_id
        self._mine = telegram_updates.c.bot_id == bot_id

    def add_all(self, arrivals: Sequence[Arrival], now: datetime) -> list[KeptUpdate]:
        """Keep updates before they are acknowledged, in one transaction; gives those that are to be answered.

        Left out is what was there before, and what its writer wrote when they had written enough for this minute. Of
        that they are told once a minute.
        """
        old = (telegram_updates.c.state == UpdateState.DONE) & (telegram_updates.c.created_at < now - KEPT_FOR)
        with self._database.write() as connection:
            known = self._mine & telegram_updates.c.update_id.in_([one.update_id for one in arrivals])
            seen = set(connection.execute(sa.select(telegram_updates.c.update_id).where(known)).scalars())
            connection.execute(telegram_updates.delete().where(self._mine, old))
            found = []
            for one in arrivals:
                if one.update_id not in seen and self._add(connection, one, now):
                    kept = KeptUpdate(update_id=one.update_id, lane=one.lane, content=one.content, created_at=now)
                    found.append(kept)
                seen.add(one.update_id)
        return found

    def _add(self, connection: sa.Connection, one: Arrival, now: datetime) -> bool:
        """Keep one; False where it is too much of its writer."""
        writer, user_id, state = one.writer, None, UpdateState.WAITING
        wait = None if writer is None else wait_of(connection, self._bot_id, writer, now)
        if writer is not None and wait is None:
            user_id = writer.user_id
        elif writer is not None and wait is not None:
            state = UpdateState.DONE
            if is_due(connection, self._bot_id, writer.user_id, Told.FLOOD, WINDOW, now):
                self._put(connection, one.lane, writer.refused(wait), now)
        values = {"bot_id": self._bot_id, "update_id": one.update_id, "lane": one.lane, "state": state}
        content = dict(one.content) if wait is None else {}
        row = {**values, "content": content, "created_at": now, "user_id": user_id}
        connection.execute(telegram_updates.insert().values(row))
        return wait is None

    def open(self, lane: str | None = None) -> list[KeptUpdate]:
        """What is still to be answered, there or everywhere, in the order in which it came."""
        query = sa.select(telegram_updates).where(self._mine, telegram_updates.c.state != UpdateState.DONE)
        if lane is not None:
            query = query.where(telegram_updates.c.lane == lane)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(telegram_updates.c.update_id)).all()
        return [read_kept(row) for row in found]

    def get(self, update_id: int) -> KeptUpdate:
        """An update as it stands."""
        with self._database.read() as connection:
            return read_kept(connection.execute(sa.select(telegram_updates).where(self._is(update_id))).one())

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
            connection.execute(telegram_updates.update().where(self._is_open(update_id)).values(**taken))

    def take(self, update_id: int, row: ConversationRow, words: str, from_position: int, now: datetime) -> str | None:
        """Keep an update's words in the conversation's inbox, once, and say so, in one transaction; gives their id."""
        words_id = f"words_{secrets.token_hex(8)}"
        values = {"words_id": words_id, "conversation_id": row.conversation_id, "owner_id": row.owner_id}
        taken = {"state": UpdateState.TAKEN, "conversation_id": row.conversation_id, "words_id": words_id}
        with self._database.write() as connection:
            fresh = self._is(update_id) & (telegram_updates.c.state == UpdateState.WAITING)
            update = telegram_updates.update().where(fresh)
            if connection.execute(update.values(**taken, from_position=from_position)).rowcount != 1:
                return None
            connection.execute(inbox.insert().values({**values, "words": words, "created_at": now}))
            used = conversations.update().where(conversations.c.conversation_id == row.conversation_id)
            connection.execute(used.values(used_at=now))
        return words_id

    def finish(self, update_id: int, lane: str, answer: Sequence[Json], now: datetime) -> None:
        """Nothing is left to be done for the update but to send its answer; both in one transaction, once."""
        with self._database.write() as connection:
            done = connection.execute(
                telegram_updates.update().where(self._is_open(update_id)).values(state=UpdateState.DONE)
            )
            if done.rowcount == 1:
                self._put(connection, lane, answer, now)

    def finish_once(self, update_id: int, lane: str, answer: Sequence[Json], now: datetime, once: Once) -> None:
        """The same, but the answer is left out where the person had it a while ago."""
        with self._database.write() as connection:
            done = connection.execute(
                telegram_updates.update().where(self._is_open(update_id)).values(state=UpdateState.DONE)
            )
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
        open_ones = telegram_outbox.c.state.in_(UNSENT)
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

    def hold_back(self, entry_id: int, content: Json) -> int:
        """Keep a part of that message, which is sent only where it is asked for; gives the number to ask with."""
        mine = (telegram_outbox.c.entry_id == entry_id) & (telegram_outbox.c.bot_id == self._bot_id)
        with self._database.write() as connection:
            row = connection.execute(sa.select(telegram_outbox).where(mine)).one()
            values = {"bot_id": self._bot_id, "lane": row.lane, "content": dict(content), "created_at": row.created_at}
            held = telegram_outbox.insert().values(**values, state=SendState.HELD).returning(telegram_outbox.c.entry_id)
            return int(connection.execute(held).scalar_one())

    def give_out(self, entry_id: int, lane: str) -> bool:
        """Send such a message now, once; False where there is none of that number there."""
        mine = (telegram_outbox.c.bot_id == self._bot_id) & (telegram_outbox.c.lane == lane)
        held = mine & (telegram_outbox.c.entry_id == entry_id) & (telegram_outbox.c.state == SendState.HELD)
        with self._database.write() as connection:
            done = connection.execute(telegram_outbox.update().where(held).values(state=SendState.WAITING))
            return done.rowcount == 1

    def forget_sent(self, before: datetime) -> None:
        """Messages that were sent that long ago; what has a key stays, so that it is never sent again."""
        is_over = telegram_outbox.c.state.in_([SendState.SENT, SendState.REFUSED, SendState.HELD])
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

    def _is_open(self, update_id: int) -> sa.ColumnElement[bool]:
        return self._is(update_id) & (telegram_updates.c.state != UpdateState.DONE)

    def _is(self, update_id: int) -> sa.ColumnElement[bool]:
        return sa.and_(self._mine, telegram_updates.c.update_id == update_id)
