"""Requests to Telegram, few at once: what a person waits for does not stand behind words that are only a preview."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram.request import HTTPXRequest, RequestData

AT_ONCE = 16
"""A connection each. More do not go faster: with 64 a burst of 200 took three times as long as with 16."""
AT_ONCE_WITH_FILES = 16
"""Files take long, so they have connections of their own."""
FIRST = frozenset(["answerCallbackQuery", "sendChatAction"])
LAST = frozenset(["sendMessageDraft", "sendRichMessageDraft", "editMessageText", "deleteMessage"])


class Slots:
    """So many at once; of those that wait the lowest rank goes first, within a rank whoever came first."""

    def __init__(self, n: int) -> None:
        self._free = n
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()

    @asynccontextmanager
    async def hold(self, rank: int) -> AsyncIterator[None]:
        """Wait for a slot, and give it back at the end."""
        if self._free > 0:
            self._free -= 1
        else:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (rank, next(self._arrivals), turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._pass_on()
                raise
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """The slot goes to whoever is next."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():  # it may have been cancelled
                turn.set_result(None)
                return
        self._free += 1


class FewAtOnce(HTTPXRequest):
    """python-telegram-bot's requests, in the order of what waits for them."""

    def __init__(self) -> None:
        n = AT_ONCE + AT_ONCE_WITH_FILES
        super().__init__(connection_pool_size=n, connect_timeout=10, read_timeout=20, pool_timeout=30)
        self._slots = Slots(AT_ONCE)
        self._slots_of_files = Slots(AT_ONCE_WITH_FILES)

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **named: Any
    ) -> tuple[int, bytes]:
        """Send it when its turn has come; `args` are passed on as python-telegram-bot gives them."""
        name = url.rpartition("/")[2]
        has_file = method == "GET" or (request_data is not None and request_data.contains_files)
        slots = self._slots_of_files if has_file else self._slots
        async with slots.hold(0 if name in FIRST else 2 if name in LAST else 1):
            return await super().do_request(url, method, request_data, *args, **named)
