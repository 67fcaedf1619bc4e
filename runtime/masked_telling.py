"""Keys and passwords are taken out of what a turn tells while it runs, also where they come letter by letter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

from adapters.secret_words import mask
from agent.events import Event, Notice, TakenBack, TextDelta

N_HELD = 5
"""Words: the first line of a private key has four, a password and its name two or three."""
KEY_ENDS = re.compile("-----END [A-Z ]*-----")


class MaskedTelling:
    """Passes events on without secrets; of words that stream in, the last few wait for what comes after them."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._said, self._n_told = "", 0

    def __call__(self, event: Event) -> None:
        """Pass it on."""
        if isinstance(event, TextDelta):
            self._said += event.text
            self._tell(_sure_end(self._said))
            return
        if isinstance(event, TakenBack):
            self._said, self._n_told = "", 0
        self.finish()
        self._emit(Notice(mask(event.text)) if isinstance(event, Notice) else event)

    def finish(self) -> None:
        """Tell what waits."""
        self._tell(len(self._said))
        self._said, self._n_told = "", 0

    def _tell(self, end: int) -> None:
        # What is near may be a secret only by what comes later: told is what stays as it is with that too.
        sure = _common([mask(self._said[:end]), mask(self._said)])
        if len(sure) > self._n_told:
            self._emit(TextDelta(sure[self._n_told :]))
            self._n_told = len(sure)
        # A key in PEM goes over lines; nothing else does, and what is told need not be looked through again.
        if "PRIVATE KEY" not in self._said and (lines := self._said.rfind("\n", 0, end) + 1):
            self._said, self._n_told = self._said[lines:], len(mask(self._said[lines:end]))


def _common(texts: Sequence[str]) -> str:
    """What all of them begin with."""
    alike = takewhile(lambda signs: len(set(signs)) == 1, zip(*texts, strict=False))
    return "".join(signs[0] for signs in alike)


def _sure_end(text: str) -> int:
    """Up to where nothing that comes later can make a secret of the text: not its last words, no part of a key."""
    end = len(text)
    for _ in range(N_HELD):
        end = len(text[:end].rstrip())
        end = max(text.rfind(" ", 0, end), text.rfind("\n", 0, end)) + 1
    begins = text.find("-----BEGIN")
    closed = KEY_ENDS.search(text, begins) if begins >= 0 else None
    return end if begins < 0 or (closed is not None and closed.end() <= end) else min(end, begins)
