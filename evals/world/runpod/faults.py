"""What goes wrong, when a test says so: once each, in the order in which it was said."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Fault:
    """One request of that method whose path begins so goes wrong.

    `status` is answered in place of the true answer; 0 closes the connection without one. `is_done` says whether the
    request is carried out all the same; `body` is what is answered in place of a problem.
    """

    method: str
    path: str
    status: int
    is_done: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


class Faults:
    """Faults that wait for their request."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Let these go wrong."""
        with self._lock:
            self._waiting += faults

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The next fault for such a request, which is used up."""
        with self._lock:
            for fault in self._waiting:
                if fault.method == method and path.startswith(fault.path):
                    self._waiting.remove(fault)
                    return fault
        return None
