"""RunPod when it goes wrong: lost answers, lagging lists, refusals, dear pods, pods that go away or do not go."""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import httpx
import psutil
import pytest

from adapters.compute.base import ComputeError, NoCapacity
from adapters.compute.runpod import detect
from adapters.compute.runpod_api import RunPodApi
from evals.world.pace import Limit, is_within
from evals.world.runpod import RunPodWorld
from evals.world.runpod.faults import Fault
from evals.world.runpod.pods import pod_processes
from evals.world.runpod.program import Address, runpod_backend
from evals.world.runpod.server import KEY, SECRET
from tests.adapters.compute.conftest import APPROVAL, LONG, Bench, surroundings

CREATE = ("POST", "/v2/pods")
pytestmark = pytest.mark.usefixtures("real_children")
no_pod_begins = pytest.mark.usefixtures("no_pod_begins")


def n_creates(world: RunPodWorld) -> int:
    return world.requests.count(CREATE)


@pytest.fixture(autouse=True)
def _nothing_is_left(world: RunPodWorld) -> Iterator[None]:
    yield
    limit = Limit(10)
    while any(pod_processes(pod.pod_id) for pod in world.pods.all if pod.gone_at) and not limit.is_over():
        time.sleep(0.05)
    assert not any(pod_processes(pod.pod_id) for pod in world.pods.all if pod.gone_at)


@no_pod_begins
@pytest.mark.parametrize("fault", [Fault(*CREATE, 0, is_done=True), Fault(*CREATE, 502, is_done=True)])
@pytest.mark.parametrize("lag_s", [0.0, 0.4])
def test_a_lost_answer_never_makes_a_second_pod(world: RunPodWorld, rented: Bench, fault: Fault, lag_s: float) -> None:
    world.lag_s = lag_s
    world.faults.add(fault)
    running = rented.launch(rented.attempt(LONG))
    assert running.handle is not None
    assert [pod.pod_id for pod in world.pods.all] == [running.handle["pod_id"]]


@no_pod_begins
def test_a_program_that_died_behind_the_create_finds_its_pod_in_a_lagging_list(
    world: RunPodWorld, rented: Bench
) -> None:
    first = rented.launch(rented.attempt(LONG))
    world.lag_s = time.time() - world.pods.all[0].created_at + 0.3
    # As a program finds it that begins again: the row is there, the handle is not.
    again = rented.make().launch(replace(first, handle=None), APPROVAL)
    assert again["pod_id"] == (first.handle or {})["pod_id"]
    assert len(world.pods.all) == 1


