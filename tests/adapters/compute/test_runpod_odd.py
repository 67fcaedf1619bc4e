"""RunPod's odd answers, and a program that comes back late: one pod, paid for, and one sentence for what is wrong."""

from __future__ import annotations

import json
import os
import shlex
import time
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.compute.base import ComputeError, NoCapacity
from adapters.compute.runpod_catalogue import kinds_in
from adapters.compute.runpod_pod import CLOCKS_DIFFER_S, handle_of, usd_an_hour
from adapters.compute.worker_files import TABLE
from adapters.records import Attempt
from evals.world.pace import Limit
from evals.world.runpod import RunPodWorld
from evals.world.runpod.faults import Fault
from evals.world.runpod.server import SECRET
from tests.adapters.compute.conftest import APPROVAL, LONG, Bench, write_penguins

CREATE = ("POST", "/v2/pods")
pytestmark = pytest.mark.usefixtures("real_children")
no_pod_begins = pytest.mark.usefixtures("no_pod_begins")


def test_a_program_that_comes_back_after_its_pod_is_gone_makes_no_second_one(world: RunPodWorld, rented: Bench) -> None:
    first = rented.launch(rented.attempt())
    assert rented.wait(first).result is not None
    limit = Limit(30)
    while world.pods.alive() and not limit.is_over():
        time.sleep(0.1)
    assert world.pods.alive() == []
    # The row is there, the handle is not.
    again = replace(first, handle=rented.make().launch(replace(first, handle=None), APPROVAL))
    assert len(world.pods.all) == 1
    machine = rented.backend.state(again)
    assert (machine.is_running, machine.result is not None) == (False, True)
    # It is paid for from the request for it on.
    assert machine.seconds >= world.pods.all[0].billed_s - 3
    rented.backend.terminate(again)


@no_pod_begins
@pytest.mark.parametrize(
    "body",
    [
        *(b"{}", b"[]", b"null", b"\xff", b'{"id": null}', b'{"id": "../x"}'),
        *(b"[" * 5_000 + b"]" * 5_000, b'{"id":' + b"9" * 9_000 + b"}"),
    ],
)
def test_an_odd_answer_to_a_create_that_was_carried_out_makes_no_second_pod(
    world: RunPodWorld, rented: Bench, body: bytes
) -> None:
    world.faults.add(Fault(*CREATE, 201, is_done=True, body=body))
    running = rented.launch(rented.attempt(LONG))
    assert [pod.pod_id for pod in world.pods.all] == [(running.handle or {})["pod_id"]]


@no_pod_begins
@pytest.mark.parametrize("cost", ["0.5", '"0.5"', "NaN", '"a lot"', "-1", "true", "[]", "1e400"])
def test_a_pod_dearer_than_agreed_is_deleted_however_its_price_is_written(
    world: RunPodWorld, rented: Bench, cost: str
) -> None:
    running = rented.launch(rented.attempt(LONG))
    pod = world.pods.all[0]
    listed = json.dumps(pod.shown() | {"cost": "here"}).replace('"here"', cost)
    world.faults.add(Fault("GET", "/v2/pods", 200, body=f'{{"pods": [{listed}]}}'.encode()))
    with pytest.raises(NoCapacity, match="RunPod asks"):
        rented.make().launch(replace(running, handle=None), APPROVAL)
    assert world.pods.alive() == []


def test_a_list_of_our_pods_without_ids_is_no_list(world: RunPodWorld, rented: Bench) -> None:
    world.faults.add(Fault("GET", "/v2/pods", 200, body=b'{"pods": [{"name": "statagent-abc123-x"}]}'))
    with pytest.raises(ComputeError, match="pods without an id"):
        rented.backend.running()
    # Somebody else's is nothing to us.
    world.faults.add(Fault("GET", "/v2/pods", 200, body=b'{"pods": [{"name": "x"}, {}]}'))
    assert rented.backend.running() == ()


def test_prices_and_times_are_read_or_not_believed() -> None:
    assert [usd_an_hour({"cost": said}) for said in (None, 0, "0.25", 0.25)] == [
        None,
        0,
        Decimal("0.25"),
        Decimal("0.25"),
    ]
    now = time.time()
    for said in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "soon", None):
        since = handle_of({"id": "p", "createdAt": said}, now - 30)["created_at"]
        assert since == now - 30
    near = handle_of({"id": "p", "createdAt": "2026-11-28T03:00:00Z"}, 1_795_834_800.0 + CLOCKS_DIFFER_S / 2)
    assert near["created_at"] == 1_795_834_800.0


