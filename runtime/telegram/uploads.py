"""Files, pictures, albums and Telegram's own tables on their way: read or made when they are sent."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from pathlib import Path
from typing import Any

from telegram import Bot, InputFile, InputMediaPhoto

from runtime.telegram.outgoing import GONE, Message
from runtime.telegram.packing import read
from runtime.telegram.sheets import as_csv
from runtime.telegram.tables import are_numbers, as_html
from tools import plots

CHANGED = "The file {name} has been changed since; ask for it again."
PHOTO_TIMEOUT_S, DOCUMENT_TIMEOUT_S = 120, 300
LOG = logging.getLogger(__name__)

Upload = tuple[str, bytes]


class FileLostError(Exception):
    """A file is no longer there, or is another one; the message says so to the person."""


async def upload(bot: Bot, message: Message, where: dict[str, Any]) -> Any:
    """Send it once; raises what Telegram says, and FileLostError."""
    if message.kind == "table":
        return await _send_table(bot, message, where)
    if message.kind == "album":
        return await _send_photos(bot, [await _read(one) for one in message.parts], message.text, where)
    if message.kind == "pictures":
        return await _send_photos(bot, await asyncio.to_thread(_drawn, message), message.text, where)
    if message.kind == "csv":
        assert message.sheet is not None  # noqa: S101 - it is one
        made = str(message.name), await asyncio.to_thread(as_csv, message.sheet)
    else:
        made = await _read(message)
    if message.kind == "photo":
        return await _send_photos(bot, [made], message.text, where)
    file, caption = InputFile(made[1], filename=made[0]), message.text or None
    return await bot.send_document(document=file, caption=caption, write_timeout=DOCUMENT_TIMEOUT_S, **where)


async def _read(message: Message) -> Upload:
    name = str(message.name)
    try:
        content = await asyncio.to_thread(read, Path(str(message.path)), message.offset, message.length)
    except OSError as error:
        LOG.error("%s could not be read: %s", message.path, error)
        raise FileLostError(GONE.format(name=name)) from error
    if hashlib.sha256(content).hexdigest() != message.digest:
        LOG.error("%s is another file than it was: not sent", message.path)
        raise FileLostError(CHANGED.format(name=name))
    return name, content


def _drawn(message: Message) -> list[Upload]:
    table = message.table
    assert table is not None  # noqa: S101 - it is one
    to_right = are_numbers(table.rows, len(table.head))
    parts = plots.table_parts(table.head, table.rows)
    stem = str(message.name).removesuffix(".csv")
    return [
        (f"{stem}_{number}.png", plots.draw_table(table.head, table.rows, to_right, part))
        for number, part in enumerate(parts, start=1)
    ]


async def _send_photos(bot: Bot, photos: list[Upload], caption: str, where: dict[str, Any]) -> Any:
    """One picture, or an album, which has no buttons; words stand below the first."""
    words = caption or None
    if len(photos) == 1:
        [(name, content)] = photos
        photo = InputFile(content, filename=name)
        return await bot.send_photo(photo=photo, caption=words, write_timeout=PHOTO_TIMEOUT_S, **where)
    media = [
        InputMediaPhoto(content, caption=words if number == 0 else None, filename=name)
        for number, (name, content) in enumerate(photos)
    ]
    place: dict[str, Any] = {name: value for name, value in where.items() if name != "reply_markup"}
    return await bot.send_media_group(media=media, write_timeout=DOCUMENT_TIMEOUT_S, **place)


async def _send_table(bot: Bot, message: Message, where: dict[str, Any]) -> Any:
    """A rich message; nothing in a cell becomes a link."""
    assert message.table is not None  # noqa: S101 - it is one
    rich = {"html": as_html(message.table, message.text), "skip_entity_detection": True}
    given = {name: value for name, value in where.items() if value is not None}
    return await bot.do_api_request("sendRichMessage", api_kwargs={**given, "rich_message": rich})
