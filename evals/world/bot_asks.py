"""The real python-telegram-bot, asked to do one thing at the simulated Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import telegram

from evals.world.bot_api import BotApi

T = TypeVar("T")


def ask(api: BotApi, work: Callable[[telegram.Bot], Awaitable[T]]) -> T:
    """What the work gives, done with a bot of this server."""

    async def run() -> T:
        bot = telegram.Bot(
            api.token,
            base_url=f"{api.url}/bot",
            base_file_url=f"{api.url}/file/bot",
            local_mode=api.folder is not None,
        )
        async with bot:
            return await work(bot)

    return asyncio.run(run())
