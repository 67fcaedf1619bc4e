"""A machine of EC2 ends, and its bill: at its limit, taken away, deaf, with nobody looking."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from adapters.compute.base import ComputeError
from adapters.compute.worker_files import TABLE
from adapters.records import Market
from evals.world.aws import AwsWorld
from evals.world.aws.machines import machine_processes
from evals.world.aws.program import QUICK, ec2_backend
from evals.world.aws.server import BUCKET
from evals.world.runpod.faults import Fault
from tests.adapters.compute.conftest import APPROVAL, LONG, Bench, surroundings, wait_for

pytestmark = pytest.mark.usefixtures("real_children")
no_machine_begins = pytest.mark.usefixtures("no_machine_begins")


def test_the_machine_ends_at_its_limit_with_nobody_looking_and_the_bill_stops_at_the_cap(
    aws: AwsWorld, ec2: Bench
) -> None:
    attempt = ec2.attempt(LONG, max_seconds=5)
    ec2.launch(attempt)
    ec2.backend.close()
    wait_for(lambda: not aws.machines.alive(), 15)
    (machine,) = aws.machines.all
    assert machine.ran_s < 6.5
    assert machine.is_terminated_by_shutdown


def test_a_machine_whose_timer_was_killed_is_ended_by_its_system_and_by_a_schedule(aws: AwsWorld, ec2: Bench) -> None:
    first = ec2.launch(ec2.attempt(LONG, key="a" * 32))
    second = ec2.launch(ec2.attempt(LONG, key="b" * 32))
    for running in (first, second):
        ec2.wait_until_it_works(running)
    one, other = aws.machines.all
    for machine in (one, other):
        # 100 s, in whole minutes.
        assert machine.off_at == pytest.approx(machine.launched_at + 120, abs=20)
        for pid in machine_processes(machine.instance_id):
            os.kill(pid, signal.SIGKILL)
    scheduler = boto3.session.Session().client("scheduler")
    scheduled: dict[str, Any] = scheduler.get_schedule(Name=f"statagent-{second.key}")
    deadline = time.strftime("at(%Y-%m-%dT%H:%M", time.gmtime(other.launched_at + 160))
    assert scheduled["ScheduleExpression"][: len(deadline)] in (
        deadline,
        time.strftime("at(%Y-%m-%dT%H:%M", time.gmtime(other.launched_at + 159)),
    )
    assert scheduled["ActionAfterCompletion"] == "DELETE"
    one.off_at = time.time()
    aws.make_schedules_due()
    wait_for(lambda: other.gone_at is not None)
    wait_for(lambda: one.gone_at is not None)


@no_machine_begins
def test_a_schedule_goes_with_its_machine(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt(LONG))
    assert aws.schedules() == [f"statagent-{running.key}"]
    ec2.backend.terminate(running)
    assert aws.schedules() == []


def test_a_schedule_that_cannot_be_made_is_logged_and_the_machine_works(
    aws: AwsWorld, ec2: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    aws.faults.add(Fault("scheduler", "CreateSchedule", 403, body=b"AccessDeniedException"))
    running = ec2.launch(ec2.attempt(LONG))
    assert running.handle is not None
    assert "no schedule ends the machine of" in caplog.text


def test_a_spot_machine_that_is_taken_away_says_so_in_its_log_and_is_lost(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt_at(Market.SPOT))
    ec2.wait_until_it_works(running)
    (machine,) = aws.machines.all
    assert machine.is_spot
    aws.machines.interrupt(machine, 6)
    wait_for(lambda: any("AWS takes this machine away" in line for line in ec2.backend.logs(running, 50)))
    seen = ec2.wait(running)
    assert (seen.is_running, seen.is_lost, seen.at_limit) == (False, True, False)
    assert seen.end_reason == "the machine was taken away"
    assert 60 <= seen.seconds <= 100


@no_machine_begins
def test_a_spot_machine_is_paid_for_until_it_was_taken_whenever_somebody_looks(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt_at(Market.SPOT))
    (machine,) = aws.machines.all
    aws.machines.interrupt(machine, 0)
    wait_for(lambda: machine.gone_at is not None)
    assert machine.gone_at is not None
    # As somebody sees it who looks when the machine would have run for longer.
    earlier = replace(running, handle={**(running.handle or {}), "created_at": machine.gone_at - 70})
    time.sleep(2)
    seen = ec2.backend.state(earlier)
    assert seen.is_lost
    assert seen.seconds == pytest.approx(70, abs=0.1)


def test_a_machine_that_somebody_ends_is_not_lost_on_demand(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt_at(Market.ON_DEMAND))
    ec2.wait_until_it_works(running)
    aws.machines.end(aws.machines.all[0], "Client.UserInitiatedShutdown")
    seen = ec2.backend.state(running)
    assert (seen.is_running, seen.is_lost) == (False, False)
    assert str(seen.end_reason).startswith("the worker ended without a result")


def test_a_machine_that_does_not_shut_down_stops_working_and_is_ended_from_here(aws: AwsWorld, ec2: Bench) -> None:
    aws.machines.is_shutdown_deaf = True
    running = ec2.launch(ec2.attempt())
    machine = ec2.wait(running)
    assert machine.result is not None
    assert len(aws.machines.alive()) == 1
    ec2.backend.terminate(running)
    assert aws.machines.alive() == []


def test_an_end_that_fails_is_not_taken_for_gone(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt(LONG))
    ec2.wait_until_it_works(running)
    # It is asked for its end twice, first and last, and each time again.
    aws.faults.add(*[Fault("ec2", "TerminateInstances", 500)] * 4)
    with pytest.raises(ComputeError, match="TerminateInstances cannot be asked now"):
        ec2.backend.terminate(running)
    assert len(aws.machines.alive()) == 1
    ec2.backend.terminate(running)
    assert aws.machines.alive() == []


@no_machine_begins
def test_an_end_that_is_taken_back_is_not_taken_for_gone(aws: AwsWorld, ec2: Bench) -> None:
    impatient = ec2_backend(surroundings(Path("unused")), patience=replace(QUICK, gone_s=0.5))
    running = ec2.launch(ec2.attempt(LONG))
    # It says that it ends the machine, and does not.
    aws.ec2.is_deaf_to_ends = True
    with pytest.raises(ComputeError, match="not gone yet"):
        impatient.terminate(running)
    assert len(aws.machines.alive()) == 1
    aws.ec2.is_deaf_to_ends = False
    impatient.terminate(running)
    assert aws.machines.alive() == []
    impatient.close()


@no_machine_begins
def test_a_bucket_that_cannot_be_reached_keeps_no_machine_alive(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt(LONG))
    aws.faults.add(*[Fault("s3", "GetObject", 403, body=b"AccessDenied")] * 4)
    with pytest.raises(ComputeError, match=f"the bucket {BUCKET} refuses"):
        ec2.backend.terminate(running)
    assert aws.machines.alive() == []


@no_machine_begins
def test_a_machine_beyond_its_limit_is_ended_though_the_bucket_cannot_be_reached(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt(LONG, max_seconds=60))
    late = replace(running, handle={**(running.handle or {}), "created_at": time.time() - 61})
    aws.faults.add(*[Fault("s3", "GetObject", 403, body=b"AccessDenied")] * 2)
    with pytest.raises(ComputeError):
        ec2.backend.state(running)
    assert len(aws.machines.alive()) == 1
    with pytest.raises(ComputeError):
        ec2.backend.state(late)
    assert aws.machines.alive() == []


def test_a_machine_that_may_not_read_the_bucket_ends_itself(aws: AwsWorld, ec2: Bench) -> None:
    attempt = ec2.attempt()
    ec2.backend.stage(attempt, {TABLE: lambda path: path.write_bytes(b"x")})
    aws.refused_to_machines.add("s3:GetObject")
    running = replace(attempt, handle=ec2.backend.launch(attempt, APPROVAL))
    wait_for(lambda: not aws.machines.alive())
    seen = ec2.backend.state(running)
    assert (seen.is_running, seen.is_lost, seen.result) == (False, False, None)


def test_a_machine_that_may_not_fetch_its_job_says_why(aws: AwsWorld, ec2: Bench) -> None:
    attempt = ec2.attempt()
    ec2.backend.stage(attempt, {TABLE: lambda path: path.write_bytes(b"x")})
    client: Any = boto3.session.Session().client("s3")
    (payload,) = client.list_objects_v2(Bucket=BUCKET, Prefix="payload/")["Contents"]
    client.put_object(Bucket=BUCKET, Key=payload["Key"], Body=b"x" * payload["Size"])
    machine = ec2.wait(replace(attempt, handle=ec2.backend.launch(attempt, APPROVAL)))
    assert (machine.is_running, machine.result, machine.is_lost) == (False, None, False)
    assert "the work cannot begin: ValueError: the payload is not the one that was sent" in str(machine.end_reason)


def test_a_machine_that_begins_after_its_end_does_nothing_and_ends_itself(aws: AwsWorld, ec2: Bench) -> None:
    aws.machines.starts_after_s = 2.0
    running = ec2.launch(ec2.attempt())
    aws.faults.add(*[Fault("ec2", "TerminateInstances", 500)] * 4)
    with pytest.raises(ComputeError):
        ec2.backend.terminate(running)
    wait_for(lambda: not aws.machines.alive())
    assert "this attempt was ended before" in aws.machines.log(aws.machines.all[0])
    assert ec2.backend.logs(running, 50) == []


def test_a_bucket_that_is_silent_for_a_while_ends_no_training(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt(n_estimators=300))
    wait_for(lambda: ("machine", "s3:PutObject") in aws.requests)
    aws.faults.add(*[Fault("s3", "PutObject", 400, body=b"ExpiredToken")] * 6)
    machine = ec2.wait(running, 90)
    assert machine.result is not None, (machine, aws.machines.log(aws.machines.all[0]))
    assert aws.faults.take("s3", "PutObject") is None


def test_without_cloudwatch_the_log_is_the_buckets(aws: AwsWorld, ec2: Bench) -> None:
    aws.refused_to_machines.add("logs:CreateLogStream")
    running = ec2.launch(ec2.attempt())
    assert ec2.wait(running).result is not None
    assert any("random_forest is fitted" in line for line in ec2.backend.logs(running, 50))


def test_progress_and_log_come_while_the_worker_works(ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt(LONG))
    ec2.wait_until_it_works(running)
    seen = ec2.backend.state(running)
    assert seen.is_running
    assert 0 < seen.progress < 1
    assert any("loading" in line for line in ec2.backend.logs(running, 8))
