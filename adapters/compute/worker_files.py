"""The files of a worker's folder, on whatever machine it is, and what of their words is believed."""

from __future__ import annotations

from adapters.records import JobEnd, Json, JsonValue, Order

CLAIM = "claim.json"
REQUEST = "request.json"
TABLE = "table.parquet"
OUT = "out"
PROGRESS = "progress.json"
RESULT = "result.json"
LOG = "log.txt"


class WorkerOrder(Order):
    """The order as request.json holds it, with what of this machine the worker may take."""

    max_memory_bytes: int


def read_end_of(result: Json, limit: int) -> JobEnd:
    """How a worker says that it ended; what is neither metrics nor an error is an error that names the file."""
    seconds = _stated_seconds(result, limit)
    failed = result.get("error")
    if isinstance(failed, str):
        return JobEnd(error=failed, seconds=seconds)
    if not isinstance(result.get("metrics"), dict):
        return JobEnd(error=f"the worker's {RESULT} holds neither metrics nor an error", seconds=seconds)
    return JobEnd(seconds=seconds)


def stated_share(fraction: JsonValue) -> float:
    """How much the worker says that it has done; nothing where that cannot be."""
    if not isinstance(fraction, (int, float)) or isinstance(fraction, bool) or not 0 <= fraction <= 1:
        return 0.0
    return float(fraction)


def _stated_seconds(result: Json, limit: int) -> float:
    """How long the worker says that it ran; the whole limit where that cannot be: a result lowers no bill."""
    seconds = result.get("seconds")
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds <= limit:
        return float(limit)
    return float(seconds)
