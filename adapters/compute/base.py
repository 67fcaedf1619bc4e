"""The compute port: machines that run a frozen job and end by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adapters.errors import AdapterError
from adapters.records import Approval, Attempt, JobEnd, Json


class ComputeError(AdapterError):
    """A machine could not be started, asked or stopped."""


@dataclass(frozen=True)
class Offer:
    """What a machine costs now, and who says so."""

    machine: str
    usd_per_hour: Decimal
    price_source: str
    price_as_of: str
    max_seconds: int


@dataclass(frozen=True)
class Machine:
    """A backend's answer about one attempt.

    `result` is how the worker ended by itself; its model is looked at when it is taken over. `end_reason` says why a
    machine without a result is no longer running, and `at_limit` that it was stopped because its time was over.
    """

    is_running: bool
    progress: float
    status: str
    seconds: float
    result: JobEnd | None
    end_reason: str | None
    at_limit: bool = False


class Backend(Protocol):
    """One provider of machines."""

    @property
    def name(self) -> str:
        """The provider's name in quotes and attempts."""

    def offer(self) -> Offer:
        """What a machine costs now."""

    def folder(self, key: str) -> Path:
        """Where the attempt's input and output lie, on this machine."""

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Start the attempt's machine, or find the one that `attempt.key` already started; gives its handle.

        Raises
        ------
        ComputeError
            If it cannot be started.
        """

    def find(self, key: str) -> Json | None:
        """The handle of the machine with that key, if one was ever started."""

    def state(self, attempt: Attempt) -> Machine:
        """How the attempt's machine stands now."""

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """The last lines of its log."""

    def clean(self, key: str) -> None:
        """Remove the input and the output of an attempt whose result was taken over; its log stays."""

    def running(self) -> tuple[str, ...]:
        """The keys of all machines of ours that run now, whoever's they are."""

    def end(self, key: str) -> None:
        """End the machine of that key, of which no attempt is known; raises as `terminate` does."""

    def terminate(self, attempt: Attempt) -> None:
        """End the machine and wait until nothing of it runs.

        Raises
        ------
        ComputeError
            If it is still there after ten seconds.
        """
