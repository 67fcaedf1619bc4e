"""What a turn is asked by, and what is heard of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.records import Json
from adapters.store.telegram_rows import KeptUpdate
from agent.acting import Emit
from agent.events import Event, Flagged, Notice, ToolFinished
from prompts.cards import flagged_sentence
from runtime.telegram.formatting import plain
from runtime.telegram.outgoing import Message, says


@dataclass
class Heard:
    """What is heard of a turn: its notices are kept for the answer, all else goes on to whoever shows it."""

    emit: Emit
    notices: list[str] = field(default_factory=list)
    contents: dict[str, Json] = field(default_factory=dict)
    """What calls have given, whole: the log holds it cut to size."""

    def __call__(self, event: Event) -> None:
        """Take an event."""
        if isinstance(event, ToolFinished):
            self.contents[event.call_id] = event.content
        if isinstance(event, Notice):
            self.notices.append(event.text)
        elif isinstance(event, Flagged):
            self.notices.append(flagged_sentence(event.numbers))
        else:
            self.emit(event)


@dataclass(frozen=True)
class Asked:
    """One update that a turn answers: whose it is, who shows the turn, and what stops it."""

    kept: KeptUpdate
    user_id: int
    emit: Emit
    cancel: threading.Event


def told(sentences: Sequence[str]) -> list[Message]:
    """Sentences of ours as messages."""
    return says(plain("\n".join(sentences))) if sentences else []
