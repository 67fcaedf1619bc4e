"""What goes wrong on the way to Telegram and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

FaultKind = Literal["flood", "error", "lost_before", "lost_after", "slow"]


@dataclass
class Fault:
    """The next `times` requests of a method go wrong; `method` "*" means any.

    flood: 429 with `retry_after` seconds. error: 502. lost_before: the connection ends before anything is done.
    lost_after: it is done, and the answer is lost. slow: the answer takes `seconds`.
    """

    method: str
    kind: FaultKind
    times: int = 1
    seconds: float = 0.2
    retry_after: int = 1
    skip: int = 0
    """So many requests are well before."""


@dataclass
class Faults:
    """What is still to go wrong, in order."""

    waiting: list[Fault] = field(default_factory=list)

    def take(self, method: str) -> Fault | None:
        """The fault that befalls this request, if one does."""
        for fault in self.waiting:
            if fault.method not in ("*", method) or (fault.method == "*" and method == "getUpdates"):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None
