"""One yes is one machine of EC2: lost answers, lagging lists, refusals, places without a machine."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from adapters.compute.base import ComputeError, NoCapacity
from adapters.compute.worker_files import TABLE
from evals.world.aws import AwsWorld
from evals.world.pace import is_within
from evals.world.runpod.faults import Fault
from tests.adapters.compute.conftest import APPROVAL, LONG, Bench, wait_for

RUN = ("ec2", "RunInstances")
pytestmark = pytest.mark.usefixtures("real_children", "no_machine_begins")


@pytest.mark.parametrize("status", [0, 503])
@pytest.mark.parametrize("lag_s", [0.0, 0.4])
def test_a_lost_answer_never_makes_a_second_machine(aws: AwsWorld, ec2: Bench, status: int, lag_s: float) -> None:
    aws.ec2.lag_s = lag_s
    aws.faults.add(Fault(*RUN, status, is_done=True))
    running = ec2.launch(ec2.attempt(LONG))
    assert [machine.instance_id for machine in aws.machines.all] == [(running.handle or {})["instance_id"]]


def test_of_two_machines_of_a_key_one_stays(aws: AwsWorld, ec2: Bench) -> None:
    aws.ec2.has_tokens = False
    aws.faults.add(Fault(*RUN, 0, is_done=True))
    running = ec2.launch(ec2.attempt(LONG))
    assert len(aws.machines.all) == 2
    # The older one; of one second, the same one for everybody who looks.
    (stays,) = aws.machines.alive()
    assert (running.handle or {})["instance_id"] == stays.instance_id


def test_a_program_that_died_behind_the_request_finds_its_machine_in_a_lagging_list(aws: AwsWorld, ec2: Bench) -> None:
    first = ec2.launch(ec2.attempt(LONG))
    aws.ec2.lag_s = 1e9
    # As a program finds it that begins again: the row is there, the handle is not.
    again = ec2.make().launch(replace(first, handle=None), APPROVAL)
    assert again["instance_id"] == (first.handle or {})["instance_id"]
    assert len(aws.machines.all) == 1
    aws.ec2.lag_s = 0


def test_a_request_that_became_another_one_finds_the_machine_of_the_first(aws: AwsWorld, ec2: Bench) -> None:
    first = ec2.launch(ec2.attempt(LONG))
    aws.ec2.lag_s = time.time() - aws.machines.all[0].launched_at + 0.3
    # A newer statagent sends other code, so the request for the same attempt is another one.
    longer = first.request.model_copy(update={"max_seconds": 99})
    again = ec2.make().launch(replace(first, handle=None, request=longer), APPROVAL)
    assert again["instance_id"] == (first.handle or {})["instance_id"]
    assert len(aws.machines.all) == 1


def test_a_program_that_comes_back_after_its_machine_is_forgotten_makes_no_second_one(
    aws: AwsWorld, ec2: Bench
) -> None:
    aws.machines.starts_after_s = 0
    first = ec2.launch(ec2.attempt())
    assert ec2.wait(first).result is not None
    wait_for(lambda: not aws.machines.alive())
    # AWS shows a machine for about an hour after its end.
    aws.ec2.lag_s = 1e9
    again = replace(first, handle=ec2.make().launch(replace(first, handle=None), APPROVAL))
    machine = ec2.backend.state(again)
    assert (machine.is_running, machine.result is not None) == (False, True)
    assert aws.n_asked("ec2:RunInstances") == 1
    aws.ec2.lag_s = 0


def test_a_request_whose_answers_are_all_lost_is_given_up_and_nothing_is_left(aws: AwsWorld, ec2: Bench) -> None:
    aws.faults.add(Fault(*RUN, 503), Fault(*RUN, 0))
    attempt = ec2.attempt()
    with pytest.raises(NoCapacity, match="answers are lost, and no machine has come of them"):
        ec2.launch(attempt)
    ec2.backend.terminate(attempt)
    assert aws.machines.all == []


def test_a_machine_that_comes_late_of_a_lost_answer_is_ended(aws: AwsWorld, ec2: Bench) -> None:
    aws.faults.add(*[Fault(*RUN, 503, is_done=True)] * 2)
    aws.ec2.lag_s = 1e9
    attempt = ec2.attempt(LONG)
    with pytest.raises(NoCapacity):
        ec2.launch(attempt)
    assert len(aws.machines.alive()) == 1
    aws.ec2.lag_s = time.time() - aws.machines.all[0].launched_at + 0.3
    ec2.backend.terminate(attempt)
    assert aws.machines.alive() == []


@pytest.mark.parametrize("code", [b"RequestLimitExceeded", b"InternalError"])
def test_a_throttled_request_is_sent_again_with_the_same_token(aws: AwsWorld, ec2: Bench, code: bytes) -> None:
    aws.faults.add(Fault(*RUN, 503, body=code))
    ec2.launch(ec2.attempt(LONG))
    assert aws.n_asked("ec2:RunInstances") == 2
    assert len(aws.machines.all) == 1


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, b"AuthFailure", "AWS does not know the keys .AuthFailure.*aws sts get-caller-identity"),
        (403, b"UnauthorizedOperation", "the keys may not ask for AWS's RunInstances .*docs/aws-policy.json"),
        (400, b"InvalidParameterValue", "AWS refuses RunInstances .InvalidParameterValue"),
    ],
)
def test_what_is_refused_for_good_is_sent_once(aws: AwsWorld, ec2: Bench, status: int, code: bytes, words: str) -> None:
    aws.faults.add(Fault(*RUN, status, body=code))
    with pytest.raises(ComputeError, match=words) as caught:
        ec2.launch(ec2.attempt())
    assert not isinstance(caught.value, NoCapacity)
    assert aws.n_asked("ec2:RunInstances") == 1


@pytest.mark.parametrize(
    "code",
    [
        b"InsufficientInstanceCapacity", b"SpotMaxPriceTooLow", b"MaxSpotInstanceCountExceeded",
        b"VcpuLimitExceeded", b"Unsupported",
    ],
)  # fmt: skip
def test_a_place_without_a_machine_is_passed_over_at_once(aws: AwsWorld, ec2: Bench, code: bytes) -> None:
    aws.faults.add(*[Fault(*RUN, 400, body=code)] * 2)
    attempt = ec2.attempt()
    ec2.backend.stage(attempt, {TABLE: lambda path: path.write_bytes(b"x")})
    started = time.monotonic()
    with pytest.raises(NoCapacity, match=code.decode()):
        ec2.backend.launch(attempt, APPROVAL)
    ec2.backend.terminate(attempt)
    assert is_within(3, since=started)
    assert aws.machines.all == []
