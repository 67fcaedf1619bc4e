"""What one row of state holds, as plain values that every port may pass on.

Times are aware and in UTC. Money is Decimal US dollars. Every record that a person owns carries `owner_id`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from adapters.uptime import Uptime

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What JSON can hold."""
Json = Mapping[str, JsonValue]
"""A JSON object."""


@dataclass(frozen=True)
class Column:
    """One column as the load's single scan saw it.

    `type` is integer, number, boolean, date, datetime, time or text; `example` is the first value that is not
    missing, as text of at most 64 characters; `description` is what the file says of the column below its name.
    """

    name: str
    type: str
    missing: int
    distinct: int
    example: str | None
    description: str | None = None


@dataclass(frozen=True)
class Dataset:
    """A loaded table: one native DuckDB file that holds one table `data`.

    `recipe` says how it was made from other datasets, so that it can be made again; None where it came from a file.
    """

    dataset_id: str
    owner_id: str
    name: str
    path: Path
    rows: int
    columns: tuple[Column, ...]
    source: str
    sha256: str
    size_bytes: int
    warnings: tuple[str, ...]
    created_at: datetime
    recipe: Json | None = None


@dataclass(frozen=True)
class Added:
    """What became of a new dataset.

    Attributes
    ----------
    dataset : Dataset
        The one that its name stands for now: an earlier one where that holds the same.
    earlier : Dataset or None
        What the name stood for until now, if that was something else.
    gone : tuple of Dataset
        Datasets that no name stands for any more, anywhere; their files are to be removed.
    """

    dataset: Dataset
    earlier: Dataset | None
    gone: tuple[Dataset, ...]


@dataclass(frozen=True)
class Model:
    """A trained model: a folder with model.skops, metadata.json and training_log.txt."""

    model_id: str
    owner_id: str
    type: str
    target: str
    version: int
    path: Path
    metadata: Json
    job_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class Quote:
    """What a job will cost at most, frozen at the moment it was offered.

    `job` is the whole specification; `job_hash` its SHA-256. `max_seconds` is what the cap buys. `boot_id` and `boot_s`
    tell when it was kept by `adapters.uptime`, empty and 0 before.
    """

    quote_id: str
    owner_id: str
    conversation_id: str
    job: Json
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


class JobState(StrEnum):
    """A job's life after its quote was approved."""

    QUEUED = "queued"
    ACTIVE = "active"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    BUDGET_STOPPED = "budget_stopped"

    @property
    def is_final(self) -> bool:
        """True once nothing about the job can change any more."""
        return self not in (JobState.QUEUED, JobState.ACTIVE)


@dataclass(frozen=True)
class Job:
    """One approved piece of work; `quote_id` is unique, so a yes starts at most one."""

    job_id: str
    owner_id: str
    conversation_id: str
    quote_id: str
    approval_id: str
    state: JobState
    spec: Json
    result: Json | None
    cost_usd: Decimal
    cancel_requested: bool
    created_at: datetime
    finished_at: datetime | None


class AttemptState(StrEnum):
    """One machine's life; the job closes only when its attempts are gone."""

    INTENT = "intent"
    LAUNCHING = "launching"
    RUNNING = "running"
    GONE = "gone"


@dataclass(frozen=True)
class Attempt:
    """One try at one backend; `key` names the machine there and makes a second launch harmless."""

    attempt_id: str
    owner_id: str
    job_id: str
    number: int
    key: str
    backend: str
    state: AttemptState
    request: Json
    handle: Json | None
    created_at: datetime


@dataclass(frozen=True)
class Message:
    """One line of a conversation's log, stored exactly as sent or received."""

    position: int
    role: str
    content: list[dict[str, JsonValue]]
    stop_reason: str | None = None
    complete: bool = True
    usage: Json = field(default_factory=dict)
    usd: Decimal = Decimal(0)
    created_at: datetime | None = None