@no_pod_begins
def test_of_two_pods_of_a_name_the_oldest_stays(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    (first,) = world.pods.all
    world.pods.create(first.body, first.usd_per_hour, first.centre)
    assert rented.backend.find(running.key) == running.handle
    assert world.pods.alive() == [first]


def test_a_create_that_was_not_carried_out_is_sent_again_once_and_then_given_up(
    world: RunPodWorld, rented: Bench
) -> None:
    world.faults.add(Fault(*CREATE, 503), Fault(*CREATE, 0))
    with pytest.raises(NoCapacity, match="answers are lost, and no pod has come of them"):
        rented.launch(rented.attempt())
    assert n_creates(world) == 2
    assert world.pods.all == []


@no_pod_begins
def test_too_many_requests_wait_as_long_as_is_asked(world: RunPodWorld, rented: Bench) -> None:
    world.faults.add(Fault(*CREATE, 429, headers={"Retry-After": "1"}))
    attempt = rented.attempt(LONG)
    started = time.monotonic()
    rented.launch(attempt)
    assert time.monotonic() - started > 1
    assert len(world.pods.all) == 1


def test_an_empty_balance_is_said_and_nothing_is_tried_again(world: RunPodWorld, rented: Bench) -> None:
    world.balance_usd = 0
    with pytest.raises(ComputeError, match="balance is too low") as caught:
        rented.launch(rented.attempt())
    assert not isinstance(caught.value, NoCapacity)
    assert n_creates(world) == 1


@pytest.mark.parametrize(("status", "words"), [(422, "refuses .422"), (401, "does not know the key")])
def test_what_is_refused_for_good_is_sent_once(world: RunPodWorld, rented: Bench, status: int, words: str) -> None:
    world.faults.add(Fault(*CREATE, status))
    with pytest.raises(ComputeError, match=words) as caught:
        rented.launch(rented.attempt())
    assert not isinstance(caught.value, NoCapacity)
    assert n_creates(world) == 1


def test_a_kind_that_is_not_left_is_not_offered_and_refused_at_once(world: RunPodWorld, rented: Bench) -> None:
    attempt = rented.attempt()
    world.catalogue.none_left |= {"cpu3c"}
    assert {offer.place.sku for offer in rented.backend.offers()} == {
        *("cpu5c-2-4", "cpu5c-4-8", "cpu5c-8-16"),
        "NVIDIA RTX A5000",
    }
    started = time.monotonic()
    with pytest.raises(NoCapacity):
        rented.launch(attempt)
    rented.backend.terminate(attempt)
    assert is_within(5, since=started)
    assert n_creates(world) == 1


def test_a_kind_that_the_key_may_not_have_is_passed_over(world: RunPodWorld, rented: Bench) -> None:
    attempt = rented.attempt()
    world.catalogue.forbidden |= {"cpu3c"}
    with pytest.raises(NoCapacity, match="403"):
        rented.launch(attempt)


def test_a_pod_that_costs_more_than_was_agreed_is_deleted_at_once(world: RunPodWorld, rented: Bench) -> None:
    attempt = rented.attempt()
    world.catalogue.cpus["cpu3c"] *= 2
    with pytest.raises(NoCapacity, match=r"asks \$0.1200 an hour, and \$0.0614 was agreed"):
        rented.launch(attempt)
    assert world.pods.alive() == []


def test_the_pod_ends_at_its_limit_with_nobody_looking_and_the_bill_stops_at_the_cap(
    world: RunPodWorld, rented: Bench
) -> None:
    attempt = rented.attempt(LONG, max_seconds=5)
    rented.launch(attempt)
    rented.backend.close()
    limit = Limit(15)
    while world.pods.alive() and not limit.is_over():
        time.sleep(0.1)
    (pod,) = world.pods.all
    assert pod.gone_at is not None
    # The cap is 5 s at the agreed price; the provider bills to the second that the pod is deleted in.
    assert pod.billed_s < 6.5
    told = json.loads((world.s3.folder / "attempts" / attempt.key / "ended.json").read_text())
    assert told["at_limit"] is True
    assert n_creates(world) == 1


def test_a_pod_that_may_not_delete_itself_stops_working_and_is_deleted_from_here(
    world: RunPodWorld, rented: Bench
) -> None:
    world.is_delete_for_pods = False
    running = rented.launch(rented.attempt())
    machine = rented.wait(running)
    assert machine.result is not None
    assert len(world.pods.alive()) == 1
    rented.backend.terminate(running)
    assert world.pods.alive() == []


@no_pod_begins
def test_a_delete_that_fails_is_not_taken_for_gone(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    pod_id = str((running.handle or {})["pod_id"])
    world.faults.add(*[Fault("DELETE", f"/v2/pods/{pod_id}", 500)] * 10)  # asked first and last, five times each
    with pytest.raises(ComputeError, match="cannot be asked now"):
        rented.backend.terminate(running)
    assert len(world.pods.alive()) == 1
    rented.backend.terminate(running)
    assert world.pods.alive() == []


@no_pod_begins
def test_a_volume_that_cannot_be_reached_keeps_no_pod_alive(world: RunPodWorld, rented: Bench, tmp_path: Path) -> None:
    running = rented.launch(rented.attempt(LONG))
    shut_out = runpod_backend(replace(Address.of(world), secret="rps_changed"), surroundings(tmp_path / "jobs"))
    with pytest.raises(ComputeError, match="403"):
        shut_out.terminate(running)
    assert world.pods.alive() == []
    shut_out.close()


@pytest.mark.parametrize("body", ["{}", '"pods"', '{"pods": {}}', '{"pods": ["p1"]}', "<html>"])
def test_an_answer_without_a_list_of_pods_is_not_taken_for_none(body: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=body))
    api = RunPodApi("http://127.0.0.1:1/v2", KEY)
    api.__dict__["_client"] = httpx.Client(base_url=api.url, transport=transport)
    with pytest.raises(ComputeError, match="RunPod's answer"):
        api.pods("statagent-")


def test_a_container_that_is_started_again_does_not_work_again(world: RunPodWorld, rented: Bench) -> None:
    world.is_delete_for_pods = False
    running = rented.launch(rented.attempt(LONG))
    rented.wait_until_it_works(running)
    (pod,) = world.pods.all
    for pid in pod_processes(pod.pod_id):
        os.kill(pid, signal.SIGKILL)
    machine = rented.wait(running)
    assert pod.n_starts == 2
    assert (machine.result, machine.at_limit) == (None, False)
    assert sum("loading" in line for line in rented.backend.logs(running, 100)) == 1
    rented.backend.terminate(running)


def test_a_pod_that_the_provider_takes_away_is_lost(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    rented.wait_until_it_works(running)
    world.pods.delete(world.pods.all[0])
    machine = rented.backend.state(running)
    assert (machine.is_running, machine.is_lost, machine.end_reason) == (False, True, "the pod was taken away")
    assert machine.seconds > 0


def test_no_key_reaches_the_worker_the_log_or_a_repr(
    world: RunPodWorld, rented: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = rented.launch(rented.attempt(LONG))
    rented.wait_until_it_works(running)
    (pod,) = world.pods.all
    workers = [
        process for process in map(psutil.Process, pod_processes(pod.pod_id)) if "runtime.worker" in process.cmdline()
    ]
    assert workers
    for worker in workers:
        assert not {KEY, SECRET, pod.key} & set(worker.environ().values())
    told = caplog.text + repr(rented.backend.__dict__) + repr(pod.body)
    assert KEY not in told
    assert SECRET not in told


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    backend = detect(surroundings(tmp_path, runpod_api_key=KEY, runpod_api_url="http://127.0.0.1:1", runpod_image="x"))
    with pytest.raises(ComputeError, match="half set up: set STATAGENT_RUNPOD_VOLUME, STATAGENT_RUNPOD_S3_ENDPOINT"):
        backend.offers()
    assert backend.running() == ()


def test_a_provider_that_cannot_be_reached_is_one_sentence(world: RunPodWorld, rented: Bench) -> None:
    world.faults.add(*[Fault("GET", "/v2/catalog", 503)] * 2, *[Fault("GET", "/v2/pods", 503)] * 2)
    with pytest.raises(ComputeError, match="RunPod cannot be asked now: it answers 503"):
        rented.backend.offers()
    assert rented.backend.offers()


@pytest.mark.parametrize("fault", [Fault("GET", "/v2/catalog", 503), Fault("GET", "/v2/catalog", 200, body=b"?")])
def test_where_the_catalogue_alone_is_silent_the_shipped_list_is_quoted_with_its_age(
    world: RunPodWorld, rented: Bench, fault: Fault
) -> None:
    world.faults.add(*[fault] * 2)
    offers = {offer.place.sku: offer for offer in rented.backend.offers()}
    # 4 vCPU at $0.065 (RunPod's list of 2026), and 10 GB of disk at $0.10 a month of 730 hours.
    cpu, gpu = offers["cpu5m-4-32"], offers["NVIDIA A40"]
    assert (cpu.usd_per_hour, gpu.usd_per_hour) == (Decimal("0.261370"), Decimal("0.441370"))
    assert (cpu.price_source, cpu.price_as_of) == ("shipped list: RunPod's catalogue cannot be asked", "2026")
    assert cpu.machine == "4 vCPU, 32 GB (cpu5m), EU-RO-1"


def test_a_key_that_is_refused_quotes_nothing(world: RunPodWorld, rented: Bench) -> None:
    world.faults.add(Fault("GET", "/v2/catalog", 401))
    with pytest.raises(ComputeError, match="does not know the key"):
        rented.backend.offers()


def test_prices_hold_the_disk_and_say_where_they_are_from(rented: Bench) -> None:
    offers = {offer.place.sku: offer for offer in rented.backend.offers()}
    # 4 vCPU at $0.04, and 10 GB of disk at $0.10 a month of 730 hours.
    assert offers["cpu5c-4-8"].usd_per_hour == Decimal("0.161370")
    assert offers["cpu5c-4-8"].machine == "4 vCPU, 8 GB (cpu5c), EU-RO-1"
    assert offers["cpu5c-4-8"].price_source == "RunPod's catalogue"


@no_pod_begins
@pytest.mark.parametrize(("sku", "has_gpu"), [("cpu3c-2-4", False), ("NVIDIA RTX A5000", True)])
def test_the_worker_is_told_whether_its_machine_has_a_gpu(
    world: RunPodWorld, rented: Bench, sku: str, has_gpu: bool
) -> None:
    attempt = rented.attempt(LONG)
    (offer,) = (offer for offer in rented.backend.offers() if offer.place.sku == sku)
    assert offer.has_gpu is has_gpu
    order = attempt.request.model_copy(update={"place": offer.place, "usd_per_hour": offer.usd_per_hour})
    rented.launch(replace(attempt, request=order))
    asked = json.loads((world.s3.folder / "attempts" / attempt.key / "request.json").read_text())
    assert asked["has_gpu"] is has_gpu
