"""The bot: takes updates in, answers each once, sends what is to be sent."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from telegram import Bot, Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from adapters.store.database import StoreError
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_limits import ErrorKind
from adapters.store.telegram_people import PeopleTable
from adapters.store.telegram_rows import KEPT_FOR, KeptUpdate, UpdateState
from agent.stopping import Stop
from runtime.program import Program
from runtime.session import Session
from runtime.telegram import menu
from runtime.telegram.asked import Asked
from runtime.telegram.choices import Choices
from runtime.telegram.first_signs import FirstSigns
from runtime.telegram.floods import Floods
from runtime.telegram.following import Following
from runtime.telegram.inbox import Inbox
from runtime.telegram.lanes import Lanes
from runtime.telegram.pacing import Pace
from runtime.telegram.people import Access
from runtime.telegram.places import is_urgent, read_lane, stopped_draft
from runtime.telegram.preferences import Preferences
from runtime.telegram.presses import Presses
from runtime.telegram.receiving import Receiving
from runtime.telegram.routes import Route, route
from runtime.telegram.sender import Sender, seconds_of
from runtime.telegram.sendings import Sendings
from runtime.telegram.showing import Showing
from runtime.telegram.turns import Sessions, Turns
from tools.jobs.following import JobView

MENU_WAIT_S, STORE_WAIT_S = 600.0, 1.0
N_TURNS = 16
"""Turns that are taken at once."""
TURNS = frozenset(["words", "command", "file", "press"])
"""Ways that may lead to a turn, which is shown as the person likes it."""
OTHER = (
    "I read text and files (CSV, TSV, Excel, Parquet, JSON; also packed). Send one of these, or write what you want "
    "to know."
)
LEAVES = "This bot is private, and whoever added it here may not use it: it leaves."
EDITED = "I go by messages as they were first sent. Write it again and I take it."
WORKED = "Sorry, that is a mistake of mine (error {error_id}); what was done so far is kept."
LOG = logging.getLogger(__name__)


class TelegramBot:
    """One bot of one program; `run` serves until it is cancelled."""

    def __init__(self, program: Program, bot: Bot, sessions: Sessions = Session) -> None:
        self._program = program
        self._bot = bot
        self._table = UpdateTable(program.database, bot.id)
        self._access = Access(program.settings, PeopleTable(program.database), program.clock)
        self._pace = Pace()
        self._first_signs = FirstSigns(bot, self._access)
        self.sender = Sender(bot, self._table, self._pace)
        floods = Floods(bot, self._access, program.settings.telegram_max_per_minute)
        self.inbox = Inbox(self._table, program.clock, floods.writer, self.sender.notify)
        self._turns = Turns(program, self._table, sessions)
        self._following = Following(bot, self._table, self._turns.session, self._pace, self.sender.notify)
        self._receiving = Receiving(bot, program.settings.telegram_files, program.settings.home)
        self._sendings = Sendings(self._turns, self._table, bot, self._access, self._receiving)
        self._lanes = Lanes()
        self._pool = ThreadPoolExecutor(N_TURNS, "turn")
        self._stops: dict[str, Stop] = {}
        self._presses = Presses(bot, self._turns, Choices(self._turns, self._table), self._stops)
        self._drafts: dict[str, int] = {}
        # A stop of before a restart stops nothing of after it.
        self._draft_id = secrets.randbelow(2**30)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Answer what an earlier run has left open, then what comes."""
        self._loop = asyncio.get_running_loop()
        await asyncio.to_thread(lambda: self._program.tool_schemas)  # else the first turns at once make them, each
        self._receiving.begin()
        await asyncio.to_thread(self._table.forget_sent, self._program.clock() - KEPT_FOR)
        left = await asyncio.to_thread(self._table.open)
        for kept in left:
            self._take(Update.de_json(dict(kept.content), self._bot), kept)
        # Polling may have begun: what was kept a moment ago is among those that were left, and in the queue as well.
        taken = {kept.update_id for kept in left}
        works = (self.sender.run(), self._following.run(), self._offer_menu())
        beside = [asyncio.create_task(work) for work in works]
        try:
            while True:
                update, kept = await self.inbox.get()
                if kept.update_id not in taken:
                    self._take(update, kept)
        finally:
            for task in beside:
                task.cancel()

    async def _offer_menu(self) -> None:
        """What Telegram shows when a person types a slash; the bot answers also while this does not go through."""
        commands, wait_s = [(name, text[:256]) for name, text in menu.menu_of()], 1.0
        while True:
            try:
                await self._bot.set_my_commands(commands)
                return
            except RetryAfter as flood:
                await asyncio.sleep(seconds_of(flood))
            except NetworkError as lost:
                LOG.warning("the menu of commands was not set: %s", lost)
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, MENU_WAIT_S)

    async def end(self, seconds: float) -> None:
        """Let turns that run come to their end, at most so long.

        Those that run then are left where they stand, with a valid log, and are answered when the bot runs again.
        """
        await self._lanes.finish(seconds)
        self._turns.leave_open()
        for cancel in self._stops.values():
            cancel.set_for_later()
        await self._lanes.finish(2.0)
        await self.sender.flush(5.0)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def announce(self, view: JobView) -> None:
        """A job has ended: told where it was asked for; called from the thread that saw it."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._following.news)

    def _take(self, update: Update, kept: KeptUpdate) -> None:
        if is_urgent(update):
            deciding = self._lanes.beside(lambda: self._handle(update, kept))
            if update.callback_query is not None:
                # What the person writes after the press comes after what the press has started.
                self._lanes.add(kept.lane, lambda: self._follow(deciding, update, kept))
        else:
            self._first_signs.add(update)
            self._lanes.add(kept.lane, lambda: self._handle(update, kept))

    async def _handle(self, update: Update, kept: KeptUpdate) -> None:
        """Until it is answered: what comes after it in its chat waits, so that no answer holds that of another."""
        wait_s, is_first = STORE_WAIT_S, True
        await self._first_signs.calm()
        while True:
            try:
                now = kept if is_first else await asyncio.to_thread(self._table.get, kept.update_id)
                if now.state is not UpdateState.DONE:
                    await self._handle_once(update, now)
                break
            except StoreError as error:
                LOG.error("an update waits for the database: %s", error)
                await asyncio.sleep(wait_s)
                wait_s, is_first = min(2 * wait_s, MENU_WAIT_S), False
        self.sender.notify()

    async def _handle_once(self, update: Update, kept: KeptUpdate) -> None:
        try:
            way, likes = await asyncio.to_thread(self._look, update)
            await self._go(way, likes, update, kept)
        except StoreError:
            raise
        except Exception:  # the one place where a bug of the bot is told
            error_id = secrets.token_hex(4)
            LOG.exception("error %s in an update", error_id)
            await asyncio.to_thread(self._table.count_error, ErrorKind.BUG, self._program.clock())
            await asyncio.to_thread(self._turns.tell, kept, WORKED.format(error_id=error_id))

    def _look(self, update: Update) -> tuple[Route, Preferences]:
        """What is to be done, and how the person likes it; called in a thread."""
        way = route(update, self._access, self._bot)
        return way, self._turns.preferences(way.user_id) if way.kind in TURNS else Preferences()

    async def _go(self, way: Route, likes: Preferences, update: Update, kept: KeptUpdate) -> None:
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "nothing": lambda: asyncio.to_thread(self._turns.drop, kept),
            "stranger": lambda: asyncio.to_thread(self._turns.tell_stranger, kept, way.user_id),
            "paired": lambda: asyncio.to_thread(self._turns.reply, kept, way.user_id, menu.welcome()),
            "edited": lambda: asyncio.to_thread(self._turns.tell, kept, EDITED),
            "other": lambda: asyncio.to_thread(self._turns.tell, kept, OTHER),
            "stop": lambda: self._stop(kept),
            "stop draft": lambda: self._stop_draft(update, kept),
            "leave": lambda: self._leave(kept),
            "press": lambda: self._presses.take(way, update, kept),
            "refused press": lambda: self._presses.refuse(update, kept),
            "words": lambda: self._turn(kept, way, likes, lambda asked: self._sendings.say(asked, way.words)),
            "command": lambda: self._turn(kept, way, likes, lambda asked: menu.run(self._turns, asked, way.words)),
            "file": lambda: self._turn(kept, way, likes, self._sendings.load),
        }
        await ways[way.kind]()

    async def _turn(self, kept: KeptUpdate, way: Route, likes: Preferences, work: Callable[[Asked], None]) -> None:
        """Take a turn in a thread, and show it while it runs."""
        place, cancel = read_lane(kept.lane), Stop()
        self._draft_id += 1
        typed_at = self._first_signs.taken_at(kept.lane)
        showing = Showing(self._bot, place, self._pace, self._draft_id, likes.previews, typed_at=typed_at)
        self._stops[kept.lane], self._drafts[kept.lane] = cancel, self._draft_id
        shown = asyncio.create_task(showing.run())
        try:
            asked = Asked(kept, way.user_id, showing.take, cancel)
            await asyncio.get_running_loop().run_in_executor(self._pool, work, asked)
        finally:
            self._stops.pop(kept.lane, None)
            self._drafts.pop(kept.lane, None)
            self.sender.notify()
            self._following.news()
            await showing.end()
            shown.cancel()
            await asyncio.gather(shown, return_exceptions=True)

    async def _stop(self, kept: KeptUpdate) -> None:
        """Stop what runs there; where nothing does, say so."""
        cancel = self._stops.get(kept.lane)
        if cancel is None:
            await asyncio.to_thread(self._turns.tell, kept, "Nothing is running.")
            return
        cancel.set()
        await asyncio.to_thread(self._turns.tell, kept, "Stopped.")

    async def _stop_draft(self, update: Update, kept: KeptUpdate) -> None:
        """Telegram's own button below an answer that is being written: ends that one, and never a later one."""
        stopped, cancel = stopped_draft(update), self._stops.get(kept.lane)
        if cancel is not None and stopped is not None and self._drafts.get(kept.lane) == stopped.draft_id:
            cancel.set()
        await asyncio.to_thread(self._turns.drop, kept)

    async def _leave(self, kept: KeptUpdate) -> None:
        """A group to which somebody has added the bot who may not use it; done again after a crash."""
        place = read_lane(kept.lane)
        with suppress(TelegramError):  # it may not be allowed to write there
            await self._bot.send_message(place.chat_id, LEAVES)
        wait_s = 1.0
        while True:
            try:
                await self._bot.leave_chat(place.chat_id)
                break
            except RetryAfter as flood:
                await asyncio.sleep(seconds_of(flood))
            except (BadRequest, Forbidden):  # it is not there any more
                break
            except NetworkError:
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, MENU_WAIT_S)
        await asyncio.to_thread(self._turns.drop, kept)

    async def _follow(self, deciding: asyncio.Task[None], update: Update, kept: KeptUpdate) -> None:
        """What a press leads to: the turn that goes on after a decision, or one of its own."""
        await deciding
        now = await asyncio.to_thread(self._table.get, kept.update_id)
        if now.state is UpdateState.DONE:
            return
        way, likes = await asyncio.to_thread(self._look, update)
        work = self._turns.go_on if now.state is UpdateState.TAKEN else self._presses.later(way)
        if work is not None:
            await self._turn(now, way, likes, work)