@no_pod_begins
def test_a_pod_beyond_its_limit_is_deleted_though_the_volume_cannot_be_reached(
    world: RunPodWorld, rented: Bench
) -> None:
    running = rented.launch(rented.attempt(LONG, max_seconds=60))
    late = replace(running, handle={**(running.handle or {}), "created_at": time.time() - 61})
    secret, world.s3.secret_key = world.s3.secret_key, "another"
    with pytest.raises(ComputeError):
        rented.backend.state(running)
    assert len(world.pods.alive()) == 1
    with pytest.raises(ComputeError):
        rented.backend.state(late)
    assert world.pods.alive() == []
    world.s3.secret_key = secret
    assert rented.backend.state(late).at_limit


def test_a_worker_does_not_shorten_the_bill_of_a_pod_that_is_gone(world: RunPodWorld, rented: Bench) -> None:
    attempt = rented.launch(rented.attempt())
    limit = Limit(30)
    while world.pods.alive() and not limit.is_over():
        time.sleep(0.1)
    folder = world.s3.folder / "attempts" / attempt.key
    written = (folder / "ended.json").stat().st_mtime
    created = float(str((attempt.handle or {})["created_at"]))
    (folder / "ended.json").write_text(json.dumps({"at": created + 0.001}))
    os.utime(folder / "ended.json", (written, written))
    # The volume's clock says when that was written, in whole seconds.
    assert rented.backend.state(attempt).seconds >= written - created - 1


@no_pod_begins
def test_pods_on_later_pages_are_there_too(world: RunPodWorld, rented: Bench) -> None:
    world.page_size = 1
    first, second = (rented.launch(rented.attempt(LONG, key=letter * 32)) for letter in "ab")
    assert set(rented.backend.running()) == {first.key, second.key}
    again = rented.make().launch(replace(second, handle=None), APPROVAL)
    assert again["pod_id"] == (second.handle or {})["pod_id"]
    assert len(world.pods.all) == 2


@pytest.mark.parametrize(
    "about",
    ['{"hasNextPage": true, "nextCursor": "0"}', '{"hasNextPage": true}', '{"hasNextPage": true, "nextCursor": 5}'],
)
def test_a_list_that_does_not_end_is_no_list(world: RunPodWorld, rented: Bench, about: str) -> None:
    page = f'{{"pods": [], "pagination": {about}}}'.encode()
    # A cursor that comes again is met at the second page.
    world.faults.add(*[Fault("GET", "/v2/pods", 200, body=page)] * (2 if "0" in about else 1))
    with pytest.raises(ComputeError, match=r"does not end|goes on, and not how"):
        rented.backend.running()


@no_pod_begins
def test_the_text_of_the_timer_is_one_word_however_words_are_parted(world: RunPodWorld, rented: Bench) -> None:
    rented.launch(rented.attempt(LONG))
    args = str(world.pods.all[0].body["args"])
    assert [len(words) for words in (args.split(), shlex.split(args))] == [3, 3]
    assert not set(shlex.split(args)[2]) & set(" \n\t'\"\\$`;&|<>*?")


def test_the_bill_is_the_providers_once_there_is_one(
    world: RunPodWorld, rented: Bench, done: tuple[Attempt, Path]
) -> None:
    attempt, _ = done
    world.is_billed = False
    assert rented.backend.billed_usd(attempt) is None
    world.is_billed = True
    assert rented.backend.billed_usd(attempt) == Decimal("0.01")
    assert rented.backend.billed_usd(replace(attempt, handle=None)) is None
    bill = ("GET", "/v2/billing/pods")
    both = b'{"records": [{"podId": "%s", "totalAmount": 0.5}, {"podId": "other", "totalAmount": 7}]}'
    pod_id = str((attempt.handle or {})["pod_id"]).encode()
    world.faults.add(Fault(*bill, 200, body=both % pod_id))
    assert rented.backend.billed_usd(attempt) == Decimal("0.5")
    for said in (b'"much"', b"NaN", b"-1", b"null", b"{}"):
        world.faults.add(Fault(*bill, 200, body=b'{"records": [{"totalAmount": %s}]}' % said))
        with pytest.raises(ComputeError, match="bill holds an amount that is no number"):
            rented.backend.billed_usd(attempt)


