"""Sends what the outbox holds: in order within a chat, paced, through floods and lost answers, until it has arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import telegram
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import BadRequest, EndPointNotFound, NetworkError, RetryAfter, TelegramError

from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import Outgoing, SendState
from runtime.telegram.formatting import plain
from runtime.telegram.instead import instead
from runtime.telegram.outgoing import AGAIN, FILE_AGAIN, Button, Message, says
from runtime.telegram.pacing import Pace
from runtime.telegram.places import Place, read_lane
from runtime.telegram.uploads import FileLostError, upload

__all__ = ["AGAIN", "FILE_AGAIN", "Sender", "marked_again", "markup_of", "seconds_of", "send"]

MAX_HALF = 18
"""Letters on a button of half a phone's width."""
TRIES = (SendState.WAITING, SendState.TRIED, SendState.TRIED_TWICE)
MOST_TRIES = 2
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
"""The request did not get as far as Telegram."""
SHOWS, SHOW = "a", "Show it"
"""What a press begins with that asks for such a message; its number follows."""
UNSURE = "A connection was lost twice while I sent you a message here: it may be above, or it may not."
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LOG = logging.getLogger(__name__)


class Sender:
    """One bot's outbox. `notify` is called when something was put into it."""

    def __init__(self, bot: Bot, table: UpdateTable, pace: Pace) -> None:
        self._bot = bot
        self._table = table
        self._pace = pace
        self._news = asyncio.Event()
        self._knows_rich = True
        """Until the server says that it knows no rich messages; nothing else counts."""
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
        """Send its messages in order. What is still to come is kept: a crash repeats none but the one it fell on."""
        message = Message.model_validate(entry.content)
        edited_id = await self._edited(message)
        if message.edits is not None and edited_id is None:
            await asyncio.to_thread(self._table.mark, entry.entry_id, SendState.REFUSED)
            return
        left = [*message.parts] if message.kind == "parts" else [message]
        n_tried, state, message_id = TRIES.index(entry.state), SendState.SENT, None
        while left:
            first, *rest = left
            done = await self._send(place, entry.entry_id, first, n_tried, edited_id)
            n_tried = 0
            if isinstance(done, list):
                left = [*done, *rest]
            else:
                left, (state, message_id) = rest, done
            if left:
                waiting = left[0] if len(left) == 1 else Message(kind="parts", parts=tuple(left))
                await asyncio.to_thread(self._table.turn_into, entry.entry_id, waiting.as_json())
        await asyncio.to_thread(self._table.mark, entry.entry_id, state, message_id)

    async def _send(
        self, place: Place, entry_id: int, message: Message, n_tried: int, edited_id: int | None
    ) -> tuple[SendState, int | None] | list[Message]:
        """Try until it has arrived, or Telegram says that it never will; or what is to be sent instead.

        `n_tried` times it was tried, and may have arrived. An answer is there twice at most: a third time it is asked
        for by the person.
        """
        if message.kind == "table" and not self._knows_rich:
            return await asyncio.to_thread(instead, message)
        wait_s, is_answer = FIRST_WAIT_S, message.edits is None and not message.is_question
        while True:
            if n_tried >= MOST_TRIES and is_answer:
                return await asyncio.to_thread(self._held_back, entry_id, message)
            await self._pace.wait(place.chat_id)
            await self._mark_tried(entry_id, n_tried + 1)
            try:
                done = await send(self._bot, place, marked_again(message) if n_tried else message, edited_id)
                return SendState.SENT, _id_of(done)
            except RetryAfter as flood:
                # Not taken: it is no second time, also when a crash ends the wait.
                self._pace.close(place.chat_id, seconds_of(flood))
                await self._mark_tried(entry_id, n_tried)
            except FileLostError as lost:
                return [*message.parts] or says(plain(str(lost)))
            except EndPointNotFound:
                self._knows_rich = False
                return await asyncio.to_thread(instead, message)
            except NetworkError as lost:
                if isinstance(lost, BadRequest):
                    return await self._refused(place, message, lost)
                LOG.warning("a message to %s may not have arrived: %s", place.lane, lost)
                n_tried = tries_after(lost, n_tried)
                await self._mark_tried(entry_id, n_tried)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
            except TelegramError as refusal:  # blocked, or a group that has become another chat
                LOG.error("a message to %s was refused: %s", place.lane, refusal)
                return SendState.REFUSED, None

    async def _mark_tried(self, entry_id: int, n_tried: int) -> None:
        await asyncio.to_thread(self._table.mark, entry_id, TRIES[min(n_tried, MOST_TRIES)])

    def _held_back(self, entry_id: int, message: Message) -> list[Message]:
        """A question in its place."""
        number = self._table.hold_back(entry_id, message.as_json())
        [asked] = says(plain(UNSURE), [Button(SHOW, f"{SHOWS}:{number}")])
        return [asked.model_copy(update={"is_question": True})]

    async def _refused(
        self, place: Place, message: Message, refusal: BadRequest
    ) -> tuple[SendState, int | None] | list[Message]:
        """What goes in its place, where another way is left."""
        if message.edits is not None:
            # It may come twice, or to a message that the person has deleted: nothing is lost.
            LOG.info("a message in %s was not edited: %s", place.lane, refusal)
            return SendState.REFUSED, None
        LOG.error("a message to %s was refused: %s", place.lane, refusal)
        others = await asyncio.to_thread(instead, message)
        return others or (SendState.REFUSED, None)

    async def _edited(self, message: Message) -> int | None:
        """Where the message stands that this one takes the place of; None where it was never sent."""
        if message.edits is None:
            return None
        there = await asyncio.to_thread(self._table.sent, [message.edits])
        return there[message.edits].message_id if message.edits in there else None


def marked_again(message: Message) -> Message:
    """The message with a word that it may be there twice; an edit is the same however often it is made."""
    if message.edits is not None or message.is_question:
        return message
    if message.kind == "text":
        shifted = tuple((kind, offset + len(AGAIN), length) for kind, offset, length in message.entities)
        return message.model_copy(update={"text": AGAIN + message.text, "entities": shifted})
    if message.kind == "table":
        return message.model_copy(update={"text": AGAIN.strip()})
    return message.model_copy(update={"text": f"{message.text}\n{FILE_AGAIN}" if message.text else FILE_AGAIN})


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
    return await upload(bot, message, where)


def tries_after(lost: NetworkError, n_tried: int) -> int:
    """How often a message was tried that may have arrived, after this answer to it."""
    if isinstance(lost.__cause__, NEVER_LEFT):
        return n_tried
    # Telegram's own word that it failed may be wrong once; but while it is down, tries would be used up for nothing.
    return n_tried + 1 if lost.__cause__ is not None else max(1, n_tried)


def markup_of(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """Buttons below a message: two in a row where both are short, as a phone is too narrow for more."""
    if not buttons:
        return None
    rows: list[list[InlineKeyboardButton]] = []
    for place, button in enumerate(buttons):
        fits = bool(rows) and len(rows[-1]) == 1 and max(len(button.label), len(buttons[place - 1].label)) <= MAX_HALF
        made = InlineKeyboardButton(button.label, callback_data=button.data)
        if fits:
            rows[-1].append(made)
        else:
            rows.append([made])
    return InlineKeyboardMarkup(rows)


def seconds_of(flood: RetryAfter) -> float:
    """How long Telegram takes nothing more."""
    wait = flood.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def _id_of(done: object) -> int | None:
    """The id of a message that was sent; of an album's none."""
    return done.message_id if isinstance(done, telegram.Message) else None
