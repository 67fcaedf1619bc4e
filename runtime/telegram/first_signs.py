"""The first sign that a message was heard: typing, before its turn has begun, however many write at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from telegram import Bot, Update
from telegram.error import TelegramError

from adapters.errors import AdapterError
from runtime.telegram.people import Access
from runtime.telegram.places import Place, is_private, place_of, writer_of

MANY = 8
"""So many signs that are not given yet are a burst: turns wait for it, as they would hold the signs up."""
BURST_S = 2.0


class FirstSigns:
    """Signs to those who may use the bot and write to it alone; in groups a turn shows itself.

    All of it is called from the loop of events. A sign that does not go through is left out: the turn shows itself too.
    """

    def __init__(self, bot: Bot, access: Access) -> None:
        self._bot = bot
        self._access = access
        self._coming: dict[Place, int] = {}
        """Who has written there and has no sign yet."""
        self._given: dict[str, float] = {}
        """When a lane's sign was asked for."""
        self._looking: asyncio.Task[None] | None = None
        self._calm = asyncio.Event()
        self._calm.set()

    def add(self, update: Update) -> None:
        """Somebody has written."""
        message, place, writer = update.message, place_of(update), writer_of(update)
        if message is None or place is None or writer is None or not is_private(update):
            return
        if not (message.text or message.effective_attachment):
            return
        self._coming[place] = writer.id
        self._given[place.lane] = asyncio.get_running_loop().time()
        if len(self._coming) >= MANY:
            self._calm.clear()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    def taken_at(self, lane: str) -> float | None:
        """When the last sign was asked for there, by the loop's clock; forgotten with this question."""
        return self._given.pop(lane, None)

    async def calm(self) -> None:
        """Until no burst of signs is under way, and never for long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._calm.wait(), BURST_S)

    async def _look(self) -> None:
        try:
            while self._coming:
                coming, self._coming = self._coming, {}
                try:
                    known = await asyncio.to_thread(self._known, [*coming.values()])
                except AdapterError:
                    logging.getLogger(__name__).warning("first signs are left out: the database does not answer")
                    continue
                await asyncio.gather(*[self._give(place) for place, user_id in coming.items() if user_id in known])
        finally:
            self._calm.set()

    def _known(self, user_ids: Sequence[int]) -> set[int]:
        return {user_id for user_id in user_ids if self._access.may(user_id)}

    async def _give(self, place: Place) -> None:
        with suppress(TelegramError):
            await self._bot.send_chat_action(place.chat_id, "typing", place.thread_id)
