"""The files of a worker's folder, on whatever machine it is, and what of their words is believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from adapters.records import JobEnd, Json, JsonValue, Order

CLAIM = "claim.json"
REQUEST = "request.json"
TABLE = "table.parquet"
MODEL = "model.skops"
METADATA = "metadata.json"
INPUTS = (TABLE, MODEL, METADATA)
"""What a job's machine reads: the table, and to predict the model."""
OUT = "out"
PART = "part_{:06d}.npz"
"""A file of predictions in OUT, by its number from 0 on."""
PROGRESS = "progress.json"
CHECKPOINT = "checkpoint.json"
"""How far the work is, in the worker's own form: staged for the next machine where one is taken away."""
MOST_CHECKPOINT_BYTES = 8 * 2**20
RESULT = "result.json"
LOG = "log.txt"
HASHES = "sha256"
"""Under this the result states the hash of each file in OUT."""
MOST_LETTERS = 500
"""Of a worker's sentence, which is data: a longer one is cut."""


class WorkerOrder(Order):
    """The order as request.json holds it, with what of this machine the worker may take, whether it has a GPU, and the
    address of a cluster that does what can be done side by side, empty without one."""

    max_memory_bytes: int
    has_gpu: bool = False
    cluster: str = ""


def hashes_in(folder: Path) -> dict[str, JsonValue]:
    """The SHA-256 of each file of a folder, by name."""
    return {file.name: hash_of(file) for file in sorted(folder.iterdir())}


def hash_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def read_end_of(result: JsonValue, limit: int) -> JobEnd:
    """How a worker says that it ended; what is neither metrics nor an error is an error that names the file."""
    if not isinstance(result, dict):
        return JobEnd(error=f"the worker's {RESULT} is no JSON object", seconds=limit)
    seconds = _stated_seconds(result, limit)
    failed = result.get("error")
    if isinstance(failed, str):
        return JobEnd(error=shortened(failed), seconds=seconds)
    if not isinstance(result.get("metrics"), dict) and not isinstance(result.get("rows"), int):
        return JobEnd(error=f"the worker's {RESULT} holds neither metrics nor rows nor an error", seconds=seconds)
    return JobEnd(seconds=seconds)


def read_progress(progress: Json, before: str) -> tuple[float, str]:
    """The share of the work that is done and the worker's sentence; `before` where it has said none."""
    return _stated_share(progress.get("fraction")), shortened(str(progress.get("sentence", before)))


def last_lines(log: bytes, n_lines: int) -> list[str]:
    """The last lines of a worker's log, each cut where it is very long."""
    return [shortened(line) for line in log.decode("utf-8", "replace").splitlines()[-n_lines:]]


def shortened(sentence: str) -> str:
    """A sentence of somebody else's, cut where nobody would read on."""
    return sentence if len(sentence) <= MOST_LETTERS else f"{sentence[:MOST_LETTERS]} …"


def _stated_share(fraction: JsonValue) -> float:
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
