"""A file that was sent: its size is looked at before it is fetched, then it comes in pieces, never whole in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

from telegram import Bot, Document, File
from telegram.error import TelegramError

from adapters.data.roots import hidden_part, real_path
from adapters.errors import AdapterError
from adapters.opening import OpenError, open_plain

MAX_CLOUD_BYTES = 20_000_000
CHUNK = 1 << 20
TOO_LARGE = (
    "{name} has {megabytes:.0f} MB; Telegram gives a bot at most 20 MB. Ways that work: write its https or s3 address "
    "here; send it as Parquet or packed with gzip, which is often a tenth; send it in parts; or have the operator run "
    "a Bot API server of their own."
)
LOST = "{name} could not be fetched from Telegram ({why}). Send it again."
ELSEWHERE = (
    "{name} was not read: the Bot API server names a place for it that is not in its folder. "
    "The operator names that folder in STATAGENT_TELEGRAM_FILES."
)


KINDS = frozenset("animations documents music photos stickers temp thumbnails videos video_notes voice".split())
"""The folders into which that server sorts files."""


class NotFetched(AdapterError):
    """The file does not come; the message says why, and what helps."""


class Receiving:
    """Fetches files of one bot; `fetch` is called from the thread of a turn.

    Parameters
    ----------
    files : Path or None
        Where a Bot API server of one's own keeps files; by default wherever a path is as that server makes it.
    home : Path
        Where the program keeps everybody's data: no path in it is taken.
    """

    def __init__(self, bot: Bot, files: Path | None, home: Path) -> None:
        self._bot = bot
        self._files = None if files is None else real_path(files)
        self._home = real_path(home)
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> None:
        """Called from the loop of events that the bot's requests run in."""
        self._loop = asyncio.get_running_loop()

    def refusal(self, document: Document) -> str | None:
        """Why it is not even asked for; None where it is."""
        name, size = name_of(document), document.file_size or 0
        if not self._bot.local_mode and size > MAX_CLOUD_BYTES:
            return TOO_LARGE.format(name=name, megabytes=size / 1e6)
        return None

    def fetch(self, document: Document) -> Iterator[bytes]:
        """The file in pieces; asked for with the first.

        Raises
        ------
        NotFetched
            If Telegram does not give it, or names a place that no file of it can lie at.
        """
        assert self._loop is not None  # noqa: S101 - `begin` was called before
        name = name_of(document)
        try:
            asked = self._bot.get_file(document.file_id, read_timeout=120)
            file = asyncio.run_coroutine_threadsafe(asked, self._loop).result()
            if str(file.file_path).startswith(f"{self._bot.base_file_url}/"):
                yield from self._downloaded(file, name)
                return
        except TelegramError as error:
            raise NotFetched(LOST.format(name=name, why=type(error).__name__)) from error
        yield from self._local(file, name)

    def _downloaded(self, file: File, name: str) -> Iterator[bytes]:
        assert self._loop is not None  # noqa: S101 - `begin` was called before
        if (file.file_size or 0) > MAX_CLOUD_BYTES:
            raise NotFetched(TOO_LARGE.format(name=name, megabytes=(file.file_size or 0) / 1e6))
        coming = file.download_as_bytearray(read_timeout=120)
        content = asyncio.run_coroutine_threadsafe(coming, self._loop).result()
        for at in range(0, len(content), CHUNK):
            yield bytes(content[at : at + CHUNK])

    def _local(self, file: File, name: str) -> Iterator[bytes]:
        """From the disk that the bot shares with its server."""
        path = real_path(Path(str(file.file_path)))
        if not self._bot.local_mode or not self._is_the_servers(path):
            logging.getLogger(__name__).error("a file was named at %s, which is not read", path.parent)
            raise NotFetched(ELSEWHERE.format(name=name))
        try:
            with open_plain(path) as opened:
                while piece := opened.read(CHUNK):
                    yield piece
        except (OpenError, OSError) as error:
            raise NotFetched(LOST.format(name=name, why=type(error).__name__)) from error

    def _is_the_servers(self, path: Path) -> bool:
        if path.is_relative_to(self._home):
            return False
        if self._files is not None:
            return path.is_relative_to(self._files)
        return path.parent.name in KINDS and hidden_part(path) is None


def name_of(document: Document) -> str:
    """What the file is called; data of whoever sent it."""
    return document.file_name or "file.csv"
