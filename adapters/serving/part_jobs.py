"""The jobs of an attempt's parts at RunPod: sent, looked after until each has ended, cancelled."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from adapters.compute.attempt_files import ENDED, AttemptFiles
from adapters.compute.base import ComputeError
from adapters.compute.runpod_answers import AmbiguousError, SilentError
from adapters.records import Attempt, Json, JsonValue
from adapters.serving.endpoint_request import WORKERS
from adapters.serving.part_ends import end_of_job, end_of_made
from adapters.serving.part_tries import GRACE_S, SENT, PartTries, Tries, Try, try_name
from adapters.serving.parted import due_parts, limit_of, parts_of
from adapters.serving.runpod_jobs import RefusedJobError, RunPodJobs
from adapters.serving.serverless_words import CLAIMED, MADE

JOB = "job"
"""Which job a try became."""
START_S = 25.0
"""Of a worker, with the seconds that it waits for more; paid for beside the work."""
LEAST_S = 5.0
"""RunPod takes no shorter limit."""
STARTS = 2
"""The cap holds so many starts of each worker."""
WAITS_S = 600
"""Longer than the attempt's own seconds no job waits in the queue but for this: then it expires."""
MOST_AT_ONCE = 8
MOST_ASKED = 40
"""Jobs of which one look asks how they stand: those that began first."""


