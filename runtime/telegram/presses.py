"""Buttons: each press is answered at once, so that it does not spin; what starts a turn waits for its turn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from telegram import Bot, CallbackQuery, MessageEntity, Update
from telegram.error import TelegramError

from adapters.store.telegram_rows import KeptUpdate
from runtime.telegram import datasets, menu, options
from runtime.telegram.asked import Asked
from runtime.telegram.cards import NO, OPTIONS, YES
from runtime.telegram.choices import Choices
from runtime.telegram.ending import AGAIN, CANCELS, KEEPS, NOT_YOURS, SURE, Ending
from runtime.telegram.routes import Route
from runtime.telegram.sender import SHOWS, markup_of
from runtime.telegram.turns import Turns

EXPIRED = "This offer has expired: nothing was started. Its price as it is now comes below."
NOT_HELD = "It was sent already, or is no longer kept."
OLDER = "This button is of an older version."
Work = Callable[[Asked], None]


class Presses:
    """What the buttons of one bot do; `stops` are the turns that run, by lane."""

    def __init__(self, bot: Bot, turns: Turns, choices: Choices, stops: Mapping[str, threading.Event]) -> None:
        self._bot = bot
        self._turns = turns
        self._choices = choices
        self._stops = stops
        self._deciding = asyncio.Lock()
        self._ending = Ending(bot, turns, self._answer)

    async def take(self, way: Route, update: Update, kept: KeptUpdate) -> None:
        """Do what must not wait, and answer the press."""
        press = update.callback_query
        assert press is not None  # noqa: S101 - it is one
        name, _, value = way.words.partition(":")
        now: Mapping[str, Callable[[], Awaitable[None]]] = {
            "stop": lambda: self._stop(press, kept),
            YES: lambda: self._decide(press, kept, way.user_id, value, yes=True),
            NO: lambda: self._decide(press, kept, way.user_id, value, yes=False),
            **dict.fromkeys((CANCELS, SURE, KEEPS), lambda: self._ending.press(name, press, kept, way.user_id, value)),
            menu.SETS: lambda: self._set(press, kept, way.user_id, value),
            options.TAKES: lambda: self._choose(press, kept, way.user_id, value),
            AGAIN: lambda: self._ask_again(press, kept, way.user_id, value),
            SHOWS: lambda: self._show(press, kept, value),
        }
        if name in now:
            await now[name]()
        elif self.later(way) is not None:
            await self._answer(press, "One moment …")
        else:
            await self._answer(press, OLDER)
            await asyncio.to_thread(self._turns.drop, kept)

    def later(self, way: Route) -> Work | None:
        """What the press does in its lane, after all that came before it."""
        name, _, value = way.words.partition(":")
        works: Mapping[str, Work] = {
            YES: lambda asked: self._choices.fresh(asked, value),
            OPTIONS: lambda asked: self._choices.options(asked, value),
            options.TAKES: lambda asked: self._choices.choose(asked, value),
            AGAIN: lambda asked: self._choices.of_job(asked, value),
            menu.EXAMPLE: lambda asked: self._turns.example(asked, menu.EXAMPLES[int(value)]),
            datasets.REMOVE: lambda asked: datasets.answer_press(self._turns, asked, value, is_sure=False),
            datasets.SURE: lambda asked: datasets.answer_press(self._turns, asked, value, is_sure=True),
            menu.EXPORTS: lambda asked: menu.run(self._turns, asked, f"/export {value}"),
        }
        is_example = name == menu.EXAMPLE and value in map(str, range(len(menu.EXAMPLES)))
        return works.get(name) if name != menu.EXAMPLE or is_example else None

    async def refuse(self, update: Update, kept: KeptUpdate) -> None:
        """A press of somebody who may not use the bot."""
        press = update.callback_query
        assert press is not None  # noqa: S101 - it is one
        await self._answer(press, NOT_YOURS, alert=True)
        await asyncio.to_thread(self._turns.drop, kept)

    async def _stop(self, press: CallbackQuery, kept: KeptUpdate) -> None:
        cancel = self._stops.get(kept.lane)
        if cancel is not None:
            cancel.set()
        await self._answer(press, "Nothing is running." if cancel is None else "Stopping …")
        await asyncio.to_thread(self._turns.drop, kept)

    async def _decide(self, press: CallbackQuery, kept: KeptUpdate, user_id: int, nonce: str, yes: bool) -> None:
        async with self._deciding:  # of two taps the second finds the question answered
            refusal = await asyncio.to_thread(self._turns.press, kept, user_id, nonce, yes)
        is_late = yes and refusal is not None and await asyncio.to_thread(self._choices.is_expired, user_id, nonce)
        said = EXPIRED if is_late else refusal or ("Launching …" if yes else "Not started.")
        await self._answer(press, said, alert=refusal is not None)
        if is_late:
            return  # a fresh price comes in its turn
        await asyncio.to_thread(self._turns.drop_undecided, kept, user_id)
        if press.message is not None and await asyncio.to_thread(
            self._turns.is_second_card, user_id, nonce, press.message.message_id
        ):
            with suppress(TelegramError):  # a press of it would be answered
                await self._bot.edit_message_reply_markup(press.message.chat.id, press.message.message_id)

    async def _set(self, press: CallbackQuery, kept: KeptUpdate, user_id: int, value: str) -> None:
        owner, _, name = value.partition(":")
        shown = await asyncio.to_thread(menu.set_one, self._turns, user_id, name) if owner == str(user_id) else None
        await self._answer(press, NOT_YOURS if shown is None else "Kept.", alert=shown is None)
        if shown is not None and press.message is not None:
            [one] = shown
            entities = [MessageEntity(*entity) for entity in one.entities]
            with suppress(TelegramError):  # the setting stands whatever the message shows
                await self._bot.edit_message_text(
                    one.text,
                    press.message.chat.id,
                    press.message.message_id,
                    entities=entities,
                    reply_markup=markup_of(one.buttons),
                )
        await asyncio.to_thread(self._turns.drop, kept)

    async def _show(self, press: CallbackQuery, kept: KeptUpdate, value: str) -> None:
        """A message that was held back, as it may have arrived twice."""
        is_there = value.isdecimal() and await asyncio.to_thread(self._turns.give_out, kept, int(value))
        await self._answer(press, "Here it is." if is_there else NOT_HELD)
        if press.message is not None:
            with suppress(TelegramError):
                await self._bot.edit_message_reply_markup(press.message.chat.id, press.message.message_id)
        await asyncio.to_thread(self._turns.drop, kept)

    async def _ask_again(self, press: CallbackQuery, kept: KeptUpdate, user_id: int, job_id: str) -> None:
        session = await asyncio.to_thread(self._turns.session, user_id)
        is_theirs = job_id in [job.job_id for job in await asyncio.to_thread(session.jobs.all)]
        await self._answer(press, "One moment …" if is_theirs else NOT_YOURS, alert=not is_theirs)
        if not is_theirs:
            await asyncio.to_thread(self._turns.drop, kept)

    async def _choose(self, press: CallbackQuery, kept: KeptUpdate, user_id: int, quote_id: str) -> None:
        refusal = await asyncio.to_thread(self._choices.refusal, user_id, quote_id)
        await self._answer(press, refusal or "One moment …", alert=refusal is not None)
        if refusal is not None:
            await asyncio.to_thread(self._turns.drop, kept)

    async def _answer(self, press: CallbackQuery, words: str, *, alert: bool = False) -> None:
        with suppress(TelegramError):  # too old, or answered before a crash
            await self._bot.answer_callback_query(press.id, words[:200], show_alert=alert)
