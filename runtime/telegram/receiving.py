"""A file that was sent: its size is looked at before it is fetched, then it is loaded, then its caption is asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from telegram import Bot
from telegram.error import TelegramError

from runtime.telegram.routes import Route

MAX_CLOUD_BYTES = 20_000_000
CHUNK = 1 << 20
TOO_LARGE = (
    "{name} has {megabytes:.0f} MB; Telegram gives a bot at most 20 MB. Ways that work: write its https or s3 address "
    "here; send it as Parquet or gzip, which is often a tenth; or have the operator run a Bot API server of their own."
)
LOST = "{name} could not be fetched from Telegram ({why}). Send it again."


async def fetch(bot: Bot, way: Route) -> tuple[str, Iterator[bytes] | str]:
    """The file's name, and what it holds, or a sentence that says why it does not come."""
    document = way.file
    assert document is not None  # noqa: S101 - a route of a file has one
    name, size = document.file_name or "file.csv", document.file_size or 0
    if not bot.local_mode and size > MAX_CLOUD_BYTES:
        return name, TOO_LARGE.format(name=name, megabytes=size / 1e6)
    try:
        file = await bot.get_file(document.file_id, read_timeout=60)
        if bot.local_mode and file.file_path is not None and Path(file.file_path).is_file():
            return name, _chunks(Path(file.file_path))
        return name, _chunks(bytes(await file.download_as_bytearray(read_timeout=120)))
    except TelegramError as error:
        return name, LOST.format(name=name, why=type(error).__name__)


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield from (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))
        return
    with content.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece
