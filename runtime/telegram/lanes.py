"""Work in lanes: one thing after the other in a chat, chats side by side, and what is urgent beside all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Work = Callable[[], Awaitable[None]]


class Lanes:
    """Runs work; a lane that is empty holds nothing."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, lane: str, work: Work) -> None:
        """Do it after all that was added to this lane before."""
        if lane in self._waiting:
            self._waiting[lane].append(work)
            return
        self._waiting[lane] = [work]
        self._start(self._run(lane))

    def beside(self, work: Work) -> asyncio.Task[None]:
        """Do it now."""
        return self._start(_guarded(work))

    async def finish(self, seconds: float) -> None:
        """Wait for what runs, at most so long; what waits behind it is left where it is."""
        for lane in self._waiting.values():
            del lane[1:]
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def _run(self, lane: str) -> None:
        while self._waiting[lane]:
            await _guarded(self._waiting[lane][0])
            if self._waiting[lane]:
                self._waiting[lane].pop(0)
        del self._waiting[lane]

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _guarded(work: Work) -> None:
    """Do it; where it fails, the lane goes on, and what was not answered is tried again at the next start."""
    try:
        await work()
    except Exception:  # whatever it is, the next one in the lane is done
        logging.getLogger(__name__).exception("an update could not be answered")
