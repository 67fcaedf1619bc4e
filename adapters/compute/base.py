"""The compute port: machines that run a frozen job and end by themselves. Every backend keeps the same contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from adapters.errors import AdapterError
from adapters.records import Approval, Attempt, JobEnd, Json, Place

TRAINS = frozenset(["training"])
PREDICTS = frozenset(["prediction"])


class ComputeError(AdapterError):
    """A machine could not be started, asked or stopped."""


class UnusableResult(ComputeError):
    """What a worker has left can be no model of ours, however often it is fetched."""


class NoCapacity(ComputeError):
    """The provider has no such machine now, and has started none: another place may be tried."""


@dataclass(frozen=True)
class Surroundings:
    """What backends are made of: where this machine keeps jobs, their limits, and what is set up of each provider.

    `install` gives the name of this installation in what it starts elsewhere; `options` are the settings whose name
    begins with that of a provider, those that are set. `cluster` is the address of one's own, empty without one.
    """

    install: Callable[[], str]
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    max_job_s: int
    max_job_bytes: int | None
    options: Mapping[str, str] = field(repr=False, default_factory=dict)
    cluster: str = ""


@dataclass(frozen=True)
class Parts:
    """How a place predicts: in parts of `rows` at most, `at_once` side by side, for `least_rows` to `most_rows` rows.

    Each of the machines side by side is paid from its start, which takes `start_s`; each part takes `each_s` beside the
    work itself. `words` say how parts are sent.
    """

    least_rows: int
    most_rows: int
    rows: int
    at_once: int
    start_s: float
    each_s: float
    words: str


@dataclass(frozen=True)
class Offer:
    """One machine that could be had now, its price, and who says so when.

    A job may run there for `max_seconds`, of which `overhead_s` go by until it begins: boot, installation, transfer.
    `memory_bytes` is what a job may take. With `parts` the work is sent in parts, and only predictions are.
    A training there sends what can be done side by side to the `cluster`, where one is named.
    """

    backend: str
    place: Place
    machine: str
    usd_per_hour: Decimal
    price_source: str
    price_as_of: str
    max_seconds: int
    memory_bytes: int
    overhead_s: int = 0
    has_gpu: bool = False
    parts: Parts | None = None
    cluster: str = ""


Staged = Mapping[str, Callable[[Path], object]]
"""The files that a machine reads, by the name that it has there, and what writes each."""


@dataclass(frozen=True)
class Machine:
    """A backend's answer about one attempt.

    `result` is how the worker ended by itself; its model is looked at when it is taken over. `end_reason` says why a
    machine without a result is no longer running, and `at_limit` that it was stopped because its time was over,
    `is_lost` that the provider took it away: the job may go on elsewhere.
    `seconds` are those that are paid for.
    """

    is_running: bool
    progress: float
    status: str
    seconds: float
    result: JobEnd | None
    end_reason: str | None
    at_limit: bool = False
    is_lost: bool = False


class Backend(Protocol):
    """One provider of machines."""

    @property
    def name(self) -> str:
        """The provider's name in quotes and attempts."""

    @property
    def is_own(self) -> bool:
        """True where its machine is this one: nothing leaves it, and asking it is quick."""

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of work that its machines do."""

    def close(self) -> None:
        """Give its connections back; machines run on."""

    def offers(self) -> tuple[Offer, ...]:
        """The machines that can be had now, in any order.

        Raises
        ------
        ComputeError
            If the provider cannot be asked.
        """

    def stage(self, attempt: Attempt, files: Staged) -> None:
        """Put the job's files where the attempt's machine will read them; again, after a crash, does no harm.

        Each of `files` is written by its function, to the path that this gets, which is on this machine.

        Raises
        ------
        ComputeError
            If it cannot be put there.
        """

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Start the attempt's machine, or find the one that `attempt.key` already started; gives its handle.

        Raises
        ------
        NoCapacity
            If the place has no machine now.
        ComputeError
            If it cannot be started, or the approval is not for the quote that the attempt's order names.
        """

    def find(self, key: str) -> Json | None:
        """The handle of the machine with that key, if one was ever started."""

    def state(self, attempt: Attempt) -> Machine:
        """How the attempt's machine stands now."""

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """The last lines of its log."""

    def fetch(self, attempt: Attempt) -> Path:
        """The folder, on this machine, of what the attempt's worker has left: data that nobody has looked at yet.

        Raises
        ------
        UnusableResult
            If it can be no model, and would be none the next time.
        ComputeError
            If it cannot be fetched now.
        """

    def checkpoint(self, attempt: Attempt) -> bytes | None:
        """How far the attempt's worker was when it last wrote it down, for the next machine; None where it did not.

        Raises
        ------
        ComputeError
            If it cannot be read now, or is larger than any.
        """

    def clean(self, key: str) -> None:
        """Remove the input and the output of an attempt whose result was taken over; its log and checkpoint stay.

        That they cannot be removed now is logged, and no error: the job is closed.
        """

    def running(self) -> tuple[str, ...]:
        """The keys of all machines of this installation that are there now, whoever's they are.

        Raises
        ------
        ComputeError
            If the provider cannot be asked.
        """

    def end(self, key: str) -> None:
        """End the machine of that key, of which no attempt is known; raises as `terminate` does."""

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """What the provider's own bill says that an attempt cost, some hours after its end; None where it says nothing.

        Raises
        ------
        ComputeError
            If the provider cannot be asked.
        """

    def terminate(self, attempt: Attempt) -> None:
        """End the machine and wait until nothing of it runs; that none is there is no error.

        Raises
        ------
        ComputeError
            If it is still there after ten seconds, or nobody can say.
        """


def check_approval(attempt: Attempt, approval: Approval) -> None:
    """Raise ComputeError unless the approval is for the quote that the attempt's order names."""
    if (attempt.owner_id, attempt.request.quote_id) != (approval.owner_id, approval.quote_id):
        raise ComputeError("the approval is for another quote: nothing was started")
