"""`statagent telegram`: the bot in a process of its own, by polling or by webhook, until it is asked to end."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import Updater
from telegram.request import HTTPXRequest

from adapters.store.locks import file_lock, session_lock
from runtime.all_jobs import AllJobs
from runtime.program import Program
from runtime.reconciler import Reconciler
from runtime.settings import Settings, SettingsError
from runtime.telegram.bot import TelegramBot
from runtime.telegram.inbox import PollingBot
from runtime.telegram.requests import FewAtOnce
from runtime.way_out import say

GRACE_S = 20.0
POLL_S = 10
KINDS = ["message", "edited_message", "callback_query", "my_chat_member", "stopped_message_generation"]
"""The updates that are asked for; nothing else is ever sent to the bot."""
OTHER = "another process serves the bot of this token: stop it first"


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


def make_bot(settings: Settings) -> PollingBot:
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
    return PollingBot(
        token.get_secret_value(),
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=FewAtOnce(),
        get_updates_request=HTTPXRequest(connect_timeout=10, read_timeout=POLL_S + 10),
        local_mode=settings.telegram_local,
    )


def _is_loopback(host: str | None) -> bool:
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def only_one(program: Program, bot_id: int) -> Iterator[None]:
    """Hold the place of the one process that serves this bot, on this home and on this database.

    Raises
    ------
    CannotServe
        If it is taken.
    """
    database = program.database
    with ExitStack() as held:
        locks = [file_lock(program.settings.home / "telegram" / f"{bot_id}.lock")]
        if database.engine.dialect.name != "sqlite":  # whose file lies in the home
            locks.append(session_lock(database, f"telegram:{bot_id}"))
        for lock in locks:
            if not held.enter_context(lock)():
                raise CannotServe(OTHER)
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
            with only_one(program, bot.id):
                await _serve(program, bot)
    except InvalidToken as error:
        raise SettingsError("Telegram does not know the token that TELEGRAM_BOT_TOKEN holds") from error
    except NetworkError as error:
        raise CannotServe(f"Telegram cannot be reached at {settings.telegram_api_base}: {error}") from error


async def _serve(program: Program, bot: PollingBot) -> None:
    serving = TelegramBot(program, bot)
    bot.keeps_in(serving.inbox)
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
