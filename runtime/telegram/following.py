"""Jobs that are followed: one message for each, edited in place while it runs, and its end told once.

Which jobs, and where, is asked of the database each time: a bot that is started again goes on with the same messages.
The end stands in the outbox under the job's own key, in one transaction; who comes second puts nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from telegram import Bot
from telegram.error import BadRequest, RetryAfter, TelegramError

from adapters.errors import AdapterError
from adapters.records import Job
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import END, FollowedJob, Sent
from prompts.cards import JobProgress, ended_card, progress_card
from runtime.session import Session
from runtime.telegram.ending import again_button, cancel_button
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Message, hands_over, replaces, says
from runtime.telegram.pacing import Pace
from runtime.telegram.places import read_lane
from runtime.telegram.sender import markup_of, seconds_of
from tools.errors import ToolError
from tools.job_lines import JobStatus, job_line
from tools.jobs.following import JobView

LOOK_S, IDLE_S = 2.0, 20.0
"""Seconds between two looks: while something runs, and where nothing does."""
EDIT_S, SAME_S = 3.0, 30.0
"""Seconds between two edits: where the bar or the stage has changed, and where only the seconds have."""
LATER_S = 60.0
"""Seconds until a job that could not be looked at is tried again."""
MAX_REFUSED = 2
"""One edit may be refused because the message stands so already; after two it is gone, and is left alone."""
FOLLOWS = "job:"
LOG = logging.getLogger(__name__)


@dataclass
class _Message:
    """What a job's message shows, and since when."""

    at: float = -SAME_S
    stage: tuple[int, str] = (-1, "")
    n_refused: int = 0


@dataclass
class Following:
    """The jobs of one bot's people; `news` says that one may have begun or ended."""

    bot: Bot
    table: UpdateTable
    session: Callable[[int], Session]
    pace: Pace
    sent: Callable[[], None]
    """Told that the outbox holds something new."""
    _messages: dict[str, _Message] = field(default_factory=dict)
    _later: dict[str, float] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def news(self) -> None:
        """Look now."""
        self._news.set()

    async def run(self) -> None:
        """Follow until cancelled; what goes wrong is logged, and the next look tries again."""
        while True:
            n_open = 0
            try:
                n_open = await self.look()
            except Exception:  # whatever it is, jobs are followed on
                LOG.exception("jobs could not be followed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_S if n_open else IDLE_S)
                await asyncio.sleep(0.2)
            self._news.clear()

    async def look(self) -> int:
        """Bring the message of each job to how it stands; gives how many jobs are not over."""
        followed = await asyncio.to_thread(self.table.followed_jobs)
        known = {one.job_id for one in followed}
        self._messages = {job_id: shown for job_id, shown in self._messages.items() if job_id in known}
        n_open = 0
        for one in followed:
            if self._later.get(one.job_id, 0.0) > self._now():
                continue
            try:
                told, message = await asyncio.to_thread(self._tell, one)
            except (AdapterError, ToolError) as error:
                LOG.warning("%s could not be followed: %s", one.job_id, error)
                self._later[one.job_id] = self._now() + LATER_S
                continue
            n_open += told.ended is None
            if told.ended is None and message is not None:
                await self._edit(one, told, message)
        self.sent()
        return n_open

    def _tell(self, one: FollowedJob) -> tuple[JobProgress, Sent | None]:
        """Put the job's message into the outbox where it has none yet, or its end; called in a thread."""
        session = self.session(one.user_id)
        view = session.jobs.get(one.job_id)
        key = FOLLOWS + one.job_id
        if not view.job.state.is_final:
            told = progress_of(session, view, None)
            begun = says(plain(progress_card(told)), [cancel_button(one.job_id)])
            self.table.put(one.lane, [message.as_json() for message in begun], session.clock(), key)
        else:
            line = job_line(view, session.models)
            told = progress_of(session, view, line)
            there = [replaces(key, plain(progress_card(told)))] if key in self.table.sent([key]) else []
            passed = session.purse.passed_by(view.job.cost_usd, view.job.finished_at)
            buttons = [again_button(one.job_id)] if line.ask_again else []
            end = [
                *there,
                *says(plain(ended_card(line.as_json(), passed, session.has_file_of(view.job))), buttons),
                *file_of(session, view.job),
            ]
            self.table.put(one.lane, [message.as_json() for message in end], session.clock(), END + one.job_id)
        return told, self.table.sent([key]).get(key)

    async def _edit(self, one: FollowedJob, told: JobProgress, message: Sent) -> None:
        """Show how it stands now, no more often than it is worth it; an edit that fails is left out."""
        shown = self._messages.setdefault(one.job_id, _Message())
        stage, since = (int(told.share * 20), told.status), self._now() - shown.at
        is_due = since >= EDIT_S and (stage != shown.stage or since >= SAME_S)
        chat_id = read_lane(one.lane).chat_id
        if (
            message.message_id is None
            or shown.n_refused >= MAX_REFUSED
            or not is_due
            or not self.pace.may_preview(chat_id)
        ):
            return
        shown.at, shown.stage = self._now(), stage
        markup = markup_of((cancel_button(one.job_id),))
        try:
            await self.bot.edit_message_text(progress_card(told), chat_id, message.message_id, reply_markup=markup)
        except RetryAfter as flood:
            self.pace.close(chat_id, seconds_of(flood))
        except BadRequest as refusal:
            shown.n_refused += 1
            LOG.info("the message of %s was not edited: %s", one.job_id, refusal)
        except TelegramError as error:
            LOG.info("the message of %s was not edited: %s", one.job_id, error)
        else:
            shown.n_refused = 0

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def file_of(session: Session, job: Job) -> list[Message]:
    """The file of predictions, unless the conversation has it already: what is quick is waited for in the turn."""
    file = session.jobs.file_of(job)
    if file is None or session.has_file_of(job):
        return []
    return hands_over(file)


def progress_of(session: Session, view: JobView, line: JobStatus | None) -> JobProgress:
    """How a job stands, with its scores where `line` has them."""
    job, quote = view.job, session.jobs.quote_of(view.job)
    ended = job.state.replace("_", " ") if job.state.is_final else None
    return JobProgress(
        job_id=job.job_id,
        model=job.spec.work.model,
        target=job.spec.work.target,
        dataset=job.spec.dataset,
        share=view.progress,
        status="ending" if job.cancel_requested else view.status,
        seconds=view.seconds,
        max_seconds=0 if quote is None else quote.max_seconds,
        usd=view.cost_usd,
        cap_usd=view.cost_usd if quote is None else quote.cap_usd,
        ended=ended,
        scores={} if line is None or line.metrics is None else line.metrics,
    )
