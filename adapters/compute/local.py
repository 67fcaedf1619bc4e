"""This machine: each attempt is a worker process in a session of its own, that outlives the program.

The attempt's folder is all that the two share: request.json goes in; claim.json, progress.json, log.txt and at last
result.json come out. A worker begins only if it makes claim.json, so however often an attempt is launched, one works.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import psutil

from adapters.compute.base import PREDICTS, TRAINS, ComputeError, Machine, Offer, Staged, Surroundings, check_approval
from adapters.compute.worker_files import (
    CHECKPOINT,
    CLAIM,
    INPUTS,
    LOG,
    MOST_CHECKPOINT_BYTES,
    OUT,
    PROGRESS,
    REQUEST,
    RESULT,
    WorkerOrder,
    last_lines,
    read_end_of,
    read_progress,
)
from adapters.files import read_json, write_json
from adapters.opening import OpenError, read_end, read_own
from adapters.records import OWN, Approval, Attempt, JobEnd, Json, JsonValue

MAX_LOG_BYTES = 1_000_000
"""Of the end of the log, which the last lines are taken from."""
MEMORY_SHARE = 0.8
"""Of this machine's memory, what one worker may take unless it is said."""
MOST_PID = 1 << 22
"""Linux gives no process a larger number."""
NO_LINKS = frozenset([errno.EPERM, errno.ENOTSUP, errno.ENOSYS])
GRACE_S = 2.0
GONE_S = 10.0


def detect(surroundings: Surroundings) -> LocalBackend:
    """This machine, which is always there."""
    limits = surroundings.max_job_s, surroundings.environment, surroundings.max_job_bytes
    return LocalBackend(surroundings.folder, *limits, surroundings.cluster)


