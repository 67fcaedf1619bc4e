"""Updates on their way in: committed before Telegram hears that they have arrived, and each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.error import NetworkError
from telegram.ext import ExtBot

from adapters.store.database import StoreError
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_limits import Writer
from adapters.store.telegram_rows import Arrival, KeptUpdate
from runtime.telegram.places import place_of

NOWHERE = "-"
"""The lane of what comes from no chat."""


class Inbox(asyncio.Queue[Any]):
    """The queue that python-telegram-bot's Updater fills; gives each update with how it is kept.

    The Updater acknowledges a batch with the request that follows it. What is polled is committed as a batch by
    `keep`, before the Updater has it; what comes to a webhook by `put`, before Telegram hears that it has arrived.
    """

    def __init__(
        self,
        table: UpdateTable,
        clock: Callable[[], datetime],
        writer: Callable[[Update], Writer | None] = lambda update: None,
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._table = table
        self._clock = clock
        self._writer = writer
        self._on_refused = on_refused
        self._batch: dict[int, KeptUpdate | None] = {}
        """What was committed and not put yet; None: it was here before, or is too much of its writer."""

    async def keep(self, updates: Sequence[Update]) -> None:
        """Commit a batch, in one transaction."""
        found = await asyncio.to_thread(self._keep, updates)
        self._batch = {update.update_id: found.get(update.update_id) for update in updates}

    async def put(self, item: object) -> None:
        """Queue an update that is committed; one that was here before, or is too much of its writer, is not queued."""
        assert isinstance(item, Update)  # noqa: S101 - what an Updater puts
        if item.update_id not in self._batch:
            await self.keep([item])
        kept = self._batch.pop(item.update_id)
        if kept is None:
            self._on_refused()
        else:
            await super().put((item, kept))

    def _keep(self, updates: Sequence[Update]) -> dict[int, KeptUpdate]:
        arrivals = [self._arrival(update) for update in updates]
        return {kept.update_id: kept for kept in self._table.add_all(arrivals, self._clock())}

    def _arrival(self, update: Update) -> Arrival:
        place = place_of(update)
        lane = NOWHERE if place is None else place.lane
        return Arrival(update.update_id, lane, update.to_dict(), self._writer(update))


class PollingBot(ExtBot[None]):
    """python-telegram-bot's bot, whose polled updates are kept before anybody has them."""

    def keeps_in(self, inbox: Inbox) -> None:
        """Where."""
        self._inbox = inbox

    async def get_updates(self, *args: Any, **named: Any) -> tuple[Update, ...]:  # passed on as the Updater gives them
        """The next batch, on disk; NetworkError where it could not be kept: it is asked for again after a while."""
        updates = await super().get_updates(*args, **named)
        if updates:
            try:
                await self._inbox.keep(updates)
            except StoreError as error:
                raise NetworkError(f"updates could not be kept: {error}") from error
        return updates
