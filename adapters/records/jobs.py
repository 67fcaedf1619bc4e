"""Approved pieces of work, and the machines that do them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from adapters.records.job_spec import JobEnd, JobSpec, Order
from adapters.records.json_values import Json


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
    spec: JobSpec
    result: JobEnd | None
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
    """One try at one place; `key` names the machine there and makes a second launch harmless.

    Of one that has ended, `seconds` and `usd` are what is paid for, and `ended` says why another followed; `billed_usd`
    is what its provider's own bill says, once that was asked, and stands in the job's cost in place of `usd`.
    """

    attempt_id: str
    owner_id: str
    job_id: str
    number: int
    key: str
    backend: str
    state: AttemptState
    request: Order
    handle: Json | None
    created_at: datetime
    seconds: float = 0.0
    usd: Decimal = Decimal(0)
    ended: str = ""
    billed_usd: Decimal | None = None
