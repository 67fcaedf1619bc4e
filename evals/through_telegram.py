"""A case played through the bot: its own code, the real python-telegram-bot, a strict Telegram on loopback.

A person writes words, sends files, presses buttons; what they read is what stands in the chat. Two things are done as
one does them there: a file that a call loads from this machine is sent as a document, under the name that the dataset
is to have, before the words that speak of it, and the call then has the source of that upload; a decision is a button.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from telegram.error import TelegramError
from telegram.ext import Updater

from adapters.store.telegram import UpdateTable
from agent.acting import Emit
from agent.command import is_command
from agent.conversation import Conversation, calls_in
from agent.events import Ask, Event, Flagged, Notice, TurnEnded
from evals.case import CaseError, Reply, Turn
from evals.front import DIED, NOTHING, Person
from evals.script import Crash, with_sources
from evals.world.bot_api import BotApi, bot_api
from evals.world.bot_api import Person as Writer
from prompts.cards import flagged_sentence
from runtime.all_jobs import AllJobs
from runtime.person import Person as Owner
from runtime.program import Program
from runtime.reconciler import Reconciler
from runtime.session import Session
from runtime.telegram.bot import TelegramBot
from runtime.telegram.cards import CANCEL, LAUNCH
from runtime.telegram.people import PREFIX, person_of
from runtime.telegram.serving import KINDS, make_bot

FIRST_ID = 1001
WAIT_S = 120.0
LOAD = "load_dataset"


class HeardSession(Session):
    """A session whose turns are heard: how they end is nowhere in the chat."""

    def __init__(self, program: Program, person: Owner, heard: dict[str, list[Event]]) -> None:
        super().__init__(program, person)
        self._heard = heard.setdefault(person.owner_id, [])

    def turn(self, conversation: Conversation, words: str | None, emit: Emit, cancel: threading.Event) -> TurnEnded:
        """The turn, and how it ended among what was heard."""

        def hear(event: Event) -> None:
            self._heard.append(event)
            emit(event)

        try:
            ended = super().turn(conversation, words, hear, cancel)
        except Crash:
            self._heard.append(DIED)
            raise
        self._heard.append(ended)
        return ended


@dataclass
class Serving:
    """The bot of one program in a thread; `stop` ends it as kill -9 would, between two lines of its own."""

    program: Program
    heard: dict[str, list[Event]]
    _ready: threading.Event = field(default_factory=threading.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _task: asyncio.Task[None] | None = None
    _thread: threading.Thread = field(init=False)
    _failed: list[BaseException] = field(default_factory=list)

    def start(self) -> None:
        """Serve, once it polls."""
        self._thread = threading.Thread(target=self._run, name="bot", daemon=True)
        self._thread.start()
        self._ready.wait(WAIT_S)
        if self._failed:
            raise self._failed[0]

    def stop(self) -> None:
        """Cancel whatever it does."""
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(WAIT_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except asyncio.CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - whoever started it is told
            self._failed.append(error)
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._loop.set_exception_handler(lambda loop, context: None)  # a crash that the case wants is no news
        async with make_bot(self.program.settings) as bot:
            telegram = TelegramBot(self.program, bot, lambda program, owner: HeardSession(program, owner, self.heard))
            bot.keeps_in(telegram.inbox)
            updater = Updater(bot, update_queue=telegram.inbox)
            async with updater:
                await updater.start_polling(timeout=1, allowed_updates=KINDS, error_callback=_pass_over)
                with Reconciler(AllJobs(self.program), on_end=telegram.announce):
                    self._ready.set()
                    try:
                        await telegram.run()
                    finally:
                        await updater.stop()


def _pass_over(error: TelegramError) -> None:
    """A poll that failed is made again."""


@dataclass
class Chat:
    """A person in their chat: how much of it they have read, and the source of each file that they have sent."""

    writer: Writer
    user_id: int
    n_read: int = 0
    n_presses: int = 0
    sources: dict[str, str] = field(default_factory=dict)


class Telegram:
    """The front end of a case; a context manager that holds the simulated Telegram."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = turns
        names = dict.fromkeys(turn.person for turn in turns)
        self._ids = {name: FIRST_ID + place for place, name in enumerate(names)}
        self._stack = ExitStack()
        self._api = self._stack.enter_context(bot_api(BotApi()))
        self._chats: dict[str, Chat] = {}
        self._heard: dict[str, list[Event]] = {}
        self._serving: Serving | None = None
        self._table: UpdateTable | None = None

    def close(self) -> None:
        """End the simulated Telegram."""
        self._stack.close()

    def settings(self) -> Mapping[str, Any]:
        """The bot of the simulated Telegram, which lets in whom the case names."""
        return {
            "telegram_allowed": ",".join(map(str, self._ids.values())),
            "telegram_bot_token": self._api.token,
            "telegram_api_base": self._api.url,
            "telegram_max_per_minute": 10_000,
        }

    def start(self, program: Program) -> None:
        """Start the bot; what an earlier one has left open it answers at once."""
        self._table = UpdateTable(program.database, self._api.chats.bot.user_id)
        self._serving = Serving(program, self._heard)
        self._serving.start()

    def stop(self) -> None:
        """Kill it."""
        if self._serving is not None:
            self._serving.stop()
        self._serving = None

    def join(self, name: str) -> Person:
        """Somebody who says /new: the conversation is there from then on."""
        user_id = self._ids[name]
        self._chats[name] = chat = Chat(Writer.joins(self._api, user_id, name), user_id)
        chat.writer.says("/new")
        self._wait(chat)
        self._read(chat)
        return self._person(chat)

    def go_on(self, name: str, before: Person) -> Person:
        """The chat is what it was; the bot goes on by itself."""
        return self._person(self._chats[name])

    def _person(self, chat: Chat) -> Person:
        assert self._table is not None
        assert self._serving is not None
        program = self._serving.program
        session = Session(program, person_of(program.settings, chat.user_id))
        return Person(session, session.resume(self._table.conversation_of(str(chat.user_id), chat.user_id)))

    def prepare(self, name: str, turn: Turn) -> list[Reply]:
        """Files that the script loads are sent as documents before the words; the script then names the uploads."""
        chat = self._chats[name]
        for source, wanted in self._loaded(turn) if turn.user is not None else ():
            path = Path(source)
            if source not in chat.sources and path.is_file():
                chat.writer.sends_file(f"{wanted or path.stem}{path.suffix}", path.read_bytes())
                self._wait(chat)
                chat.sources[source] = _last_upload(self._person(chat).conversation)
        if not turn.resume:  # what is said while the program starts again is of this turn
            self._read(chat)
            self._heard_of(chat).clear()
        return [with_sources(reply, chat.sources) for reply in turn.replies]

    def act(self, name: str, person: Person, turn: Turn) -> tuple[TurnEnded, str]:
        """Write the words, or press the button; read the chat when all is said."""
        chat = self._chats[name]
        problem = self._do(chat, turn)
        self._wait(chat)
        now, heard = self._person(chat), self._heard_of(chat)
        person.session, person.conversation = now.session, now.conversation
        texts = self._read(chat)
        person.events += self._seen(chat, heard, texts, person)
        ends = [event for event in heard if isinstance(event, TurnEnded)]
        heard.clear()
        if ends:
            return replace(ends[-1], text="\n".join(texts)), problem
        is_asked = person.session.pending(person.conversation) is not None
        return replace(NOTHING, reason="asked") if is_asked else NOTHING, problem

    def _loaded(self, turn: Turn) -> Iterator[tuple[str, str | None]]:
        """What is loaded in the turn, and until the person writes again: a file that comes while a card is open, as
        words that do, is no answer to it.
        """
        place = next(place for place, one in enumerate(self._turns) if one is turn)
        mine = [one for one in self._turns[place:] if one.person == turn.person]
        later = itertools.takewhile(lambda one: one.user is None, mine[1:])
        for one in (turn, *later):
            for reply in one.replies:
                yield from _loads(reply)

    def _heard_of(self, chat: Chat) -> list[Event]:
        return self._heard.setdefault(f"{PREFIX}{chat.user_id}", [])

    def _do(self, chat: Chat, turn: Turn) -> str:
        if turn.user is not None:
            chat.writer.says(turn.user)
        elif turn.decision is not None:
            label = LAUNCH if turn.decision == "yes" else CANCEL
            with_label = [one for one in chat.writer.reads() if label in str(one.get("reply_markup"))]
            if not with_label:
                return "no question is open"
            chat.writer.presses(label, with_label[-1])
        return ""

    def _wait(self, chat: Chat) -> None:
        """Until the bot has answered all that was sent, and all of the answers have arrived; or has died."""
        assert self._table is not None
        heard = self._heard_of(chat)
        until = time.monotonic() + WAIT_S
        while self._api.updates.waiting or self._table.open() or self._table.unsent():
            if DIED in heard:
                return
            if time.monotonic() > until:
                raise CaseError(f"the bot has not answered after {WAIT_S:.0f} s: {self._table.open()}")
            time.sleep(0.01)

    def _read(self, chat: Chat) -> list[str]:
        """What is new in the chat, and what pressed buttons have shown."""
        texts, presses = chat.writer.texts(), self._api.called("answerCallbackQuery")
        found = texts[chat.n_read :] + [str(call.values.get("text", "")) for call in presses[chat.n_presses :]]
        chat.n_read, chat.n_presses = len(texts), len(presses)
        return found

    def _seen(self, chat: Chat, heard: Sequence[Event], texts: Sequence[str], person: Person) -> Iterator[Event]:
        """What the person could see of it: notices, warnings of numbers and the card as they stand in the chat."""
        yield from map(Notice, texts)
        question = person.session.pending(person.conversation)
        for event in heard:
            if isinstance(event, Flagged):
                if any(flagged_sentence(event.numbers) in text for text in texts):
                    yield event
            elif not isinstance(event, Notice | Ask | TurnEnded):
                yield event
        if question is not None:
            for message in reversed(chat.writer.reads()):
                if question.row.nonce in str(message.get("reply_markup")):
                    yield Ask(question.row.approval_id, question.row.nonce, question.quote, str(message["text"]))
                    return


def _loads(reply: Reply) -> Iterator[tuple[str, str | None]]:
    """(source, name) of each load in the reply."""
    wire = [block for block in reply.wire or () if block.get("type") == "tool_use"]
    calls = [(call.name, call.arguments) for call in reply.calls]
    calls += [(str(block["name"]), block["input"]) for block in wire if isinstance(block["input"], dict)]
    for tool, arguments in calls:
        if tool == LOAD and isinstance(arguments.get("source"), str):
            yield arguments["source"], arguments.get("name")


def _last_upload(conversation: Conversation) -> str:
    """The source of the file that was sent last."""
    calls = [call for message in conversation.messages for call in calls_in(message.content)]
    return str([call.arguments["source"] for call in calls if is_command(call.call_id) and call.name == LOAD][-1])
