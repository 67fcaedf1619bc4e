"""What a person sees while a turn runs: typing, the words as they come, what is being computed, a button to stop it."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass, field

from telegram import Bot
from telegram.error import TelegramError

from agent.events import Event, TakenBack, TextDelta, ToolFinished, ToolProgress, ToolStarted
from runtime.telegram.formatting import MAX_UNITS, format_markdown, pieces
from runtime.telegram.outgoing import Button
from runtime.telegram.pacing import Pace
from runtime.telegram.places import Place
from runtime.telegram.sender import markup_of

TYPING_S = 4.0
FIRST_NOTE_S = 2.5
EVERY_S = 1.5
STOP = Button("Stop", "stop")


@dataclass
class Showing:
    """One turn as it is shown; `take` is called from the turn's thread, all else from the loop of events.

    All of it is a preview: what does not go through is left out, and the answer comes by the outbox.
    """

    bot: Bot
    place: Place
    pace: Pace
    draft_id: int
    previews: bool = True
    """Whether words are shown while they are written."""
    typed_at: float | None = None
    """When typing was shown there before, by the loop's clock."""
    words: str = ""
    doing: str = ""
    note_id: int | None = None
    _shown: str = ""
    _noted: str = ""
    _ended: asyncio.Event = field(default_factory=asyncio.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, event: Event) -> None:
        """What has happened."""
        with self._lock:
            if isinstance(event, TextDelta):
                self.words += event.text
            elif isinstance(event, TakenBack):
                self.words = ""
            elif isinstance(event, ToolStarted):
                self.doing, self.words = f"{event.name} …", ""
            elif isinstance(event, ToolProgress):
                part = "" if event.fraction is None else f" ({event.fraction:.0%})"
                self.doing = f"{event.sentence}{part}"
            elif isinstance(event, ToolFinished):
                self.doing = ""

    async def run(self) -> None:
        """Show it until the turn ends."""
        started = asyncio.get_running_loop().time()
        noted_at = -TYPING_S
        typed_at = -TYPING_S if self.typed_at is None else self.typed_at
        while not self._ended.is_set():
            now = asyncio.get_running_loop().time()
            with suppress(TelegramError):
                if now - typed_at >= TYPING_S:
                    typed_at = now
                    await self.bot.send_chat_action(self.place.chat_id, "typing", self.place.thread_id)
                if now - started >= FIRST_NOTE_S and now - noted_at >= EVERY_S:
                    noted_at = now
                    await self._note()
                await self._draft()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), 0.25)

    async def end(self) -> None:
        """Take away what stood for the answer."""
        self._ended.set()
        if self.note_id is not None:
            with suppress(TelegramError):
                await self.bot.delete_message(self.place.chat_id, self.note_id)

    async def _draft(self) -> None:
        """The words as they come; only a private chat has drafts."""
        words = self.words
        if self.place.is_group or not self.previews or not words.strip() or words == self._shown:
            return
        if self.pace.may_preview(self.place.chat_id):
            self._shown = words
            last = pieces(format_markdown(words))[-1]
            await self.bot.send_message_draft(
                self.place.chat_id, self.draft_id, last.text, api_kwargs={"can_stop": True}
            )

    def _note_text(self) -> str:
        """What is being computed; in a group the words as they come, as only private chats have drafts."""
        words = self.words
        if self.place.is_group and self.previews and words.strip() and not self.doing:
            return pieces(format_markdown(words), MAX_UNITS - 2)[-1].text + " …"
        return self.doing or "Thinking …"

    async def _note(self) -> None:
        """That, with the button."""
        text = self._note_text()
        if not self.pace.may_preview(self.place.chat_id):
            return
        markup = markup_of((STOP,))
        if self.note_id is None:
            note = await self.bot.send_message(
                self.place.chat_id, text, reply_markup=markup, message_thread_id=self.place.thread_id
            )
            self.note_id, self._noted = note.message_id, text
        elif text != self._noted:
            self._noted = text
            await self.bot.edit_message_text(text, self.place.chat_id, self.note_id, reply_markup=markup)