@dataclass(frozen=True)
class PartJobs:
    """Jobs of one endpoint, the files of attempts on its volume, and their tries."""

    jobs: RunPodJobs
    files: AttemptFiles
    tries: PartTries

    def send_due(self, attempt: Attempt, tries: Tries) -> Tries:
        """Send each part that is neither done nor under way; gives the tries as they are then."""
        due = due_parts(attempt, tries, time.time(), starts_s(attempt), LEAST_S)
        if not due:
            return tries
        limit_s = limit_of(attempt, starts_s(attempt), LEAST_S)
        waits_s = attempt.request.max_seconds + WAITS_S
        new = [Try(number, n, time.time(), limit_s, None, waits_s) for number, n in due]
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            for _ in pool.map(lambda one: self._send_new(attempt, one), new):
                pass
        return self.tries.of(attempt.key)

    def _send_new(self, attempt: Attempt, one: Try) -> None:
        """Put down that a try is about to be sent, for from now on it may be paid for, and send it."""
        told: Json = {"at": one.sent_at, "limit_s": one.limit_s, "waits_s": one.waits_s}
        self.files.put(attempt.key, f"{SENT}/{name_of(one)}", told)
        self._send(attempt, one)

    def _send(self, attempt: Attempt, one: Try) -> None:
        """Send a try; once more where the answer is lost: its worker claims it, and only one can."""
        key, name = attempt.key, name_of(one)
        asked = {"key": key, "number": one.number, "try": one.n, "limit_s": one.limit_s - 1}
        for _ in range(2):
            try:
                job_id = self.jobs.send(asked, one.limit_s, one.waits_s + one.limit_s)
            except RefusedJobError as error:
                self.tries.end(key, one.number, one.n, {"error": str(error), "ms": 0})
            except SilentError:
                # It was not taken, and is sent at a later look.
                pass
            except AmbiguousError:
                continue
            else:
                self.files.put(key, f"{JOB}/{name}", {"id": job_id, "at": time.time()})
            return

    def look(self, attempt: Attempt, tries: Tries) -> Tries:
        """Put down how tries have ended since the last look; those that no job is known of are sent again."""
        waiting = [one for one in tries.all if one.done is None]
        if not waiting:
            return tries
        names = self.files.names(attempt.key)
        waiting.sort(key=lambda one: (f"{MADE}/{name_of(one)}" not in names, f"{CLAIMED}/{name_of(one)}" not in names))
        with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
            ends = list(pool.map(lambda one: self._end_of(attempt, one, names), waiting[:MOST_ASKED]))
        for one, end in zip(waiting, ends, strict=False):
            if end is not None:
                self.tries.end(attempt.key, one.number, one.n, end)
        return self.tries.of(attempt.key)

    def _end_of(self, attempt: Attempt, one: Try, names: frozenset[str]) -> Mapping[str, JsonValue] | None:
        """How a try has ended; None while it may still do something, or nobody can say."""
        key, name = attempt.key, name_of(one)
        is_claimed, is_made = f"{CLAIMED}/{name}" in names, f"{MADE}/{name}" in names
        made = self.files.told(key, f"{MADE}/{name}") if is_made else None
        if f"{JOB}/{name}" not in names:
            return self._end_without_id(attempt, one, made, is_claimed)
        status = self.jobs.status(str(self.files.told(key, f"{JOB}/{name}").get("id")))
        if status.is_open or (status.is_unknown and made is None and self._is_new(one)):
            return None
        # It may have been claimed since the files were listed.
        is_claimed = is_claimed or self.files.has(key, f"{CLAIMED}/{name}")
        if made is None and status.is_taken:
            return self._end_without_id(attempt, one, made, is_claimed)
        if not is_claimed:
            # Nothing has begun with it, and nothing may any more: it is given up.
            self.files.put(key, f"{CLAIMED}/{name}", {"job": "", "at": time.time()})
        return end_of_job(status, made, is_claimed)

    def _end_without_id(
        self, attempt: Attempt, one: Try, made: Json | None, is_claimed: bool
    ) -> Mapping[str, JsonValue] | None:
        """How a try has ended whose job nobody knows by its id: by its worker's word, or when its time is over."""
        if made is not None:
            return end_of_made(made)
        if not is_claimed:
            if not self._is_new(one) and not self.files.has(attempt.key, ENDED):
                self._send(attempt, one)
            return None
        begun = self.files.written_at(attempt.key, f"{CLAIMED}/{name_of(one)}")
        is_over = begun is not None and time.time() > begun + one.limit_s + GRACE_S
        worker = _some_worker(one)
        return {"error": f"no word within its {one.limit_s:.0f} s", "worker": worker} if is_over else None

    def _is_new(self, one: Try) -> bool:
        """Whether it was sent a moment ago: RunPod may not know its job yet."""
        return time.time() - one.sent_at < self.jobs.api.patience.settle_s

    def cancel_all(self, key: str) -> None:
        """Cancel every job of an attempt that is known and has not ended.

        Raises
        ------
        ComputeError
            If RunPod has not cancelled one yet, or cannot be asked.
        """
        tries, names = self.tries.of(key), self.files.names(key)
        for one in tries.all:
            if one.done is None and f"{JOB}/{name_of(one)}" in names:
                self._cancel(key, one, f"{CLAIMED}/{name_of(one)}" in names)

    def _cancel(self, key: str, one: Try, is_claimed: bool) -> None:
        status = self.jobs.cancel(str(self.files.told(key, f"{JOB}/{name_of(one)}").get("id")))
        if status.is_open:
            raise ComputeError("RunPod has not cancelled a job yet; it will be tried again")
        # From when it was sent to now is more than it can have taken.
        most_ms = 1000 * min(time.time() - one.sent_at, one.limit_s) if is_claimed else 0
        ms = most_ms if status.execution_ms is None else status.execution_ms
        claim = self.files.told(key, f"{CLAIMED}/{name_of(one)}") if is_claimed else {}
        worker = status.worker or str(claim.get("worker") or _some_worker(one))
        self.tries.end(key, one.number, one.n, {"error": "cancelled", "ms": round(ms), "worker": worker})


def _some_worker(one: Try) -> str:
    """A worker that nobody names: one may have started for the try, and is paid for."""
    return f"of {name_of(one)}"


def name_of(one: Try) -> str:
    """The name of a try's files."""
    return try_name(one.number, one.n)


def starts_s(attempt: Attempt) -> float:
    """Of the cap, what starts of workers may take."""
    return STARTS * START_S * min(WORKERS, parts_of(attempt))
