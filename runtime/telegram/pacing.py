"""How fast messages go out: below what Telegram takes, answers before previews, and each chat by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PER_CHAT_S, BURST = 1.0, 3.0
PER_GROUP_S, GROUP_BURST = 3.0, 5.0
"""20 messages a minute to a group."""
PER_SECOND = 30.0
KEPT_CHATS = 10_000


@dataclass
class Bucket:
    """Messages that may go at once: `left` at time `at`, one more every `every_s`, at most `burst`."""

    every_s: float
    burst: float
    left: float
    at: float
    closed_until: float = 0.0

    def fill(self, now: float) -> None:
        """Count what has come since."""
        self.left = min(self.burst, self.left + (now - self.at) / self.every_s)
        self.at = now

    def wait_s(self, now: float, keeps: float = 0.0) -> float:
        """How long until one may go and `keeps` are left."""
        self.fill(now)
        missing = max(0.0, 1.0 + keeps - self.left) * self.every_s
        return max(missing, self.closed_until - now)


@dataclass
class Pace:
    """All chats of one bot."""

    clock: Callable[[], float] = time.monotonic
    _chats: dict[int, Bucket] = field(default_factory=dict)
    _all: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self._all = Bucket(1 / PER_SECOND, PER_SECOND, PER_SECOND, self.clock())

    def _bucket(self, chat_id: int) -> Bucket:
        if chat_id not in self._chats:
            if len(self._chats) >= KEPT_CHATS:
                self._forget()
            every_s, burst = (PER_GROUP_S, GROUP_BURST) if chat_id < 0 else (PER_CHAT_S, BURST)
            self._chats[chat_id] = Bucket(every_s, burst, burst, self.clock())
        return self._chats[chat_id]

    def _forget(self) -> None:
        """Chats that nothing is known of: a new bucket would be the same."""
        now = self.clock()
        for chat_id, bucket in list(self._chats.items()):
            bucket.fill(now)
            if bucket.left >= bucket.burst and bucket.closed_until <= now:
                del self._chats[chat_id]

    async def wait(self, chat_id: int) -> None:
        """Until an answer may go to the chat."""
        bucket = self._bucket(chat_id)
        while (wait_s := max(bucket.wait_s(self.clock()), self._all.wait_s(self.clock()))) > 0:
            await asyncio.sleep(wait_s)
        bucket.left -= 1
        self._all.left -= 1

    def may_preview(self, chat_id: int) -> bool:
        """Whether something that may as well be left out can go now; an answer must still be able to follow at once."""
        bucket, now = self._bucket(chat_id), self.clock()
        if bucket.wait_s(now, keeps=1.0) > 0 or self._all.wait_s(now, keeps=PER_SECOND / 2) > 0:
            return False
        bucket.left -= 1
        self._all.left -= 1
        return True

    def close(self, chat_id: int, seconds: float) -> None:
        """Telegram has said how long it takes nothing more for this chat; others go on."""
        bucket = self._bucket(chat_id)
        bucket.closed_until = max(bucket.closed_until, self.clock() + seconds)
