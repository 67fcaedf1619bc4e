"""Updates on their way in: committed before Telegram hears that they have arrived, and each once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from telegram import Update

from adapters.store.telegram import UpdateTable
from adapters.store.telegram_limits import Writer
from runtime.telegram.places import place_of

NOWHERE = "-"
"""The lane of what comes from no chat."""


class Inbox(asyncio.Queue[Any]):
    """The queue that python-telegram-bot's Updater fills: `put` returns when the update is on disk.

    The Updater acknowledges a batch with its next request, which it makes after the last `put` of the batch.
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

    async def put(self, item: object) -> None:
        """Commit the update; one that was here before, or is too much of its writer, is not queued."""
        assert isinstance(item, Update)  # noqa: S101 - what an Updater puts
        place = place_of(item)
        lane = NOWHERE if place is None else place.lane
        is_new = await asyncio.to_thread(self._keep, item, lane)
        if is_new:
            await super().put(item)
        else:
            self._on_refused()

    def _keep(self, update: Update, lane: str) -> bool:
        return self._table.add(update.update_id, lane, update.to_dict(), self._clock(), self._writer(update))