def test_a_pod_is_not_created_for_an_attempt_that_was_ended_before(world: RunPodWorld, rented: Bench) -> None:
    attempt = rented.attempt(LONG)
    rented.backend.stage(attempt, {TABLE: write_penguins})
    world.faults.add(*[Fault("GET", "/v2/pods", 503)] * 20)
    with pytest.raises(ComputeError):
        rented.backend.launch(attempt, APPROVAL)
    with pytest.raises(ComputeError):
        rented.backend.terminate(attempt)
    world.faults.clear()
    with pytest.raises(ComputeError, match="ended before its pod was asked for: nothing was started"):
        rented.make().launch(attempt, APPROVAL)
    assert world.pods.all == []


@no_pod_begins
def test_what_ends_the_bill_is_sent_before_anything_that_may_not_answer(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    world.faults.add(*[Fault("GET", "/v2/pods", 503)] * 20)
    world.s3.secret_key = "another"
    with pytest.raises(ComputeError):
        rented.backend.terminate(running)
    assert world.pods.alive() == []
    world.s3.secret_key = SECRET
    world.faults.clear()


@no_pod_begins
def test_of_two_pods_that_a_lagging_list_let_begin_one_stays_and_is_followed(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    (first,) = world.pods.all
    # As another program made it that saw an empty list: the handle's is the newer one.
    second = world.pods.create(first.body, first.usd_per_hour, first.centre)
    followed = replace(running, handle={**(running.handle or {}), "pod_id": second.pod_id})
    assert rented.backend.running() == (running.key,)
    assert world.pods.alive() == [first]
    machine = rented.backend.state(followed)
    assert (machine.is_running, machine.is_lost) == (True, False)
    rented.backend.terminate(followed)
    assert world.pods.alive() == []


@no_pod_begins
def test_the_time_until_a_pod_begins_is_of_its_limit_with_nobody_looking(world: RunPodWorld, rented: Bench) -> None:
    world.pods.starts_after_s = 4.0
    rented.launch(rented.attempt(LONG, max_seconds=8))
    rented.backend.close()
    limit = Limit(30)
    while world.pods.alive() and not limit.is_over():
        time.sleep(0.1)
    (pod,) = world.pods.all
    assert pod.gone_at is not None
    assert pod.billed_s < 11


def test_clocks_that_differ_make_no_pod_leave_at_once(world: RunPodWorld, rented: Bench) -> None:
    world.pods.starts_after_s = 1.0
    running = rented.launch(rented.attempt(LONG))
    told = world.pods.all[0].body["env"]
    assert not [one for one in told.values() if one.replace(".", "").isdigit() and float(one) > 1e9]
    created = world.s3.folder / "attempts" / running.key / "created.json"
    os.utime(created, (time.time() - 5_400, time.time() - 5_400))
    rented.wait_until_it_works(running)
    assert rented.backend.state(running).is_running
    assert len(world.pods.alive()) == 1


def test_what_a_second_pod_has_cost_stands_in_the_bill(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    (first,) = world.pods.all
    second = world.pods.create(first.body, first.usd_per_hour, first.centre)
    third = world.pods.create(first.body, first.usd_per_hour, first.centre)
    time.sleep(1.5)
    assert rented.backend.running() == (running.key,)
    assert world.pods.alive() == [first]
    rented.backend.terminate(running)
    machine, bill = rented.backend.state(running), ("GET", "/v2/billing/pods")
    assert machine.seconds >= sum(pod.billed_s for pod in (second, third)) > 3
    for pod, usd in ((first, "0.5"), (second, "0.25"), (third, "0.125")):
        body = f'{{"records": [{{"podId": "{pod.pod_id}", "totalAmount": {usd}}}]}}'.encode()
        world.faults.add(Fault(*bill, 200, body=body))
    assert rented.backend.billed_usd(running) == Decimal("0.875")
    # A bill that does not hold all of them yet is asked for again.
    world.faults.add(Fault(*bill, 200, body=b'{"records": []}'))
    assert rented.backend.billed_usd(running) is None


def test_a_price_that_is_said_after_the_create_is_looked_at_too(world: RunPodWorld, rented: Bench) -> None:
    running = rented.launch(rented.attempt(LONG))
    (pod,) = world.pods.all
    dear = json.dumps(pod.shown() | {"cost": 5.0}).encode()
    world.faults.add(Fault("GET", f"/v2/pods/{pod.pod_id}", 200, body=dear))
    machine = rented.backend.state(running)
    assert (machine.is_running, machine.is_lost) == (False, True)
    assert machine.end_reason is not None
    assert machine.end_reason.startswith("RunPod asks $5.0000 an hour")
    assert world.pods.alive() == []


GOOD = {"id": "cpu5c", "price": {"securePerVcpu": 0.04}, "ramGbPerVcpu": 2, "vcpu": {"min": 2, "max": 4}}


@pytest.mark.parametrize(
    "odd",
    [
        *({}, [], "x", None, {"id": 5}, GOOD | {"id": ""}, GOOD | {"price": "a lot"}, GOOD | {"vcpu": [2, 4]}),
        *(GOOD | {"price": {"securePerVcpu": usd}} for usd in (0, -1, 1e30, float("nan"), float("inf"), "x", None)),
        *(GOOD | {"ramGbPerVcpu": ratio} for ratio in (0, -2, float("nan"), 1e9, "x")),
        *(GOOD | {"dataCenters": "EU-RO-1"}, GOOD | {"dataCenters": [{"id": "EU-RO-1", "availability": "NONE"}]}),
    ],
)
def test_an_odd_entry_takes_no_other_kind_away(odd: object) -> None:
    kinds = [kind.sku for kind in kinds_in([odd, GOOD], [odd, {"id": "G", "price": {"secure": 1}}], "EU-RO-1")]
    assert kinds == ["cpu5c-2-4", "cpu5c-4-8", "G"]


@pytest.mark.parametrize("file", ["begun.json", "ended.json"])
def test_a_volume_that_hangs_keeps_no_pod_beyond_its_time(world: RunPodWorld, rented: Bench, file: str) -> None:
    """A pipe that nobody reads stands for a mount that does not answer."""
    attempt = rented.attempt(LONG, max_seconds=4)
    folder = world.s3.folder / "attempts" / attempt.key
    folder.mkdir(parents=True)
    os.mkfifo(folder / file)
    rented.backend.stage(attempt, {TABLE: write_penguins})
    with suppress(ComputeError):
        rented.backend.launch(attempt, APPROVAL)
    limit = Limit(12)
    while (not world.pods.all or world.pods.alive()) and not limit.is_over():
        time.sleep(0.1)
    assert world.pods.alive() == []
    (folder / file).unlink()


def begun_behind_a_lagging_list(world: RunPodWorld, rented: Bench) -> Attempt:
    """An attempt whose pod works, as a program finds it that comes back: a row without a handle, and no pod listed."""
    running = rented.launch(rented.attempt(LONG))
    rented.wait_until_it_works(running)
    world.lag_s = 1_000
    return replace(running, handle=None)


def test_a_pod_that_works_behind_a_list_that_lags_for_long_is_found_by_its_own_word(
    world: RunPodWorld, rented: Bench
) -> None:
    attempt = begun_behind_a_lagging_list(world, rented)
    (pod,) = world.pods.all
    assert rented.make().launch(attempt, APPROVAL)["pod_id"] == pod.pod_id
    rented.make().terminate(attempt)
    assert world.pods.alive() == []
    again = replace(attempt, handle=rented.make().launch(attempt, APPROVAL))
    assert rented.backend.state(again).is_lost
    assert len(world.pods.all) == 1


@pytest.mark.parametrize("word", ["{}", '{"pod_id": "../x"}', '{"pod_id": 5}', "another's"])
def test_a_pod_that_nobody_can_name_is_not_taken_for_gone_before_its_time(
    world: RunPodWorld, rented: Bench, word: str
) -> None:
    attempt = begun_behind_a_lagging_list(world, rented)
    another = world.pods.create({**world.pods.all[0].body, "name": "somebody-elses"}, 1.0, "EU-RO-1")
    folder = world.s3.folder / "attempts" / attempt.key
    (folder / "begun.json").write_text(json.dumps({"pod_id": another.pod_id}) if word == "another's" else word)
    with pytest.raises(ComputeError, match="does not show it yet: no other one is started"):
        rented.make().launch(attempt, APPROVAL)
    rented.make().terminate(attempt)
    assert another.gone_at is None
    (folder / "created.json").write_text(json.dumps({"at": time.time() - attempt.request.max_seconds - 700}))
    assert rented.make().launch(attempt, APPROVAL)["pod_id"] is None
    assert len(world.pods.all) == 2


def test_a_pod_that_is_not_shown_a_moment_after_its_create_is_not_lost(world: RunPodWorld, rented: Bench) -> None:
    world.pods.starts_after_s = 1_000
    running = rented.launch(rented.attempt(LONG))
    world.faults.add(Fault("GET", f"/v2/pods/{(running.handle or {})['pod_id']}", 404))
    world.lag_s = 1_000
    assert rented.backend.state(running).is_running
    world.lag_s = 0
    rented.backend.terminate(running)
    assert not rented.backend.state(running).is_running
