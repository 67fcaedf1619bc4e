"""Sends what the outbox holds: in order within a chat, paced, through floods and lost answers, until it has arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import telegram
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, MessageEntity
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from adapters.store.telegram import Outgoing, SendState, UpdateTable
from runtime.telegram.outgoing import Button, Message
from runtime.telegram.pacing import Pace
from runtime.telegram.places import Place, read_lane

AGAIN = "(Sent again: it may have arrived before.)\n"
FILE_AGAIN = "A connection was lost while this file was sent; it may be here twice."
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LOG = logging.getLogger(__name__)


class Sender:
    """One bot's outbox. `notify` is called when something was put into it."""

    def __init__(self, bot: Bot, table: UpdateTable, pace: Pace) -> None:
        self._bot = bot
        self._table = table
        self._pace = pace
        self._news = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}

    def notify(self) -> None:
        """There is something to send."""
        self._news.set()

    async def run(self) -> None:
        """Send until cancelled."""
        self._news.set()
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                for lane in dict.fromkeys(entry.lane for entry in await asyncio.to_thread(self._table.unsent)):
                    if lane not in self._lanes:
                        self._lanes[lane] = asyncio.create_task(self._send_lane(lane))
                        self._lanes[lane].add_done_callback(self._ended(lane))
        finally:
            for task in self._lanes.values():
                task.cancel()

    async def flush(self, seconds: float) -> None:
        """Wait until all is sent, at most so long."""
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            self.notify()
            if not await asyncio.to_thread(self._table.unsent):
                return
            await asyncio.sleep(0.05)

    def _ended(self, lane: str) -> Callable[[asyncio.Task[None]], None]:
        def forget(task: asyncio.Task[None]) -> None:
            self._lanes.pop(lane, None)
            if task.cancelled():
                return
            if task.exception() is None:
                self._news.set()  # what came in between is looked for
                return
            LOG.error("messages to %s could not be sent", lane, exc_info=task.exception())
            asyncio.get_running_loop().call_later(LONGEST_WAIT_S, self._news.set)

        return forget

    async def _send_lane(self, lane: str) -> None:
        place = read_lane(lane)
        while mine := [entry for entry in await asyncio.to_thread(self._table.unsent) if entry.lane == lane]:
            for entry in mine:
                await self._deliver(place, entry)

    async def _deliver(self, place: Place, entry: Outgoing) -> None:
        """Try until it has arrived, or Telegram says that it never will."""
        message = Message.model_validate(entry.content)
        edited_id = await self._edited(message)
        if message.edits is not None and edited_id is None:
            await asyncio.to_thread(self._table.mark, entry.entry_id, SendState.REFUSED)
            return
        was_tried, wait_s = entry.state is SendState.TRIED, FIRST_WAIT_S
        while True:
            await self._pace.wait(place.chat_id)
            await asyncio.to_thread(self._table.mark, entry.entry_id, SendState.TRIED)
            try:
                done = await send(self._bot, place, marked_again(message) if was_tried else message, edited_id)
            except RetryAfter as flood:
                # Not taken: it is no second time, also when a crash ends the wait.
                self._pace.close(place.chat_id, seconds_of(flood))
                if not was_tried:
                    await asyncio.to_thread(self._table.mark, entry.entry_id, SendState.WAITING)
                continue
            except (BadRequest, Forbidden) as refusal:
                if message.edits is None and message.entities and isinstance(refusal, BadRequest):
                    LOG.error("a text with entities was refused, sent without: %s", refusal)
                    message = message.model_copy(update={"entities": ()})
                    continue
                await self._give_up(place, entry, refusal)
                return
            except NetworkError as lost:
                LOG.warning("a message to %s may not have arrived: %s", place.lane, lost)
                was_tried = True
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            except TelegramError as refusal:  # such as a group that has become another chat
                await self._give_up(place, entry, refusal)
                return
            await asyncio.to_thread(self._table.mark, entry.entry_id, SendState.SENT, _id_of(done))
            return

    async def _edited(self, message: Message) -> int | None:
        """Where the message stands that this one takes the place of; None where it was never sent."""
        if message.edits is None:
            return None
        there = await asyncio.to_thread(self._table.sent, [message.edits])
        return there[message.edits].message_id if message.edits in there else None

    async def _give_up(self, place: Place, entry: Outgoing, refusal: TelegramError) -> None:
        LOG.error("a message to %s was refused: %s", place.lane, refusal)
        await asyncio.to_thread(self._table.mark, entry.entry_id, SendState.REFUSED)


def marked_again(message: Message) -> Message:
    """The message with a word that it may be there twice; an edit is the same however often it is made."""
    if message.edits is not None:
        return message
    if message.kind == "text":
        room = message.text if len(message.text) < 4000 else message.text[:4000]
        shifted = tuple((kind, offset + len(AGAIN), length) for kind, offset, length in message.entities)
        fits = room == message.text
        return message.model_copy(update={"text": AGAIN + room, "entities": shifted if fits else ()})
    caption = f"{message.text}\n{FILE_AGAIN}" if message.text else FILE_AGAIN
    return message.model_copy(update={"text": caption[:1000]})


async def send(bot: Bot, place: Place, message: Message, edited_id: int | None = None) -> Any:
    """Send it once, or put it in the place of that message; raises what Telegram says."""
    where: dict[str, Any] = {"chat_id": place.chat_id, "message_thread_id": place.thread_id}
    entities = [MessageEntity(kind, offset, length) for kind, offset, length in message.entities]
    where["reply_markup"] = markup_of(message.buttons)
    if edited_id is not None:
        return await bot.edit_message_text(
            message.text, place.chat_id, edited_id, entities=entities, reply_markup=where["reply_markup"]
        )
    if message.kind == "text":
        return await bot.send_message(text=message.text, entities=entities, **where)
    try:
        content = await asyncio.to_thread(Path(str(message.path)).read_bytes)
    except OSError as error:
        LOG.error("%s could not be read: %s", message.path, error)
        return await bot.send_message(text=f"The file {message.name} is no longer there.", **where)
    file = InputFile(content, filename=message.name)
    caption = message.text or None
    if message.kind == "photo":
        return await bot.send_photo(photo=file, caption=caption, write_timeout=120, **where)
    return await bot.send_document(document=file, caption=caption, write_timeout=300, **where)


def markup_of(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """Buttons below a message, two in a row."""
    if not buttons:
        return None
    made = [InlineKeyboardButton(button.label, callback_data=button.data) for button in buttons]
    return InlineKeyboardMarkup([made[at : at + 2] for at in range(0, len(made), 2)])


def seconds_of(flood: RetryAfter) -> float:
    """How long Telegram takes nothing more."""
    wait = flood.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _id_of(done: object) -> int | None:
    """The id of a message that was sent."""
    return done.message_id if isinstance(done, telegram.Message) else None
