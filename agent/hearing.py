"""What a person wrote, committed first: before the turn is waited for, before limits, before the model is asked.

Where the log can take it, it is the log's next message. While another program has the turn, or calls are open that must
be answered before it, it waits in the inbox, from where the same transaction moves it into the log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.records import JsonValue
from adapters.store.inbox import InboxTable
from agent.conversation import Conversation, text_block
from agent.events import Event, Kept


@dataclass(frozen=True)
class Spoken:
    """What the user says next in the log, and which entries of the inbox it is."""

    words: Sequence[str] = ()
    words_ids: Sequence[str] = ()

    def blocks(self) -> list[dict[str, JsonValue]]:
        """As content of a message."""
        return [text_block(words) for words in self.words]


class Hearing:
    """The words of one turn."""

    def __init__(
        self,
        inbox: InboxTable,
        conversation: Conversation,
        words: str | None,
        emit: Callable[[Event], None],
        clock: Callable[[], datetime],
    ) -> None:
        self._inbox = inbox
        self._conversation = conversation
        self._words = words
        self._emit = emit
        self._clock = clock

    def keep(self) -> None:
        """Commit the words to the inbox, once."""
        if self._words is not None:
            self._conversation.waiting.add(self._inbox.put(self._conversation.row, self._words, self._clock()))
            self._words = None
            self._emit(Kept())

    def take(self) -> Spoken:
        """All that this window is to say, the oldest first; nothing when another window has said it already."""
        ours = self._conversation.waiting
        waiting = [entry for entry in self._inbox.waiting(self._conversation.row) if entry.words_id in ours]
        ours.intersection_update(entry.words_id for entry in waiting)
        fresh = [] if self._words is None else [self._words]
        return Spoken([*(entry.words for entry in waiting), *fresh], [entry.words_id for entry in waiting])

    def tell_kept(self) -> None:
        """The log holds the words."""
        if self._words is not None:
            self._words = None
            self._emit(Kept())
