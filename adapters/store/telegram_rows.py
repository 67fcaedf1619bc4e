"""Updates and messages as a bot keeps them: how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from adapters.records import Json
from adapters.store.telegram_limits import Writer

UNSENT = ("waiting", "tried", "tried_twice")
"""States of what is still to be sent."""
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
    """How far a message has come: never tried; tried, and nobody knows whether it arrived; sent; given up.

    TRIED_TWICE: nobody knows of two of them. HELD: tried twice, it is sent a third time only where that is asked for.
    """

    WAITING = "waiting"
    TRIED = "tried"
    TRIED_TWICE = "tried_twice"
    HELD = "held"
    SENT = "sent"
    REFUSED = "refused"


@dataclass(frozen=True)
class Arrival:
    """An update that comes in, and who has written it, where that counts."""

    update_id: int
    lane: str
    content: Json
    writer: Writer | None = None


@dataclass(frozen=True, kw_only=True)
class KeptUpdate:
    """An update as it came; of one that was taken, where its words are and what the log held before them."""

    update_id: int
    lane: str
    content: Json
    created_at: datetime
    state: UpdateState = UpdateState.WAITING
    conversation_id: str | None = None
    words_id: str | None = None
    from_position: int | None = None

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


def read_kept(row: sa.Row[tuple[object, ...]]) -> KeptUpdate:
    """The update of a row."""
    names = ("update_id", "lane", "content", "conversation_id", "words_id", "from_position", "created_at")
    return KeptUpdate(**{name: row._mapping[name] for name in names}, state=UpdateState(row._mapping["state"]))
