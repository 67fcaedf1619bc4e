"""The compute port: machines that run a frozen job and end by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from adapters.errors import AdapterError
from adapters.records import Attempt, Json, JsonValue


class ComputeError(AdapterError):
    """A machine could not be started, asked or stopped."""


@dataclass(frozen=True)
class Approval:
    """A person's yes to one quote. Only `agent.gate` makes one; without one nothing launches."""

    approval_id: str
    owner_id: str
    quote_id: str
    call_id: str
    arguments_hash: str


@dataclass(frozen=True)
class Machine:
    """A backend's answer about one attempt."""

    is_running: bool
    exit_reason: str | None
    progress: float
    status: str
    metrics: dict[str, JsonValue]
    started_at: datetime | None
    seconds: float


class Backend(Protocol):
    """One provider of machines."""

    @property
    def name(self) -> str:
        """The provider's name in quotes and attempts."""

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Start the attempt's machine, or find the one that `attempt.key` already started; gives its handle."""

    def find(self, key: str) -> Json | None:
        """The handle of the machine with that key, if one was ever started."""

    def state(self, attempt: Attempt) -> Machine:
        """How the attempt's machine stands now."""

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """The last lines of its log, secrets masked."""

    def terminate(self, attempt: Attempt) -> None:
        """Ask the machine to end; not gone until `confirm_gone` says so."""

    def confirm_gone(self, attempt: Attempt) -> bool:
        """True when nothing of the attempt runs any more."""

    def output_folder(self, attempt: Attempt) -> Path:
        """Where the attempt's results are, on this machine."""
