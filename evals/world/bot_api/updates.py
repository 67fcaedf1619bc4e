"""The queue of updates: given again until an offset says that they have arrived, to one poller at a time."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from evals.world.bot_api.refusals import Refused

POLL_CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
NEVER_UNASKED = frozenset(["message_reaction", "message_reaction_count", "chat_member", "stopped_message_generation"])
"""Kinds that come only where `allowed_updates` names them."""


@dataclass
class Updates:
    """Updates that nobody has acknowledged, in order."""

    first_id: int = 5_000_000
    waiting: list[dict[str, Any]] = field(default_factory=list)
    given: list[int] = field(default_factory=list)
    """The ids that were given out, each as often as it was."""
    allowed: frozenset[str] | None = None
    has_webhook: bool = False
    _next: int = 0
    n_polls: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, kind: str, content: dict[str, Any]) -> int | None:
        """A new update; None where the bot does not ask for this kind."""
        with self._changed:
            if kind in NEVER_UNASKED and kind not in (self.allowed or ()):
                return None
            if self.allowed and kind not in self.allowed:
                return None
            update_id = self.first_id + self._next
            self._next += 1
            self.waiting.append({"update_id": update_id, kind: content})
            self._changed.notify_all()
            return update_id

    def again(self, update: dict[str, Any]) -> None:
        """An update that had arrived comes once more."""
        with self._changed:
            self.waiting.append(update)
            self._changed.notify_all()

    def poll(self, offset: int, limit: int, timeout_s: float, allowed: list[str] | None) -> list[dict[str, Any]]:
        """What waits from the offset on; all before it is forgotten. A negative one keeps the last so many.

        Another request ends one that waits, with 409.
        """
        with self._changed:
            if self.has_webhook:
                raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
            self.n_polls += 1
            mine = self.n_polls
            self._changed.notify_all()
            if allowed is not None:
                self.allowed = frozenset(allowed) or None
            if offset < 0:
                self.waiting = self.waiting[offset:]
            else:
                self.waiting = [update for update in self.waiting if update["update_id"] >= offset]
            until = time.monotonic() + timeout_s
            while not self.waiting and time.monotonic() < until:
                self._changed.wait(min(1.0, max(0.0, until - time.monotonic())))
                if self.n_polls != mine:
                    raise Refused(409, POLL_CONFLICT)
            given = self.waiting[: max(1, min(limit, 100))]
            self.given += [update["update_id"] for update in given]
            return given

    def take(self) -> dict[str, Any] | None:
        """The next update for a webhook, which has it when it says 200; None where there is none for a while."""
        with self._changed:
            if not self.waiting:
                self._changed.wait(0.1)
            return self.waiting[0] if self.waiting else None

    def arrived(self, update: dict[str, Any]) -> None:
        """A webhook has taken it."""
        with self._changed:
            self.waiting.remove(update)
