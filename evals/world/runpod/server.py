"""The three servers: REST v2 with its keys, rules, lags and faults, the API of serverless jobs, and the volume's S3."""

from __future__ import annotations

import json
import math
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from evals.world.runpod.endpoint_rules import refuses_endpoint
from evals.world.runpod.endpoints import Endpoints
from evals.world.runpod.faults import Fault, Faults
from evals.world.runpod.jobs_api import JobsApi
from evals.world.runpod.pods import Pod, Pods
from evals.world.runpod.rules import MOST_BYTES, Catalogue, Refusal
from evals.world.runpod.s3 import Answer, Request, VolumeS3

KEY = "rpa_WORLD0123456789ABCDEF0"
IMAGE = "registry.example/statagent@sha256:0"
CENTRE = "EU-RO-1"
VOLUME = "vol0123abc"
ACCESS, SECRET = "user_world", "rps_WORLD0123456789ABCDEF0"


@dataclass
class RunPodWorld:
    """The state behind the servers, and what a test may turn."""

    pods: Pods
    endpoints: Endpoints
    s3: VolumeS3
    catalogue: Catalogue
    faults: Faults = field(default_factory=Faults)
    balance_usd: float = 100.0
    lag_s: float = 0.0
    page_size: int = 50
    is_billed: bool = True
    is_delete_for_pods: bool = True
    requests: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    s3_url: str = ""
    jobs_url: str = ""

    @property
    def spent_usd(self) -> float:
        """What all pods have cost so far."""
        return sum(pod.billed_s * pod.usd_per_hour / 3600 for pod in self.pods.all)

    def options(self) -> dict[str, Any]:
        """The settings of a program that is to use this world, by name."""
        return {
            "runpod_api_key": KEY, "runpod_api_url": self.url, "runpod_image": IMAGE, "runpod_volume": VOLUME,
            "runpod_s3_endpoint": self.s3_url, "runpod_s3_region": CENTRE, "runpod_s3_access_key": ACCESS,
            "runpod_s3_secret_key": SECRET, "runpod_endpoint_base_url": f"{self.jobs_url}/v2",
        }  # fmt: skip

    def answer(self, method: str, path: str, query: dict[str, list[str]], token: str, body: bytes) -> Answer:
        """Carry out one request of the REST API."""
        pod = next((pod for pod in self.pods.alive() if pod.key == token), None)
        if token != KEY and pod is None:
            return _problem(401, "invalid API key")
        parts = path.removeprefix("/v2").strip("/").split("/")
        if pod is not None and not (parts == ["pods", pod.pod_id] and (method == "GET" or self.is_delete_for_pods)):
            return _problem(403, "access denied")
        match [method, *parts]:
            case ["POST", "pods"]:
                return self._create(body)
            case ["GET", "pods"]:
                seen = [pod for pod in self.pods.alive() if time.time() - pod.created_at >= self.lag_s]
                return self._page([pod.shown() for pod in seen], query)
            case [_, "pods", pod_id, *rest]:
                return self._one(method, self.pods.of(pod_id), rest)
            case ["GET", "catalog", ("gpus" | "cpus") as kind]:
                return self._catalogued(kind, query)
            case [_, "serverless", *rest]:
                return self._serverless(method, rest, body)
            case ["GET", "billing", "pods"]:
                return self._bill(query)
        return _problem(404, "no such path")

    def _bill(self, query: dict[str, list[str]]) -> Answer:
        """One record for each pod and hour; rounded up to whole cents, as no clock of ours says it."""
        wanted = query.get("podId", [""])[0]
        amounts = {
            pod.pod_id: math.ceil(pod.billed_s * pod.usd_per_hour / 36) / 100
            for pod in self.pods.all
            if wanted in ("", pod.pod_id) and pod.gone_at is not None and self.is_billed
        }
        parts = {"gpuAmount": 0.0, "diskAmount": 0.0}
        records = [{"podId": name, "totalAmount": usd, "cpuAmount": usd, **parts} for name, usd in amounts.items()]
        totals = {"totalAmount": sum(amounts.values())}
        return _json(200, {"records": records, "metadata": {"recordCount": len(records), "totals": totals}})

    def _page(self, shown: list[dict[str, Any]], query: dict[str, list[str]]) -> Answer:
        """A page of the list, from where the cursor stands."""
        first = int(query.get("cursor", ["0"])[0])
        last = first + self.page_size
        following = str(last) if last < len(shown) else None
        about = {"nextCursor": following, "hasNextPage": following is not None}
        return _json(200, {"pods": shown[first:last], "pagination": about})

    def _create(self, body: bytes) -> Answer:
        if len(body) > MOST_BYTES:
            return _problem(413, "too large")
        try:
            asked = json.loads(body)
        except ValueError:
            return _problem(400, "no JSON")
        refusal = Refusal(402, "balance too low") if self.balance_usd <= 0 else self.catalogue.refuses(asked)
        if refusal is not None:
            return _problem(refusal.status, refusal.detail)
        pod = self.pods.create(asked, self.catalogue.usd_per_hour(asked), self.catalogue.centre)
        return _json(201, pod.shown())

    def _catalogued(self, kind: str, query: dict[str, list[str]]) -> Answer:
        if ("include" in query) != ("product" in query):
            return _problem(400, "include=AVAILABILITY and product go together")
        is_serverless = query.get("product") == ["SERVERLESS"]
        return _json(200, self.catalogue.shown_serverless() if is_serverless else self.catalogue.shown(kind))

    def _serverless(self, method: str, rest: list[str], body: bytes) -> Answer:
        """Endpoints: made, listed, shown, changed and deleted."""
        endpoints = self.endpoints
        if not rest and method == "GET":
            return _json(200, {"endpoints": [one.shown() for one in endpoints.all.values()]})
        found = endpoints.all.get(rest[0]) if rest else None
        if rest and (found is None or len(rest) > 1):
            return _problem(404, "resource not found")
        if method in ("POST", "PATCH"):
            asked = json.loads(body)
            refusal = refuses_endpoint(asked, self.catalogue.volume_id, found is None)
            if refusal is not None:
                return _problem(refusal.status, refusal.detail)
            if found is None:
                return _json(201, endpoints.create(asked).shown())
            found.body |= asked
            return _json(200, found.shown())
        if method == "DELETE" and found is not None:
            endpoints.delete(found)
            return Answer(204)
        return _json(200, found.shown()) if found is not None else _problem(405, "method not allowed")

    def _one(self, method: str, pod: Pod | None, rest: list[str]) -> Answer:
        if pod is None:
            return _problem(404, "resource not found")
        if method == "GET" and rest == ["logs"]:
            lines = "".join(f"data: {line}\n\n" for line in self.pods.log(pod))
            return Answer(200, lines.encode(), {"Content-Type": "text/event-stream"})
        if method == "GET" and not rest:
            return _json(200, pod.shown())
        if method == "DELETE" and not rest:
            self.pods.delete(pod)
            return Answer(204)
        return _problem(405, "method not allowed")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        """Any method goes one way."""
        with suppress(ConnectionError):
            super().handle_one_request()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self._do
        raise AttributeError(name)

    def _do(self) -> None:
        assert isinstance(self.server, _Server)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._send(self.server.carry_out(self, body))

    def _send(self, answer: Answer | None) -> None:
        if answer is None:
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        headers = {"Content-Length": str(len(answer.body)), **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of http.server
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, world: RunPodWorld, serves: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._world = world
        self._serves = serves

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was closed on purpose is no error."""

    def carry_out(self, handler: _Handler, body: bytes) -> Answer | None:
        """The answer to a request; None where it is lost."""
        at, world = urlsplit(handler.path), self._world
        headers = {name.lower(): value for name, value in handler.headers.items()}
        if self._serves == "s3":
            return world.s3.answer(Request(handler.command, at.path, at.query, headers, body))
        world.requests.append((handler.command, at.path))
        fault = world.faults.take(handler.command, at.path)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if fault is not None and not fault.is_done:
            return _faulty(fault)
        if self._serves == "jobs":
            answer = JobsApi(world.endpoints, KEY).answer(handler.command, at.path, token, body)
        else:
            answer = world.answer(handler.command, at.path, parse_qs(at.query), token, body)
        return answer if fault is None else _faulty(fault)


def _faulty(fault: Fault) -> Answer | None:
    if fault.body is not None:
        return Answer(fault.status, fault.body, {"Content-Type": "application/json", **fault.headers})
    return None if fault.status == 0 else _problem(fault.status, "a fault", fault.headers)


def _json(status: int, value: object) -> Answer:
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Answer:
    body = json.dumps({"title": detail, "status": status, "detail": detail}).encode()
    return Answer(status, body, {"Content-Type": "application/problem+json", **(headers or {})})


@contextmanager
def runpod_world(folder: Path | None = None) -> Iterator[RunPodWorld]:
    """The servers on loopback; at the end every pod and every worker is gone."""
    with tempfile.TemporaryDirectory(prefix="runpod-world-") as made:
        place = folder or Path(made)
        volume = place / "volume"
        volume.mkdir(parents=True)
        world = RunPodWorld(
            Pods(place / "pods", volume),
            Endpoints(place / "workers", volume),
            VolumeS3(volume, VOLUME, CENTRE, ACCESS, SECRET),
            Catalogue(CENTRE, VOLUME, {"cpu5c": 0.04, "cpu3c": 0.03}, {"NVIDIA RTX A5000": 0.27}, set(), set()),
        )
        (place / "pods").mkdir()
        servers = [_Server(world, serves) for serves in ("rest", "s3", "jobs")]
        world.url, world.s3_url, world.jobs_url = (f"http://127.0.0.1:{server.server_port}" for server in servers)
        world.endpoints.url = world.jobs_url
        threads = [threading.Thread(target=server.serve_forever, args=[0.05], daemon=True) for server in servers]
        for thread in threads:
            thread.start()
        try:
            yield world
        finally:
            world.endpoints.close()
            for pod in world.pods.alive():
                world.pods.delete(pod)
            for server, thread in zip(servers, threads, strict=True):
                server.shutdown()
                server.server_close()
                thread.join()
