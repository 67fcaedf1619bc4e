"""The jobs of one serverless endpoint of RunPod: sent, asked about, cancelled, and what an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.compute.base import ComputeError
from adapters.compute.runpod_answers import AmbiguousError, object_in, refused
from adapters.compute.runpod_api import RunPodApi
from adapters.compute.runpod_pod import ID
from adapters.compute.worker_files import shortened

WAITS, WORKS, DONE, GONE = "IN_QUEUE", "IN_PROGRESS", "COMPLETED", ""
"""Statuses of a job; GONE is ours, for one that RunPod does not know."""
MOST_MS = 10**9


class RefusedJobError(ComputeError):
    """The job was not taken, and would not be the next time."""


@dataclass(frozen=True)
class JobStatus:
    """How a job stands: what its worker answered, milliseconds of work where RunPod says them, and on which worker."""

    status: str
    output: Mapping[str, Any]
    error: str | None = None
    execution_ms: int | None = None
    worker: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may still do something."""
        return self.status in (WAITS, WORKS)

    @property
    def is_unknown(self) -> bool:
        """Whether RunPod knows no such job."""
        return self.status == GONE

    @property
    def is_taken(self) -> bool:
        """Whether its worker found that another job has the same try of the part."""
        return self.status == DONE and self.output.get("taken") is True


@dataclass(frozen=True)
class RunPodJobs:
    """The jobs behind `api`, whose address ends in the endpoint's id."""

    api: RunPodApi

    def send(self, asked: Mapping[str, Any], limit_s: float, life_s: float) -> str:
        """Put a job into the queue, once; gives its id.

        Raises
        ------
        AmbiguousError
            If it may be there now.
        RefusedJobError
            If RunPod does not take it.
        ComputeError
            If RunPod takes none now.
        """
        policy = {"executionTimeout": round(limit_s * 1000), "ttl": round(life_s * 1000)}
        answer = self.api.sent_once("POST", "/run", {"input": dict(asked), "policy": policy})
        if answer.status_code in (401, 403, 404):
            raise refused(answer)
        if not answer.is_success:
            raise RefusedJobError(str(refused(answer)))
        job_id = object_in(answer).get("id")
        if not isinstance(job_id, str) or not ID.fullmatch(job_id):
            raise AmbiguousError("RunPod's answer names no job")
        return job_id

    def status(self, job_id: str) -> JobStatus:
        """How a job stands now."""
        answer = self.api.sent("GET", f"/status/{job_id}")
        if answer.status_code == 404:
            return JobStatus(GONE, {})
        if answer.status_code != 200:
            raise refused(answer)
        return _read(object_in(answer))

    def cancel(self, job_id: str) -> JobStatus:
        """End a job; one that is over stays as it was."""
        answer = self.api.sent("POST", f"/cancel/{job_id}")
        if answer.status_code == 404:
            return JobStatus(GONE, {})
        if not answer.is_success:
            raise refused(answer)
        return _read(object_in(answer))

    def purge(self) -> None:
        """Take every job that waits out of the queue; that there is no endpoint any more is no error."""
        answer = self.api.sent("POST", "/purge-queue")
        if not answer.is_success and answer.status_code != 404:
            raise refused(answer)


def _read(found: Mapping[str, Any]) -> JobStatus:
    """What is believed of a status."""
    status, output, ms = found.get("status"), found.get("output"), found.get("executionTime")
    if not isinstance(status, str) or not status:
        raise AmbiguousError("RunPod's answer holds no status")
    error = found.get("error")
    # Of a job that was delivered twice nobody says what the first delivery took.
    is_said = (
        isinstance(ms, int | float) and not isinstance(ms, bool) and 0 <= ms <= MOST_MS and not found.get("retries")
    )
    return JobStatus(
        status=status,
        output=output if isinstance(output, dict) else {},
        error=None if error is None else shortened(str(error)),
        execution_ms=round(ms) if is_said and isinstance(ms, int | float) else None,
        worker=str(found.get("workerId", ""))[:64],
    )
