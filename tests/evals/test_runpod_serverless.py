"""The simulated RunPod Serverless: as strict as the documents, and served by the real worker of RunPod's package."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adapters.compute.payload import pack
from adapters.serving.endpoint_request import endpoint_request
from evals.world.pace import Limit
from evals.world.runpod import RunPodWorld, runpod_world
from evals.world.runpod.faults import Fault
from evals.world.runpod.server import IMAGE, KEY, VOLUME

POLICY = {"executionTimeout": 5_000, "ttl": 60_000}
NOTHING = {"key": "nothing0", "number": 0, "try": 1, "limit_s": 5}
pytestmark = pytest.mark.usefixtures("real_children")


@pytest.fixture
def world() -> Iterator[RunPodWorld]:
    with runpod_world() as world:
        yield world


def asked(**changed: Any) -> dict[str, Any]:
    sha256, _ = pack()
    payload = f"payload/{sha256}.zip"
    made = endpoint_request(name="ours", image=IMAGE, volume_id=VOLUME, payload=payload, payload_sha256=sha256)
    return {**made, **changed}


def rest(world: RunPodWorld, method: str, path: str, body: object = None) -> httpx.Response:
    return httpx.request(method, f"{world.url}/v2/{path}", json=body, headers={"Authorization": f"Bearer {KEY}"})


def jobs(world: RunPodWorld, method: str, path: str, body: object = None, key: str = KEY) -> httpx.Response:
    return httpx.request(method, f"{world.jobs_url}/v2/{path}", json=body, headers={"Authorization": f"Bearer {key}"})


def deployed(world: RunPodWorld, **changed: Any) -> str:
    sha256, content = pack()
    place = world.s3.folder / "payload"
    place.mkdir(exist_ok=True)
    (place / f"{sha256}.zip").write_bytes(content)
    return str(rest(world, "POST", "serverless", asked(**changed)).json()["id"])


def ended(world: RunPodWorld, endpoint: str, job_id: str, seconds: float = 30) -> dict[str, Any]:
    limit = Limit(seconds)
    while True:
        found: dict[str, Any] = jobs(world, "GET", f"{endpoint}/status/{job_id}").json()
        if found["status"] not in ("IN_QUEUE", "IN_PROGRESS") or limit.is_over():
            return found
        time.sleep(0.05)


def test_the_real_worker_answers_a_job_and_ends_when_there_are_no_more(world: RunPodWorld) -> None:
    endpoint = deployed(world, workers={"min": 0, "max": 2, "idleTimeout": 1})
    sent = jobs(world, "POST", f"{endpoint}/run", {"input": NOTHING, "policy": POLICY}).json()
    assert sent["status"] == "IN_QUEUE"
    found = ended(world, endpoint, sent["id"])
    assert (found["status"], found["error"]) == ("FAILED", "there is no such attempt on the volume")
    assert 0 <= found["executionTime"] < 5_000
    limit = Limit(20)
    while world.endpoints.all[endpoint].alive() and not limit.is_over():
        time.sleep(0.05)
    (worker,) = world.endpoints.all[endpoint].workers
    assert worker.ended_at is not None


def test_an_endpoint_is_listed_changed_and_deleted(world: RunPodWorld) -> None:
    endpoint = deployed(world)
    (shown,) = rest(world, "GET", "serverless").json()["endpoints"]
    assert (shown["id"], shown["workers"]) == (endpoint, {"min": 0, "max": 3, "idleTimeout": 5})
    changed = {"gpu": {"pools": ["ADA_24"], "count": 1}, "env": {"A": "1"}}
    assert rest(world, "PATCH", f"serverless/{endpoint}", changed).json()["env"] == {"A": "1"}
    assert rest(world, "DELETE", f"serverless/{endpoint}").status_code == 204
    assert rest(world, "GET", f"serverless/{endpoint}").status_code == 404
    assert jobs(world, "POST", f"{endpoint}/run", {"input": {}}).status_code == 404


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"name": ""}, 422),
        ({"templates": "x"}, 422),
        ({"gpu": {"pools": []}}, 422),
        ({"scaling": {"type": "REQUEST_COUNT", "value": 4}}, 422),
        ({"workers": {"min": 0, "max": 3, "idleTimeout": 0}}, 422),
        ({"networkVolumes": ["another"]}, 400),
    ],
)
def test_an_endpoint_that_breaks_a_rule_is_not_made(world: RunPodWorld, changed: dict[str, Any], status: int) -> None:
    assert rest(world, "POST", "serverless", asked(**changed)).status_code == status
    assert rest(world, "GET", "serverless").json() == {"endpoints": []}


def test_a_job_waits_is_cancelled_purged_lost_and_expires(world: RunPodWorld) -> None:
    endpoint = deployed(world, args="sleep 60")
    first, second, third = (
        jobs(world, "POST", f"{endpoint}/run", {"input": {}, "policy": POLICY}).json()["id"] for _ in range(3)
    )
    assert jobs(world, "POST", f"{endpoint}/cancel/{first}").json()["status"] == "CANCELLED"
    assert jobs(world, "POST", f"{endpoint}/purge-queue").json()["removed"] == 2
    assert {ended(world, endpoint, one)["status"] for one in (second, third)} == {"CANCELLED"}
    assert jobs(world, "GET", f"{endpoint}/health").json()["jobs"]["inQueue"] == 0
    world.endpoints.n_lost = 1
    lost = jobs(world, "POST", f"{endpoint}/run", {"input": {}, "policy": POLICY}).json()["id"]
    assert jobs(world, "GET", f"{endpoint}/status/{lost}").status_code == 404
    world.faults.add(Fault("POST", f"/v2/{endpoint}/run", 429, headers={"Retry-After": "0"}))
    assert jobs(world, "POST", f"{endpoint}/run", {"input": {}}).status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": []},
        {"input": {}, "priority": 1},
        {"input": {}, "policy": {"executionTimeout": 100}},
        {"input": {}, "policy": {"ttl": 100}},
        {"input": {}, "policy": {"timeout": 100}},
    ],
)
def test_a_job_that_breaks_a_rule_is_not_taken(world: RunPodWorld, body: dict[str, Any]) -> None:
    endpoint = deployed(world)
    assert jobs(world, "POST", f"{endpoint}/run", body).status_code == 400
    assert jobs(world, "POST", f"{endpoint}/run", {"input": {}}, key="wrong").status_code == 401
    assert not world.endpoints.all[endpoint].jobs


def test_the_catalogue_names_pools_and_serverless_prices(world: RunPodWorld) -> None:
    found = rest(world, "GET", "catalog/gpus?include=AVAILABILITY&product=SERVERLESS").json()["gpus"]
    assert {(one["pool"], one["price"]["serverless"]) for one in found} >= {("AMPERE_16", 0.58), ("AMPERE_24", 0.69)}
