"""How an attempt at a rented machine stands, of what the provider says of it and what its worker has left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.compute.base import Machine
from adapters.records import JobEnd, Json


@dataclass(frozen=True)
class Seen:
    """What is seen of it.

    `is_there` says that the machine may be working, `is_known` that there was one, `is_over` that it has had its time,
    `limit`; `seconds` are those that are paid for; `ended` and `result` are what it wrote at its end; `lost` are the
    words for that the provider took it away, None where it did not.
    """

    is_there: bool
    is_known: bool
    is_over: bool
    seconds: float
    limit: int
    progress: tuple[float, str]
    ended: Json
    result: JobEnd | None
    lost: str | None


def machine_of(seen: Seen, logs: Callable[[], list[str]]) -> Machine:
    """The port's answer; the last line of the log says more where a worker has ended without a result."""
    done, status = seen.progress
    if seen.result is not None:
        return Machine(False, done if seen.result.error else 1.0, status, seen.seconds, seen.result, None)
    at_limit = seen.ended.get("at_limit") is True or (not seen.ended and seen.is_over)
    if seen.is_there and not seen.ended and not at_limit:
        return Machine(True, done, status, seen.seconds, None, None)
    if at_limit:
        return Machine(False, done, status, seen.seconds, None, f"stopped at its limit of {seen.limit} s", True)
    if not seen.is_known:
        return Machine(False, 0.0, "not started", 0.0, None, "no machine was started")
    if seen.lost is not None and not seen.ended:
        return Machine(False, done, status, seen.seconds, None, seen.lost, is_lost=True)
    lines = logs()
    said = f"the worker ended without a result ({lines[-1]})" if lines else "the worker ended without a result"
    return Machine(False, done, status, seen.seconds, None, said)
