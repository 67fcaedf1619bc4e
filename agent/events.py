"""What a front end is told while a turn runs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from adapters.model.base import Outcome
from adapters.records import Json, Quote
from tools.results import Artifact


@dataclass(frozen=True)
class Kept:
    """What the person wrote is committed: nothing that happens from now on can lose it."""


@dataclass(frozen=True)
class TextDelta:
    """A piece of the model's words, as it comes."""

    text: str


@dataclass(frozen=True)
class TakenBack:
    """The text of this reply that was told so far does not count: it is asked again, or nothing of it was kept."""


@dataclass(frozen=True)
class ToolStarted:
    """A tool call begins."""

    call_id: str
    name: str
    arguments: Json


@dataclass(frozen=True)
class ToolProgress:
    """How far a long call is: `fraction` in [0, 1], or None where nobody knows."""

    call_id: str
    sentence: str
    fraction: float | None


@dataclass(frozen=True)
class ToolFinished:
    """A tool call ended; `content` is what the model reads."""

    call_id: str
    name: str
    content: Json
    is_error: bool
    artifacts: tuple[Artifact, ...]
    seconds: float


@dataclass(frozen=True)
class Ask:
    """The turn stopped for a person's yes or no; `card` was rendered by our code from the quote's row."""

    approval_id: str
    nonce: str
    quote: Quote
    card: str


@dataclass(frozen=True)
class Notice:
    """One sentence of ours to the person: a retry, a limit reached."""

    text: str


@dataclass(frozen=True)
class Flagged:
    """Numbers of the reply, as they are written there, that nothing in the conversation gives."""

    numbers: tuple[str, ...]


EndReason = Literal["done", "asked", "stopped", "limit", "budget", "refused", "failed", "bug"]


@dataclass(frozen=True)
class TurnEnded:
    """The turn is over; `usd` is what its model requests cost.

    `outcome` is what a turn that was done came to, where the model knows: also not done, or not understood.
    """

    reason: EndReason
    usd: Decimal
    seconds: float
    n_steps: int
    text: str
    outcome: Outcome = Outcome.DONE


Event = Kept | TextDelta | TakenBack | ToolStarted | ToolProgress | ToolFinished | Ask | Notice | Flagged | TurnEnded
