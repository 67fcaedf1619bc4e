"""What one turn and one day may use: requests, tokens, dollars, seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.model.base import Reply
from prompts.dollars import dollars


@dataclass(frozen=True)
class Limits:
    """The most of a turn (steps are requests to the model) and of a user's day."""

    max_steps: int = 40
    max_tokens: int = 1_000_000
    max_turn_usd: Decimal = Decimal(2)
    max_turn_s: float = 1800
    max_day_usd: Decimal = Decimal(20)


@dataclass
class Meter:
    """What this turn has used."""

    limits: Limits
    n_steps: int = 0
    n_tokens: int = 0
    usd: Decimal = Decimal(0)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Since the turn began."""
        return time.monotonic() - self.started

    def add(self, reply: Reply) -> None:
        """Count a reply's tokens; dollars are counted where they are settled, for what fails costs too."""
        counts = (value for key, value in reply.usage.items() if key.endswith("tokens"))
        self.n_tokens += sum(count for count in counts if isinstance(count, int))

    def reached(self, next_usd: Decimal) -> str | None:
        """The limit that a request of up to `next_usd` would pass, in words for the user; None when it may be sent."""
        limits = self.limits
        if self.n_steps >= limits.max_steps:
            return f"{limits.max_steps} steps of one turn are done"
        if self.n_tokens >= limits.max_tokens:
            return f"{limits.max_tokens} tokens of one turn are used"
        if self.usd + next_usd > limits.max_turn_usd:
            return f"the {dollars(limits.max_turn_usd)} of one turn are spent or spoken for"
        if self.seconds >= limits.max_turn_s:
            return f"{limits.max_turn_s:.0f} seconds of one turn are over"
        return None
