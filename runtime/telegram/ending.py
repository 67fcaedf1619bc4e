"""Ending a job by its button: the first press asks, the second ends it, and only its owner's count.

Each is answered at once, beside whatever turn runs; the job's own message says what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from telegram import Bot, CallbackQuery
from telegram.error import TelegramError

from adapters.errors import AdapterError
from adapters.records import Job
from adapters.store.telegram_rows import KeptUpdate
from prompts.dollars import dollars
from runtime.session import Session
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Button, says
from runtime.telegram.turns import Turns
from tools.errors import ToolError
from tools.jobs.following import JobView

CANCELS, SURE, KEEPS, AGAIN = "c", "cy", "cn", "ca"
"""What a press begins with that asks whether to end a job, ends it, lets it run, asks for its price anew; the job's id
follows."""
ASKS = "End {job_id}? It has run {seconds:.0f} s and cost {usd}; what it has computed is lost."
ASKED = "Is {job_id} to be ended? See the question below."
ENDING, ALREADY = "Ending {job_id} …", "{job_id} is being ended already."
RUNS_ON = "{job_id} runs on."
OVER = "{job_id} has ended already: {state}."
NOT_YOURS = "Only the person who asked can press this."
ASKED_FOR_S = 30.0
"""So long a second press of the first button asks no second time."""

Answer = Callable[..., Awaitable[None]]


def cancel_button(job_id: str, label: str = "Cancel") -> Button:
    """The button that ends a job; whose press it is, is looked at when it comes."""
    return Button(label, f"{CANCELS}:{job_id}")


def again_button(job_id: str) -> Button:
    """The button that asks for the price of now of what the job was to do."""
    return Button("Ask me again", f"{AGAIN}:{job_id}")


class Ending:
    """The buttons that end jobs of one bot's people; `answer` answers a press."""

    def __init__(self, bot: Bot, turns: Turns, answer: Answer) -> None:
        self._bot = bot
        self._turns = turns
        self._answer = answer
        self._asked: dict[str, float] = {}

    async def press(self, name: str, press: CallbackQuery, kept: KeptUpdate, user_id: int, job_id: str) -> None:
        """Do what the press says."""
        session = self._turns.session(user_id)
        found = [job for job in await asyncio.to_thread(session.jobs.all) if job.job_id == job_id]
        if not found:
            await self._answer(press, NOT_YOURS, alert=True)
        elif found[0].state.is_final:
            said = OVER.format(job_id=job_id, state=found[0].state.replace("_", " "))
            await self._answer(press, said)
            if name != CANCELS:
                await self._close(press, job_id, said)
        elif name == CANCELS:
            await self._ask(press, kept, session, found[0])
            return
        elif name == KEEPS:
            await self._answer(press, RUNS_ON.format(job_id=job_id))
            await self._close(press, job_id, RUNS_ON.format(job_id=job_id))
        else:
            await self._end(press, kept, session, found[0])
            return
        await asyncio.to_thread(self._turns.drop, kept)

    async def _ask(self, press: CallbackQuery, kept: KeptUpdate, session: Session, job: Job) -> None:
        now, job_id = asyncio.get_running_loop().time(), job.job_id
        self._asked = {one: at for one, at in self._asked.items() if now - at < ASKED_FOR_S}
        if job.cancel_requested or job_id in self._asked:
            await self._answer(press, (ALREADY if job.cancel_requested else ASKED).format(job_id=job_id))
            await asyncio.to_thread(self._turns.drop, kept)
            return
        self._asked[job_id] = now
        await self._answer(press, ASKED.format(job_id=job_id))
        try:
            view: JobView = await asyncio.to_thread(session.jobs.get, job_id)
        except (AdapterError, ToolError) as error:
            await asyncio.to_thread(self._turns.tell, kept, str(error))
            return
        words = ASKS.format(job_id=job_id, seconds=view.seconds, usd=dollars(view.cost_usd))
        buttons = [Button("Yes, end it", f"{SURE}:{job_id}"), Button("Let it run", f"{KEEPS}:{job_id}")]
        await asyncio.to_thread(self._turns.put_answer, kept, says(plain(words), buttons))

    async def _end(self, press: CallbackQuery, kept: KeptUpdate, session: Session, job: Job) -> None:
        said = (ALREADY if job.cancel_requested else ENDING).format(job_id=job.job_id)
        await self._answer(press, said)
        await self._close(press, job.job_id, said)
        try:
            # Also where it was asked for before: a crash may have come between the word and the deed.
            await asyncio.to_thread(session.jobs.cancel, job.job_id)
        except (AdapterError, ToolError) as error:
            await asyncio.to_thread(self._turns.tell, kept, str(error))
            return
        await asyncio.to_thread(self._turns.drop, kept)

    async def _close(self, press: CallbackQuery, job_id: str, words: str) -> None:
        """The question as it stands once it was answered, without its buttons."""
        self._asked.pop(job_id, None)
        if press.message is not None:
            with suppress(TelegramError):  # it may stand so already
                await self._bot.edit_message_text(words, press.message.chat.id, press.message.message_id)
