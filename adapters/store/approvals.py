"""Quotes and the questions about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa

from adapters.records import ApprovalRow, ApprovalState, Quote
from adapters.store.database import Database
from adapters.store.tables import approvals, quotes
from adapters.uptime import Uptime, read_uptime


class ApprovalTable:
    """Quotes and approvals by owner. Every change of an approval's state is a compare-and-set."""

    def __init__(self, database: Database, uptime: Callable[[], Uptime] = read_uptime) -> None:
        self._database = database
        self._uptime = uptime

    def add_quotes(self, new: tuple[Quote, ...]) -> None:
        """Keep quotes as they were offered, with the machine's own count of the moment."""
        uptime = self._uptime()
        with self._database.write() as connection:
            for quote in new:
                stamped = replace(quote, boot_id=uptime.boot_id, boot_s=uptime.seconds)
                connection.execute(quotes.insert().values(asdict(stamped)))

    def is_open(self, quote: Quote, now: datetime) -> bool:
        """True while the offer holds."""
        return quote.is_open(now, self._uptime())

    def quote(self, owner_id: str, quote_id: str) -> Quote | None:
        """The owner's quote of that id."""
        query = sa.select(quotes).where(quotes.c.owner_id == owner_id, quotes.c.quote_id == quote_id)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else read_quote(row)

    def ask(self, question: ApprovalRow) -> ApprovalRow:
        """Keep the question, or give the one that was already asked about the same call."""
        same_call = (
            (approvals.c.owner_id == question.owner_id)
            & (approvals.c.conversation_id == question.conversation_id)
            & (approvals.c.call_id == question.call_id)
        )
        with self._database.write() as connection:
            row = connection.execute(sa.select(approvals).where(same_call)).one_or_none()
            if row is None:
                connection.execute(approvals.insert().values(asdict(question)))
        return question if row is None else ApprovalRow(**row._mapping)

    def approval(self, owner_id: str, conversation_id: str, call_id: str) -> ApprovalRow | None:
        """The question about that call, if it was asked."""
        return self._one(
            approvals.c.owner_id == owner_id,
            approvals.c.conversation_id == conversation_id,
            approvals.c.call_id == call_id,
        )

    def by_nonce(self, nonce: str) -> ApprovalRow | None:
        """The question that was shown with that nonce, whoever's it is."""
        return self._one(approvals.c.nonce == nonce)

    def of_quote(self, owner_id: str, quote_id: str) -> ApprovalRow | None:
        """The owner's newest question about that quote."""
        return self._one(approvals.c.owner_id == owner_id, approvals.c.quote_id == quote_id)

    def approvals(self, owner_id: str, approval_ids: Sequence[str]) -> list[ApprovalRow]:
        """Those of these questions that are the owner's."""
        query = sa.select(approvals).where(
            approvals.c.owner_id == owner_id, approvals.c.approval_id.in_(list(approval_ids))
        )
        with self._database.read() as connection:
            return [ApprovalRow(**row._mapping) for row in connection.execute(query)]

    def pending(self, owner_id: str, conversation_id: str) -> ApprovalRow | None:
        """The question that the conversation waits for."""
        return self._one(
            approvals.c.owner_id == owner_id,
            approvals.c.conversation_id == conversation_id,
            approvals.c.state == ApprovalState.PENDING,
        )

    def decide(self, approval_id: str, state: ApprovalState, decided_by: str, now: datetime) -> bool:
        """Answer a pending question; False if it was no longer pending."""
        return self._move(approval_id, (ApprovalState.PENDING,), state, decided_by, now)

    def close(self, approval_id: str, now: datetime) -> bool:
        """Make a question that was not used yet worthless."""
        return self._move(
            approval_id, (ApprovalState.PENDING, ApprovalState.GRANTED), ApprovalState.CLOSED, "closed", now
        )

    def _move(
        self, approval_id: str, old: tuple[ApprovalState, ...], new: ApprovalState, by: str, now: datetime
    ) -> bool:
        change = (
            approvals.update()
            .where(approvals.c.approval_id == approval_id, approvals.c.state.in_(old))
            .values(state=new, decided_by=by, decided_at=now)
        )
        with self._database.write() as connection:
            return connection.execute(change).rowcount == 1

    def _one(self, *conditions: sa.ColumnElement[bool]) -> ApprovalRow | None:
        query = sa.select(approvals).where(*conditions).order_by(approvals.c.created_at.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else ApprovalRow(**row._mapping)


def read_quote(row: sa.Row[tuple[object, ...]]) -> Quote:
    """A quote from its row."""
    values = dict(row._mapping)
    values["breakdown"] = tuple(values["breakdown"])
    return Quote(**values)
