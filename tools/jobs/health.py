"""Which providers could not be asked a moment ago: they are left alone for a while where another can be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

REST = timedelta(seconds=60)


@dataclass
class Health:
    """What one program knows of its providers; its threads share it."""

    clock: Callable[[], datetime]
    _problems: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def problem_of(self, name: str) -> str | None:
        """Why the provider is left alone now; None where it may be asked."""
        with self._lock:
            found = self._problems.get(name)
        if found is None:
            return None
        at, sentence = found
        passed = self.clock() - at
        # A clock that was set back frees it too.
        if not timedelta(0) <= passed < REST:
            return None
        left = round((REST - passed).total_seconds())
        return f"{sentence} ({passed.total_seconds():.0f} s ago; it is asked again in {left} s, or now by its name)"

    def is_ill(self, name: str, sentence: str) -> None:
        """It could not be asked."""
        with self._lock:
            self._problems[name] = self.clock(), sentence

    def is_well(self, name: str) -> None:
        """It has answered."""
        with self._lock:
            self._problems.pop(name, None)
