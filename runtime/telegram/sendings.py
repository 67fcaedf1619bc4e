"""What is sent to be loaded: files that come in a row, or a table in a text; then the question that came with it, once.

An album comes as one update a file, with the caption at any of them. So the first file of a row loads, looks for those
that came after it, takes them over, and only when a second has passed without another one is the question asked. What
was taken over is part of the first update from then on. After a crash it goes on where it was: the log says what is
loaded, an upload is kept under the number of its update, and the question is asked once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telegram import Bot, Update

from adapters.count_words import counted
from adapters.data.base import Watch
from adapters.errors import AdapterError
from adapters.records import JsonValue
from adapters.store.telegram import UpdateTable
from adapters.store.telegram_rows import KeptUpdate, UpdateState
from agent.conversation import Conversation, OpenCall, calls_in, said
from agent.events import ToolProgress
from runtime.session import Session
from runtime.telegram.asked import Asked, Heard
from runtime.telegram.cut_pastes import MOST_MESSAGES, joined, may_go_on
from runtime.telegram.parts import PASTED, Part, parts_of
from runtime.telegram.people import Access
from runtime.telegram.places import writer_of
from runtime.telegram.receiving import Receiving
from runtime.telegram.routes import route, words_in
from runtime.telegram.turns import Turns
from tools.load_dataset.result import Loaded

QUIET = timedelta(seconds=1)
"""So long after the last file of a row the question waits for another one."""
MOST_FILES = 20
LOAD = "load_dataset"
READ_AS_TABLE = "I read this as a table of {rows} and {columns}: dataset {dataset}."


@dataclass
class _Sending:
    """One row of things on its way into a conversation."""

    asked: Asked
    session: Session
    conversation: Conversation
    kept: KeptUpdate
    heard: Heard

    def call_of(self, source: str | None) -> OpenCall | None:
        """The newest call that loads the source, or anything, among those that answer this update."""
        place = self.kept.from_position or 0
        calls = [
            call
            for entry in self.conversation.messages[place:]
            if entry.role == "assistant"
            for call in calls_in(entry.content)
        ]
        mine = [call for call in calls if call.name == LOAD and source in (None, call.arguments.get("source"))]
        return mine[-1] if mine else None

    def loaded(self) -> Loaded | None:
        """What came of the newest one, where it was loaded."""
        call = self.call_of(None)
        if call is None:
            return None
        found = self.session.read_results(self.conversation.row, [call.call_id]).get(call.call_id)
        return None if found is None or found.is_error else Loaded.model_validate_json(found.content)


class Sendings:
    """Loads what one bot's people send."""

    def __init__(self, turns: Turns, table: UpdateTable, bot: Bot, access: Access, receiving: Receiving) -> None:
        self._turns = turns
        self._table = table
        self._bot = bot
        self._access = access
        self._receiving = receiving

    def say(self, asked: Asked, words: str) -> None:
        """A text: where a table stands in it, that is loaded and the words around it are asked; else just words."""
        if parts_of(asked.kept, self._bot):
            self.load(asked)
        else:
            self._turns.say(asked, words)

    def load(self, asked: Asked) -> None:
        """All that came in a row, beginning with this update."""
        kept = self._table.get(asked.kept.update_id)
        if kept.state is UpdateState.DONE:
            return  # answered with an earlier one
        session, heard = self._turns.session(asked.user_id), Heard(asked.emit)
        if kept.conversation_id is None:
            conversation = self._turns.conversation(session, kept.lane, asked.user_id)
            kept = self._table.begin(kept.update_id, conversation.row, len(conversation.messages))
        else:
            conversation = session.resume(kept.conversation_id)
        sending = _Sending(asked, session, conversation, kept, heard)
        told = self._load_all(sending)
        questions = [part.question for part in parts_of(sending.kept, self._bot) if part.question]
        if questions and not asked.cancel.is_set() and self._is_anything_there(sending):
            taken = self._turns.take(session, sending.kept, conversation, "\n".join(questions), heard)
            self._turns.answer_taken(session, taken, heard, asked.cancel, told)
        else:
            self._turns.answer_loaded(session, sending.kept, conversation, heard, told)

    def _load_all(self, sending: _Sending) -> list[str]:
        """Load each part, and those that come meanwhile; gives what the person is told of them first."""
        told: list[str] = []
        self._take_rest(sending)
        n_done, last = 0, sending.kept.created_at
        while True:
            parts = parts_of(sending.kept, self._bot)
            for part in parts[n_done:]:
                told += self._load(sending, part)
            n_done = len(parts)
            more = [] if sending.kept.state is UpdateState.TAKEN else self._more(sending, parts, last + QUIET)
            if not more:
                return told
            last = max(one.created_at for one in more)
            sending.kept = self._table.join(sending.kept.update_id, more)

    def _take_rest(self, sending: _Sending) -> None:
        """Where a paste was cut, take over the messages that it goes on in; they come within a second."""
        text, until = self._text(sending.kept), sending.kept.created_at + QUIET
        while sending.kept.state is UpdateState.WAITING and may_go_on(text):
            if len(sending.kept.contents()) >= MOST_MESSAGES:
                return
            more = self._next_text(sending)
            whole = None if more is None else joined(text, self._text(more))
            if more is not None and whole is None:
                return
            if more is not None and whole is not None:
                sending.kept, text = self._table.join(sending.kept.update_id, [more]), whole
                until = more.created_at + QUIET
                continue
            left = (until - sending.session.clock()).total_seconds()
            if left <= 0 or sending.asked.cancel.wait(min(left, 0.1)):
                return

    def _text(self, kept: KeptUpdate) -> str:
        """The words of an update, with those that were joined to it."""
        text = ""
        for content in kept.contents():
            message = Update.de_json(dict(content), self._bot).message
            words = "" if message is None or not message.text else words_in(message, self._bot)
            text = words if not text else joined(text, words) or text
        return text

    def _next_text(self, sending: _Sending) -> KeptUpdate | None:
        """The person's next message, where it waits and is a text."""
        for one in self._table.open(sending.kept.lane):
            update = Update.de_json(dict(one.content), self._bot)
            writer = writer_of(update)
            if one.update_id > sending.kept.update_id and writer is not None and writer.id == sending.asked.user_id:
                is_text = update.message is not None and bool(update.message.text)
                # In a group the rest of a paste mentions nobody.
                return one if is_text and route(update, self._access, self._bot).kind in ("words", "nothing") else None
        return None

    def _load(self, sending: _Sending, part: Part) -> Iterator[str]:
        """Load one, unless that was done before; what is to be told of it before its columns are shown."""
        refusal = None if part.document is None else self._receiving.refusal(part.document)
        if refusal is not None:
            yield refusal
        # Words that were taken are only taken when all is loaded.
        elif sending.kept.state is UpdateState.WAITING:
            try:
                self._call(sending, part, self._receive(sending, part))
            except AdapterError as error:
                yield str(error)
        loaded = sending.loaded() if part.table is not None else None
        if loaded is not None:
            yield _said_of(loaded)

    def _receive(self, sending: _Sending, part: Part) -> str:
        """The part as an upload of the person's."""
        pieces: Iterator[bytes]
        if part.document is None:
            size, pieces = 0, iter([part.table.content if part.table is not None else b""])
        else:
            size, pieces = part.document.file_size or 0, self._receiving.fetch(part.document)

        def tell(sentence: str, fraction: float | None) -> None:
            sending.asked.emit(ToolProgress(part.key, sentence, fraction))

        return sending.session.data.receive(part.name, pieces, Watch(sending.asked.cancel, tell), size, part.key)

    def _call(self, sending: _Sending, part: Part, source: str) -> None:
        """The call of load_dataset, or what a crash has left of it to be done."""
        session, conversation, cancel = sending.session, sending.conversation, sending.asked.cancel
        call = sending.call_of(source)
        if call is not None:
            if not conversation.is_answered():
                session.finish_command(conversation, sending.heard, cancel)
            return
        given: dict[str, JsonValue] = {"source": source}
        if part.wished is not None:
            given["name"] = part.wished
        if part.table is not None:
            given |= {"name": _free_name(session), "delimiter": ","}
        last = conversation.messages[-1] if conversation.messages else None
        is_there = last is not None and last.role == "user" and said(last.content) == part.line
        session.command(conversation, None if is_there else part.line, LOAD, given, sending.heard, cancel)

    def _is_anything_there(self, sending: _Sending) -> bool:
        """Whether any of it came; what came and could not be read may still be asked about."""
        return len(sending.conversation.messages) > (sending.kept.from_position or 0)

    def _more(self, sending: _Sending, parts: Sequence[Part], until: datetime) -> list[KeptUpdate]:
        """Files that came in a row after those; waits for them where a question or an album stands open."""
        is_waiting = any(part.question or part.album for part in parts) and parts[-1].table is None
        while len(parts) < MOST_FILES and parts[-1].table is None:
            found, is_over = self._look(sending, parts)
            if found or is_over or not is_waiting:
                return found
            left = (until - sending.session.clock()).total_seconds()
            if left <= 0 or sending.asked.cancel.wait(min(left, 0.1)):
                return []
        return []

    def _look(self, sending: _Sending, parts: Sequence[Part]) -> tuple[list[KeptUpdate], bool]:
        """The person's files that wait right after these, and whether something else of theirs comes after them."""
        found: list[KeptUpdate] = []
        albums = {part.album for part in parts if part.album}
        for one in self._table.open(sending.kept.lane):
            update = Update.de_json(dict(one.content), self._bot)
            writer, message = writer_of(update), update.message
            if one.update_id <= sending.kept.update_id or message is None:
                continue
            if writer is None or writer.id != sending.asked.user_id:
                continue
            is_of_album = message.document is not None and message.media_group_id in albums
            kind = route(update, self._access, self._bot).kind
            if kind != "file" and not is_of_album:
                if kind == "nothing":
                    continue
                return found, True
            if len(found) + len(parts) < MOST_FILES:
                found.append(one)
        return found, False


def _said_of(loaded: Loaded) -> str:
    n_columns = len(loaded.columns) + (loaded.left_out or {}).get("columns", 0)
    return READ_AS_TABLE.format(
        rows=counted(loaded.rows, "row"),
        columns=counted(n_columns, "column"),
        dataset=loaded.dataset,
    )


def _free_name(session: Session) -> str:
    """A name that takes none away."""
    taken = {dataset.name for dataset in session.data.all()}
    names = itertools.chain([PASTED], (f"{PASTED}_{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)
