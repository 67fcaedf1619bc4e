"""The API of jobs: what a program sends to an endpoint, and what its workers ask for and answer."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from evals.world.runpod.endpoint_rules import refuses_job
from evals.world.runpod.endpoints import PENDING, Endpoint, Endpoints, ServerlessJob, ServerlessWorker
from evals.world.runpod.s3 import Answer

HELD_S = 0.5
"""A worker that asks for a job is answered so late where there is none."""
LOOK_S = 0.02


@dataclass(frozen=True)
class JobsApi:
    """Answers of `https://api.runpod.ai/v2`; `key` is the account's."""

    endpoints: Endpoints
    key: str

    def answer(self, method: str, path: str, token: str, body: bytes) -> Answer:
        """Carry out one request."""
        endpoint_id, *rest = path.removeprefix("/v2/").strip("/").split("/")
        endpoint = self.endpoints.all.get(endpoint_id)
        worker = None if endpoint is None else next((one for one in endpoint.alive() if one.key == token), None)
        if token != self.key and worker is None:
            return _json(401, {"error": "unauthorized"})
        if endpoint is None:
            return _json(404, {"error": "endpoint not found"})
        if worker is not None:
            return self._of_worker(method, endpoint, worker, rest, body)
        return self._of_program(method, endpoint, rest, body)

    def _of_program(self, method: str, endpoint: Endpoint, rest: list[str], body: bytes) -> Answer:
        match [method, *rest]:
            case ["POST", ("run" | "runsync") as how]:
                return self._run(endpoint, body, how == "runsync")
            case ["GET", "status", job_id]:
                job = endpoint.jobs.get(job_id)
                return _json(404, {"error": "job not found"}) if job is None else _json(200, job.shown())
            case ["POST", "cancel", job_id]:
                return self._cancel(endpoint, job_id)
            case ["POST", "purge-queue"]:
                return self._purge(endpoint)
            case ["GET", "health"]:
                return _json(200, _health(endpoint))
        return _json(404, {"error": "no such path"})

    def _run(self, endpoint: Endpoint, body: bytes, is_waiting: bool) -> Answer:
        try:
            asked = json.loads(body)
        except ValueError:
            return _json(400, {"error": "no JSON"})
        refusal = refuses_job(asked, len(body))
        if refusal is not None:
            return _json(refusal.status, {"error": refusal.detail})
        job = self.endpoints.send(endpoint, asked)
        until = time.monotonic() + 60
        while is_waiting and job.status in PENDING and time.monotonic() < until:
            time.sleep(LOOK_S)
        return _json(200, job.shown())

    def _cancel(self, endpoint: Endpoint, job_id: str) -> Answer:
        with self.endpoints.lock:
            job = endpoint.jobs.get(job_id)
            if job is None:
                return _json(404, {"error": "job not found"})
            self.endpoints.stop(endpoint, job)
            job.end("CANCELLED")
            return _json(200, job.shown())

    def _purge(self, endpoint: Endpoint) -> Answer:
        with self.endpoints.lock:
            waiting = endpoint.pending("IN_QUEUE")
            for job in waiting:
                job.end("CANCELLED")
        return _json(200, {"removed": len(waiting), "status": "completed"})

    def _of_worker(
        self, method: str, endpoint: Endpoint, worker: ServerlessWorker, rest: list[str], body: bytes
    ) -> Answer:
        match [method, *rest]:
            case ["GET", "job-take", worker.worker_id]:
                return self._take(endpoint, worker)
            case ["GET", "job-stop", worker.worker_id]:
                return _stops(worker)
            case ["POST", "job-done", worker.worker_id, job_id]:
                return self._done(endpoint.jobs.get(job_id), worker, body)
            case ["GET", "ping", worker.worker_id]:
                return _json(200, {})
        return _json(403, {"error": "not for a worker"})

    def _take(self, endpoint: Endpoint, worker: ServerlessWorker) -> Answer:
        until = time.monotonic() + HELD_S
        while time.monotonic() < until and worker.ended_at is None:
            job = self.endpoints.take(endpoint, worker)
            if job is not None:
                return _json(200, {"id": job.job_id, "input": job.input})
            time.sleep(LOOK_S)
        return Answer(204)

    def _done(self, job: ServerlessJob | None, worker: ServerlessWorker, body: bytes) -> Answer:
        if job is None or job.worker != worker.worker_id:
            return _json(404, {"error": "job not found"})
        told = json.loads(body)
        with self.endpoints.lock:
            if "error" in told:
                job.end("FAILED", {"error": told["error"], **_output(told)})
            else:
                job.end("COMPLETED", _output(told))
        return _json(200, {})


def _output(told: dict[str, Any]) -> dict[str, Any]:
    return {"output": told["output"]} if "output" in told else {}


def _stops(worker: ServerlessWorker) -> Answer:
    until = time.monotonic() + HELD_S
    while not worker.stops and time.monotonic() < until and worker.ended_at is None:
        time.sleep(LOOK_S)
    stops, worker.stops = worker.stops, []
    return _json(200, {"jobsToStop": stops}) if stops else Answer(204)


def _health(endpoint: Endpoint) -> dict[str, Any]:
    n = {status: len(endpoint.pending(status)) for status in ("COMPLETED", "FAILED", "IN_PROGRESS", "IN_QUEUE")}
    jobs = {
        "completed": n["COMPLETED"],
        "failed": n["FAILED"],
        "inProgress": n["IN_PROGRESS"],
        "inQueue": n["IN_QUEUE"],
        "retried": 0,
    }
    alive = len(endpoint.alive())
    return {"jobs": jobs, "workers": {"idle": alive - n["IN_PROGRESS"], "running": n["IN_PROGRESS"], "throttled": 0}}


def _json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})
