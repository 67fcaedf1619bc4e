"""Serverless endpoints: queues of jobs, and workers that are processes of this machine, begun and ended by demand."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.world.runpod.pods import pod_processes

MOUNT = "/runpod-volume"
DELIVERIES = 2
"""A job whose worker died is given to another one; the second time it has failed."""
RESULT_S = 1800
LOOK_S = 0.05
PENDING = ("IN_QUEUE", "IN_PROGRESS")


@dataclass
class ServerlessJob:
    """One job as it was sent, and what became of it."""

    job_id: str
    input: Mapping[str, Any]
    limit_s: float
    life_s: float
    created_at: float
    status: str = "IN_QUEUE"
    worker: str = ""
    started_at: float = 0.0
    ended_at: float = 0.0
    n_deliveries: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    is_lost: bool = False

    def end(self, status: str, told: Mapping[str, Any] | None = None) -> None:
        """It has ended so, unless it has ended before."""
        if self.status in PENDING:
            self.status, self.ended_at, self.told = status, time.time(), dict(told or {})

    def shown(self) -> dict[str, Any]:
        """The job as its status is answered."""
        shown: dict[str, Any] = {"id": self.job_id, "status": self.status}
        if self.started_at:
            shown |= {"delayTime": round(1000 * (self.started_at - self.created_at)), "workerId": self.worker}
        if self.n_deliveries > 1:
            shown["retries"] = self.n_deliveries - 1
        if self.status in ("COMPLETED", "FAILED"):
            shown |= {"executionTime": round(1000 * (self.ended_at - self.started_at)), **self.told}
        return shown


@dataclass
class ServerlessWorker:
    """One worker, which is paid for from its start to its end."""

    worker_id: str
    key: str
    process: subprocess.Popen[bytes]
    started_at: float
    idle_since: float | None = None
    ended_at: float | None = None
    stops: list[str] = field(default_factory=list)

    @property
    def billed_s(self) -> float:
        """Seconds that are paid for until now."""
        return (self.ended_at or time.time()) - self.started_at


@dataclass
class Endpoint:
    """One endpoint with its jobs and its workers."""

    endpoint_id: str
    body: dict[str, Any]
    jobs: dict[str, ServerlessJob] = field(default_factory=dict)
    workers: list[ServerlessWorker] = field(default_factory=list)

    def alive(self) -> list[ServerlessWorker]:
        """The workers that are paid for now."""
        return [worker for worker in self.workers if worker.ended_at is None]

    def pending(self, status: str) -> list[ServerlessJob]:
        """The jobs of that status, in the order in which they came."""
        return [job for job in self.jobs.values() if job.status == status]

    def shown(self) -> dict[str, Any]:
        """The endpoint as REST v2 shows it."""
        body = self.body
        workers = {"min": 0, "max": 3, "idleTimeout": 10} | body.get("workers", {})
        return {"timeout": 300_000, "flashboot": "OFF", "env": {}, **body, "id": self.endpoint_id, "workers": workers}


class Endpoints:
    """All endpoints of the account; a thread begins and ends workers by demand."""

    def __init__(self, folder: Path, volume: Path) -> None:
        self.folder = folder
        self._volume = volume
        self._done = threading.Event()
        self.lock = threading.RLock()
        self.all: dict[str, Endpoint] = {}
        self.url = ""
        self.n_lost = 0
        """So many of the next jobs are taken and forgotten."""
        threading.Thread(target=self._run, daemon=True).start()

    def create(self, body: dict[str, Any]) -> Endpoint:
        """A new endpoint; it has workers when it has jobs, or at once where it must."""
        endpoint = Endpoint(f"ep{secrets.token_hex(6)}", body)
        with self.lock:
            self.all[endpoint.endpoint_id] = endpoint
        return endpoint

    def delete(self, endpoint: Endpoint) -> None:
        """It is gone, with its workers and jobs."""
        with self.lock:
            self.all.pop(endpoint.endpoint_id, None)
            for worker in endpoint.alive():
                self.end(endpoint, worker)

    def close(self) -> None:
        """End everything."""
        self._done.set()
        for endpoint in list(self.all.values()):
            self.delete(endpoint)

    def send(self, endpoint: Endpoint, body: Mapping[str, Any]) -> ServerlessJob:
        """Take a job into the queue."""
        policy = body.get("policy", {})
        job = ServerlessJob(
            f"{secrets.token_hex(10)}-e1",
            body["input"],
            policy.get("executionTimeout", endpoint.body.get("timeout", 300_000)) / 1000,
            policy.get("ttl", 86_400_000) / 1000,
            time.time(),
        )
        with self.lock:
            if self.n_lost:
                self.n_lost -= 1
                job.is_lost = True
            else:
                endpoint.jobs[job.job_id] = job
        return job

    def take(self, endpoint: Endpoint, worker: ServerlessWorker) -> ServerlessJob | None:
        """The next job for a worker."""
        with self.lock:
            # It begins to be idle when it first asks: until then it starts.
            worker.idle_since = worker.idle_since or time.time()
            for job in endpoint.pending("IN_QUEUE"):
                job.status, job.worker, job.n_deliveries = "IN_PROGRESS", worker.worker_id, job.n_deliveries + 1
                job.started_at = time.time()
                return job
        return None

    def end(self, endpoint: Endpoint, worker: ServerlessWorker) -> None:
        """The worker is gone; its job goes back into the queue once, and has failed the second time."""
        with self.lock:
            for pid in pod_processes(worker.worker_id):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            worker.process.wait()
            worker.ended_at = worker.ended_at or time.time()
            for job in endpoint.pending("IN_PROGRESS"):
                if job.worker == worker.worker_id and job.n_deliveries < DELIVERIES:
                    job.status = "IN_QUEUE"
                elif job.worker == worker.worker_id:
                    job.end("FAILED", {"error": "job timed out after 1 retries"})

    def _run(self) -> None:
        while not self._done.wait(LOOK_S):
            for endpoint in list(self.all.values()):
                with self.lock:
                    self._look(endpoint)

    def _look(self, endpoint: Endpoint) -> None:
        now = time.time()
        for worker in endpoint.alive():
            if worker.process.poll() is not None:
                self.end(endpoint, worker)
        for job in list(endpoint.jobs.values()):
            self._age(endpoint, job, now)
        busy = {job.worker for job in endpoint.pending("IN_PROGRESS")}
        shown = endpoint.shown()["workers"]
        for worker in endpoint.alive():
            idle_s = 0.0 if worker.idle_since is None else now - worker.idle_since
            if worker.worker_id in busy:
                worker.idle_since = now
            elif idle_s > shown["idleTimeout"] and len(endpoint.alive()) > shown["min"]:
                self.end(endpoint, worker)
        waiting = len(endpoint.pending("IN_QUEUE"))
        wanted = min(shown["max"], max(shown["min"], len(busy) + waiting))
        if len(endpoint.alive()) < wanted and endpoint.endpoint_id in self.all:
            self._start(endpoint)

    def _age(self, endpoint: Endpoint, job: ServerlessJob, now: float) -> None:
        over = job.status == "IN_PROGRESS" and now - job.started_at > job.limit_s
        if job.status in PENDING and (over or now - job.created_at > job.life_s):
            self.stop(endpoint, job)
            job.end("TIMED_OUT")
        elif job.status not in PENDING and now - job.ended_at > RESULT_S:
            del endpoint.jobs[job.job_id]

    def stop(self, endpoint: Endpoint, job: ServerlessJob) -> None:
        """Tell the job's worker to stop it."""
        for worker in endpoint.alive():
            if worker.worker_id == job.worker and job.status == "IN_PROGRESS":
                worker.stops.append(job.job_id)

    def _start(self, endpoint: Endpoint) -> None:
        worker_id, key = secrets.token_hex(7), f"rpa_WORKER{secrets.token_hex(12)}"
        disk = self.folder / worker_id
        disk.mkdir(parents=True)
        with (self.folder / f"{worker_id}.log").open("ab") as log:
            process = subprocess.Popen(
                self._inside(shlex.split(endpoint.body.get("args", ""))), cwd=disk, stdin=subprocess.DEVNULL,
                env=self._environment(endpoint, worker_id, key), stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        endpoint.workers.append(ServerlessWorker(worker_id, key, process, time.time()))

    def _environment(self, endpoint: Endpoint, worker_id: str, key: str) -> dict[str, str]:
        given = {name: str(value) for name, value in endpoint.body.get("env", {}).items()}
        base, disk = f"{self.url}/v2/{endpoint.endpoint_id}", str(self.folder / worker_id)
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": disk,
            "TMPDIR": disk,
            "OMP_NUM_THREADS": "1",
            "RUNPOD_POD_ID": worker_id,
            "RUNPOD_ENDPOINT_ID": endpoint.endpoint_id,
            "RUNPOD_AI_API_KEY": key,
            "RUNPOD_PING_INTERVAL": "1000",
            "RUNPOD_WEBHOOK_GET_JOB": f"{base}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{base}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_WEBHOOK_PING": f"{base}/ping/$RUNPOD_POD_ID",
            **dict(zip(given, self._inside(list(given.values())), strict=True)),
        }

    def _inside(self, words: list[str]) -> list[str]:
        """Words whose paths on the network volume are those of its folder here: this machine mounts nothing."""
        return [
            f"{self._volume}{word[len(MOUNT) :]}" if word == MOUNT or word.startswith(f"{MOUNT}/") else word
            for word in words
        ]
