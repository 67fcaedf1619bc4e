"""Offers to do a job, and what people say to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from adapters.records.job_spec import JobSpec
from adapters.records.places import OWN, Place
from adapters.uptime import Uptime


@dataclass(frozen=True)
class Quote:
    """What a job will cost at most, frozen at the moment it was offered.

    `job` is the whole specification; `job_hash` the SHA-256 of its JSON. `max_seconds` is what the cap buys.
    `place` is the very machine that is offered. `boot_id` and `boot_s` tell when it was kept by `adapters.uptime`,
    empty and 0 before.
    """

    quote_id: str
    owner_id: str
    conversation_id: str
    job: JobSpec
    job_hash: str
    provider: str
    machine: str
    usd_per_hour: Decimal
    expected_usd: Decimal
    cap_usd: Decimal
    expected_seconds: int
    max_seconds: int
    price_source: str
    price_as_of: str
    breakdown: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    boot_id: str = ""
    boot_s: float = 0.0
    place: Place = OWN

    def is_open(self, now: datetime, uptime: Uptime) -> bool:
        """True while the offer holds: by the clock, and by the machine's own count where that began before the offer.

        A clock that stands before the offer was set back, and then nobody knows how old the offer is.
        """
        is_same_start = self.boot_id != "" and self.boot_id == uptime.boot_id
        age_s = uptime.seconds - self.boot_s if is_same_start else 0.0
        life_s = (self.expires_at - self.created_at).total_seconds()
        return self.created_at <= now < self.expires_at and age_s < life_s


class ApprovalState(StrEnum):
    """Where a question to the user stands; only pending can become granted, only granted used."""

    PENDING = "pending"
    GRANTED = "granted"
    DENIED = "denied"
    USED = "used"
    CLOSED = "closed"


@dataclass(frozen=True)
class ApprovalRow:
    """One question to one person about one quote and the very arguments that were validated."""

    approval_id: str
    owner_id: str
    conversation_id: str
    call_id: str
    quote_id: str
    arguments_hash: str
    nonce: str
    state: ApprovalState
    decided_by: str | None
    created_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True)
class Approval:
    """A person's yes to one quote. Only `agent.gate` makes one; without one nothing launches."""

    approval_id: str
    owner_id: str
    quote_id: str
    call_id: str
    arguments_hash: str
