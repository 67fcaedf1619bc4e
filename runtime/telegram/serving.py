"""`statagent telegram`: the bot in a process of its own, by polling or by webhook, until it is asked to end."""

from __future__ import annotations

import asyncio
import fcntl
import hmac
import ipaddress
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import ExtBot, Updater
from telegram.request import HTTPXRequest

from runtime.all_jobs import AllJobs
from runtime.program import Program
from runtime.reconciler import Reconciler
from runtime.settings import Settings, SettingsError
from runtime.telegram.bot import TelegramBot
from runtime.way_out import say

GRACE_S = 20.0
POLL_S = 10
KINDS = ["message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"]
"""The updates that are asked for; nothing else is ever sent to the bot."""
OTHER = "another process is polling with this bot's token: stop it first"


class Secret(str):
    """A secret whose comparison takes as long for a near miss as for any other; Updater's webhook compares by `!=`."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and hmac.compare_digest(self.encode(), other.encode())

    def __ne__(self, other: object) -> bool:
        return not self == other


class CannotServe(Exception):
    """The bot cannot run; the message says why."""


def make_bot(settings: Settings) -> ExtBot[None]:
    """The bot of the token that is set; CannotServe where none is, or its way would not be private."""
    token = settings.telegram_bot_token
    if token is None:
        raise SettingsError("set TELEGRAM_BOT_TOKEN: BotFather gives it (docs/telegram.md)")
    base = settings.telegram_api_base
    if urlsplit(base).scheme == "http" and not settings.telegram_local and not _is_loopback(urlsplit(base).hostname):
        raise SettingsError(
            "TELEGRAM_API_BASE: the token would go over http:// in clear; use https://, or say with "
            "TELEGRAM_LOCAL=true that it is a Bot API server of your own"
        )
    return ExtBot(
        token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=HTTPXRequest(connection_pool_size=64, connect_timeout=10, read_timeout=20, pool_timeout=30),
        get_updates_request=HTTPXRequest(connect_timeout=10, read_timeout=POLL_S + 10),
        local_mode=settings.telegram_local,
    )


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def only_one(home: Path, bot_id: int) -> Iterator[None]:
    """Hold the place of the one process of this home that serves this bot; CannotServe where it is taken."""
    folder = home / "telegram"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / f"{bot_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CannotServe(OTHER) from error
        yield


async def serve(program: Program) -> None:
    """Run until SIGTERM or SIGINT; then turns that run get twenty seconds.

    Raises
    ------
    SettingsError, CannotServe
        If there is no token, Telegram does not know it, or another process serves this bot.
    """
    settings = program.settings
    try:
        async with make_bot(settings) as bot:
            with only_one(settings.home, bot.id):
                await _serve(program, bot)
    except InvalidToken as error:
        raise SettingsError("Telegram does not know the token that TELEGRAM_BOT_TOKEN holds") from error
    except NetworkError as error:
        raise CannotServe(f"Telegram cannot be reached at {settings.telegram_api_base}: {error}") from error


async def _serve(program: Program, bot: ExtBot[None]) -> None:
    serving = TelegramBot(program, bot)
    updater = Updater(bot, update_queue=serving.inbox)
    ended = asyncio.Event()
    conflict: list[str] = []

    def failed(error: TelegramError) -> None:
        if isinstance(error, Conflict):
            conflict.append(OTHER)
            ended.set()
        logging.getLogger(__name__).warning("polling: %s", error)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with updater:
        running = asyncio.create_task(serving.run())
        running.add_done_callback(lambda _: ended.set())
        await _start(updater, program.settings, failed)
        say(f"@{bot.username} answers. Ctrl-C ends it.")
        with Reconciler(AllJobs(program), on_end=serving.announce):
            await ended.wait()
        await updater.stop()
        await serving.end(GRACE_S)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    if conflict:
        raise CannotServe(conflict[0])


async def _start(updater: Updater, settings: Settings, failed: Callable[[TelegramError], None]) -> None:
    url, secret = settings.telegram_webhook_url, settings.telegram_webhook_secret
    if url is None:
        await updater.start_polling(timeout=POLL_S, allowed_updates=KINDS, error_callback=failed)
        return
    if secret is None:
        raise SettingsError("set STATAGENT_TELEGRAM_WEBHOOK_SECRET: without it anybody could send updates to the bot")
    path = urlsplit(url).path.lstrip("/")
    await updater.start_webhook(
        port=settings.telegram_webhook_port,
        url_path=path,
        webhook_url=url,
        secret_token=Secret(secret.get_secret_value()),
        allowed_updates=KINDS,
    )