class LocalBackend:
    """Workers on this machine; costs nothing, and still asks. Keeps `adapters.compute.base.Backend`."""

    name = "local"
    is_own = True
    kinds = TRAINS | PREDICTS

    def __init__(
        self,
        folder: Path,
        max_seconds: int,
        environment: Mapping[str, str],
        max_memory_bytes: int | None = None,
        cluster: str = "",
    ) -> None:
        self._folder = folder
        self._max_memory_bytes = max_memory_bytes or int(MEMORY_SHARE * psutil.virtual_memory().total)
        self._max_seconds = max_seconds
        self._environment = environment
        self._cluster = cluster

    def close(self) -> None:
        """Nothing is open."""

    def offers(self) -> tuple[Offer, ...]:
        """This machine, for nothing."""
        own = Offer(
            backend=self.name,
            place=OWN,
            machine=f"{os.cpu_count()} cores, {psutil.virtual_memory().total // 2**30} GiB",
            usd_per_hour=Decimal(0),
            price_source="your own machine",
            price_as_of="now",
            max_seconds=self._max_seconds,
            memory_bytes=self._max_memory_bytes,
            cluster=self._cluster,
        )
        return (own,)

    def folder(self, key: str) -> Path:
        """The attempt's folder."""
        return self._folder / key

    def stage(self, attempt: Attempt, files: Staged) -> None:
        """Write each file into the attempt's folder, whole or not at all, unless a worker has begun with them."""
        folder = self.folder(attempt.key)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.find(attempt.key) is None:
            for name, write in files.items():
                part = folder / f"{name}.{secrets.token_hex(4)}"
                write(part)
                part.replace(folder / name)

    def fetch(self, attempt: Attempt) -> Path:
        """The worker's own folder: nothing needs to be moved."""
        return self.folder(attempt.key) / OUT

    def launch(self, attempt: Attempt, approval: Approval) -> Json:
        """Start a worker for the attempt, unless one has begun already."""
        check_approval(attempt, approval)
        folder = self.folder(attempt.key)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = self.find(attempt.key)
        if found is not None:
            return found
        order = WorkerOrder(**dict(attempt.request), max_memory_bytes=self._max_memory_bytes, cluster=self._cluster)
        write_json(folder / REQUEST, order.model_dump(mode="json"))
        command = [sys.executable, "-P", "-m", "runtime.worker", str(folder)]
        try:
            pid = os.posix_spawn(
                sys.executable,
                command,
                dict(self._environment),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, str(folder / LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,
            )
        except OSError as error:
            raise ComputeError(f"the worker could not be started: {error.strerror}") from error
        return {"pid": pid, "created": _created(pid), "started_at": time.time()}

    def find(self, key: str) -> Json | None:
        """The worker that has claimed the attempt, dead or alive."""
        return _read_own(self.folder(key) / CLAIM, ("pid", "created", "started_at"))

    def state(self, attempt: Attempt) -> Machine:
        """How the worker stands now."""
        folder = self.folder(attempt.key)
        progress = _read_own(folder / PROGRESS, ("fraction", "sentence")) or {}
        done, status = read_progress(progress, "starting")
        limit = attempt.request.max_seconds
        result = _read_result(folder / RESULT, limit)
        if result is not None:
            return Machine(False, done if result.error else 1.0, status, result.seconds, result, None)
        worker = self.find(attempt.key) or attempt.handle
        if worker is None:
            return Machine(False, 0.0, "not started", 0.0, None, "no worker was started")
        seconds = _seconds_since(worker["started_at"], limit)
        if is_alive(worker):
            return Machine(True, done, status, seconds, None, None)
        # It may have written its result between the two looks.
        result = _read_result(folder / RESULT, limit)
        if result is not None:
            return Machine(False, done if result.error else 1.0, status, result.seconds, result, None)
        lines = self.logs(attempt, 1)
        at_limit = seconds >= limit
        reason = f"stopped at its limit of {limit} s" if at_limit else "the worker ended without a result"
        said = f"{reason} ({lines[-1]})" if lines else reason
        return Machine(False, done, status, min(seconds, limit), None, said, at_limit)

    def logs(self, attempt: Attempt, n_lines: int) -> list[str]:
        """The last lines of the worker's log."""
        try:
            return last_lines(read_end(self.folder(attempt.key) / LOG, MAX_LOG_BYTES), n_lines)
        except FileNotFoundError:
            return []

    def checkpoint(self, attempt: Attempt) -> bytes | None:
        """How far the worker was, as it lies in its folder."""
        try:
            return read_own(self.folder(attempt.key) / CHECKPOINT, MOST_CHECKPOINT_BYTES)
        except FileNotFoundError:
            return None
        except OpenError as error:
            raise ComputeError(f"the worker's {CHECKPOINT} cannot be read: {error}") from error

    def running(self) -> tuple[str, ...]:
        """The keys of all workers that run now."""
        claims = {path.parent.name: self.find(path.parent.name) for path in self._folder.glob(f"*/{CLAIM}")}
        return tuple(key for key, worker in claims.items() if worker is not None and is_alive(worker))

    def billed_usd(self, attempt: Attempt) -> Decimal | None:
        """Nobody writes a bill."""
        return None

    def terminate(self, attempt: Attempt) -> None:
        """End the worker, and see to it that none begins later."""
        self.end(attempt.key, attempt.handle)

    def end(self, key: str, handle: Json | None = None) -> None:
        """End the worker of that key, and see to it that none begins later."""
        folder = self.folder(key)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        claim(folder, {"pid": None, "created": None, "started_at": time.time()})
        workers = [worker for worker in (self.find(key), handle) if worker is not None]
        for signal_number, patience_s in ((signal.SIGTERM, GRACE_S), (signal.SIGKILL, GONE_S)):
            for worker in filter(is_alive, workers):
                _signal_group(worker, signal_number)
            deadline = time.monotonic() + patience_s
            while any(map(is_alive, workers)) and time.monotonic() < deadline:
                time.sleep(0.02)
        if any(map(is_alive, workers)):
            raise ComputeError("the worker does not end; it will be tried again")

    def clean(self, key: str) -> None:
        """Remove the input and the output of a finished attempt; the log and the result stay."""
        for name in INPUTS:
            for path in self.folder(key).glob(f"{name}*"):
                path.unlink(missing_ok=True)
        shutil.rmtree(self.folder(key) / OUT, ignore_errors=True)


def _read_result(path: Path, limit: int) -> JobEnd | None:
    """What the worker left when it ended; of a result that is none, why, as the error of the job."""
    try:
        result = read_json(path)
    except OpenError as error:
        return JobEnd(error=f"the worker's {path.name} cannot be read: {error}", seconds=limit)
    except ValueError:
        return JobEnd(error=f"the worker's {path.name} is no JSON object", seconds=limit)
    if result is None:
        return None
    return read_end_of(result, limit)


def _read_own(path: Path, names: Sequence[str]) -> dict[str, JsonValue] | None:
    """What a worker says of itself; None where the file is not there, or is none of ours: its process then decides."""
    try:
        found = read_json(path)
    except (OpenError, ValueError):
        return None
    return found if found is not None and found.keys() >= set(names) else None


def _seconds_since(started_at: JsonValue, limit: int) -> float:
    """How long the worker has run by its claim; the whole limit where that cannot be."""
    if not isinstance(started_at, (int, float)) or isinstance(started_at, bool) or not math.isfinite(started_at):
        return float(limit)
    return max(0.0, time.time() - started_at)


def claim(folder: Path, worker: dict[str, JsonValue]) -> bool:
    """Make the attempt's claim; False if it was made before. The only one who gets True may work."""
    part = folder / f"{CLAIM}.{secrets.token_hex(4)}"
    write_json(part, worker)
    try:
        os.link(part, folder / CLAIM)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        # A network volume may know no links: there the file is made where it belongs, and is empty for a moment.
        try:
            descriptor = os.open(folder / CLAIM, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(worker, file)
    finally:
        part.unlink()
    return True


def describe_worker() -> dict[str, JsonValue]:
    """This process as a claim names it."""
    return {"pid": os.getpid(), "created": _created(os.getpid()), "started_at": time.time()}


def is_alive(worker: Json) -> bool:
    """True while the very process that the claim names runs; a process number used again is somebody else."""
    pid, created = worker["pid"], worker["created"]
    if not isinstance(pid, int) or not 0 < pid <= MOST_PID or created is None:
        return False
    # Not our child when an earlier run of the program started it.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    return _created(pid) == created


def _created(pid: int) -> float | None:
    """When the process began, as text of the system's own clock; None when it is gone or only waits to be reaped."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def _signal_group(worker: Json, signal_number: signal.Signals) -> None:
    pid = worker["pid"]
    with contextlib.suppress(ProcessLookupError):
        if isinstance(pid, int):
            os.killpg(pid, signal_number)
