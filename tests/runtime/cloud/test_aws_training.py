"""A training on AWS through a conversation: the price, the yes, the machine, the model, what it cost."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest

from adapters.records import JobState, Market
from adapters.store.jobs import JobTable
from evals.world.aws import AwsWorld, aws_world
from evals.world.aws.machines import Ec2Machine
from evals.world.aws.server import IMAGE
from evals.world.home import wait_until
from evals.world.runpod.faults import Fault
from evals.world.talk import Talk
from runtime import doctor
from runtime.all_jobs import AllJobs
from runtime.session import Session
from runtime.sweep_command import sweep
from tests.runtime.cloud.conftest import SENTENCE, agreed, finished

READS = (
    *("ec2:Describe", "pricing:GetProducts", "servicequotas:GetServiceQuota", "s3:GetObject", "s3:ListBucket"),
    "lambda:GetFunction",
)
pytestmark = pytest.mark.usefixtures("real_children")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsWorld]:
    with aws_world() as world:
        for name, value in world.environment().items():
            monkeypatch.setenv(name, value)
        yield world


def run_by_hand(client: Any, world: AwsWorld, install: str) -> Ec2Machine:
    """A machine with the tags of that installation, and a key that no job has."""
    tags = [{"Key": "statagent:install", "Value": install}, {"Key": "statagent:key", "Value": "0" * 32}]
    client.run_instances(
        ImageId=IMAGE, InstanceType="c7i.large", MinCount=1, MaxCount=1, UserData="#!/bin/sh\nsleep 100",
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )  # fmt: skip
    return world.machines.all[-1]


def test_a_lasso_is_trained_on_a_machine_after_a_yes(session: Session, world: AwsWorld, talk: Talk) -> None:
    assert talk.say(f"{SENTENCE} on amazon").reason == "asked"
    card = talk.asked().card
    assert "  where      aws, 2 vCPU, 4 GiB (c7i.large, spot), us-east-1a" in card
    assert "             may be taken away: the job then begins anew on another machine, for no more in all" in card
    assert "(EC2's spot prices, the highest of a day, " in card
    # No machine, no file in the bucket: nothing that costs before the yes.
    assert [name for _, name in world.requests if not name.startswith(READS)] == []
    talk.answer(yes=True)
    job = finished(session, session.jobs.all()[0])
    view = session.jobs.get(job.job_id)
    assert job.state is JobState.SUCCEEDED, (view.status, view.log_tail)
    quote = session.jobs.quote_of(job)
    assert quote is not None
    assert 0 < job.cost_usd <= quote.cap_usd
    assert world.machines.alive() == []
    # What is charged is what AWS bills, up to the seconds between the end of the work and of the machine.
    (machine,) = world.machines.all
    billed = machine.billed_s * float(quote.usd_per_hour) / 3600
    assert float(job.cost_usd) == pytest.approx(billed, abs=8 * float(quote.usd_per_hour) / 3600)
    # The same job on this machine has the same scores, to rounding: here and there are not as many threads.
    talk.say(f"{SENTENCE} locally")
    talk.answer(yes=True)
    ours, theirs = finished(session, session.jobs.all()[0]).result, job.result
    assert ours is not None
    assert theirs is not None
    assert ours.metrics is not None
    assert theirs.metrics == pytest.approx(ours.metrics, rel=1e-9)


def test_a_no_starts_nothing(world: AwsWorld, talk: Talk) -> None:
    talk.say(f"{SENTENCE} on ec2")
    talk.answer(yes=False)
    assert world.machines.all == []
    assert [name for _, name in world.requests if not name.startswith(READS)] == []


def test_a_job_whose_spot_machine_is_taken_twice_ends_on_demand_inside_the_cap(
    session: Session, world: AwsWorld, talk: Talk
) -> None:
    world.machines.starts_after_s = 2.0
    job = agreed(session, talk, "on aws")
    for number in (1, 2):
        wait_until(lambda: bool(session.jobs.get(job.job_id)) and len(world.machines.all) == number, 60)  # noqa: B023
        world.machines.interrupt(world.machines.all[-1], 0)
    done = finished(session, job)
    view = session.jobs.get(job.job_id)
    assert done.state is JobState.SUCCEEDED, (view.status, view.moves)
    assert [machine.is_spot for machine in world.machines.all] == [True, True, False]
    assert [move.partition(";")[0] for move in view.moves] == ["the machine was taken away"] * 2
    attempts = JobTable(session.program.database).attempts(done)
    assert [one.request.place.market for one in attempts] == [Market.SPOT, Market.SPOT, Market.ON_DEMAND]
    quote = session.jobs.quote_of(done)
    assert quote is not None
    assert done.cost_usd == sum((one.usd for one in attempts), Decimal(0)) <= quote.cap_usd
    assert world.spent_usd <= float(quote.cap_usd)
    assert world.machines.alive() == []


def test_a_search_whose_spot_machine_is_taken_goes_on_and_finds_what_one_finds_here(
    session: Session, world: AwsWorld, talk: Talk
) -> None:
    # Each setting takes a second or so: the search is under way when its machine is taken.
    tuned = "tune a random forest for disease_progression with 12 trials"
    talk.say(f"{tuned} on aws")
    talk.answer(yes=True)
    (job,) = session.jobs.all()
    wait_until(lambda: "setting " in session.jobs.get(job.job_id).status, 60)
    world.machines.interrupt(world.machines.all[0], 4)
    done = finished(session, job)
    view = session.jobs.get(job.job_id)
    assert done.state is JobState.SUCCEEDED, (view.status, view.moves)
    assert len(world.machines.all) == 2
    rows = JobTable(session.program.database)
    lines = session.program.backends["aws"].logs(rows.attempts(done)[1], 500)
    (told,) = (line for line in lines if "goes on from an earlier machine: settings " in line)
    n_kept = int(told.partition(": settings ")[2].partition(",")[0])
    assert n_kept > 0
    assert sum("setting " in line for line in lines if "earlier" not in line) == 12 - n_kept
    talk.say(f"{tuned} locally")
    talk.answer(yes=True)
    ours, theirs = finished(session, session.jobs.all()[0]).result, done.result
    assert ours is not None
    assert theirs is not None
    assert theirs.metrics == pytest.approx(ours.metrics, rel=1e-12)


def test_no_capacity_anywhere_falls_back_to_this_machine_with_a_sentence(
    session: Session, world: AwsWorld, talk: Talk
) -> None:
    talk.say(f"{SENTENCE} on aws")
    world.faults.add(*[Fault("ec2", "RunInstances", 400, body=b"InsufficientInstanceCapacity")] * 99)
    talk.answer(yes=True)
    (job,) = session.jobs.all()
    done = finished(session, job)
    assert (done.state, done.cost_usd) == (JobState.SUCCEEDED, Decimal(0))
    assert "of local is taken instead" in session.jobs.get(job.job_id).moves[-1]
    assert world.machines.all == []


def test_a_type_that_a_zone_lacks_is_had_in_another(session: Session, world: AwsWorld, talk: Talk) -> None:
    talk.say(f"{SENTENCE} on aws")
    world.market.none_left |= {"spot us-east-1a"}
    talk.answer(yes=True)
    (job,) = session.jobs.all()
    assert finished(session, job).state is JobState.SUCCEEDED
    assert [(machine.sku, machine.zone) for machine in world.machines.all] == [("c7i.large", "us-east-1b")]


def test_a_machine_that_nobody_knows_of_is_ended_when_jobs_are_looked_after(
    session: Session, world: AwsWorld, talk: Talk
) -> None:
    job = agreed(session, talk, "on aws")
    client: Any = boto3.session.Session().client("ec2")
    (mine,) = client.describe_instances()["Reservations"][0]["Instances"]
    (install,) = (tag["Value"] for tag in mine["Tags"] if tag["Key"] == "statagent:install")
    stray, another = (run_by_hand(client, world, whose) for whose in (install, "somebody"))
    AllJobs(session.program).reconcile()
    assert stray.gone_at is not None
    assert another.gone_at is None
    found = sweep(session.program)
    assert [line["state"] for line in found if line["backend"] == "aws"] == ["kept"]
    session.jobs.cancel(job.job_id)
    assert world.machines.alive() == [another]


@pytest.mark.parametrize(
    ("fault", "state", "detail"),
    [
        ((), "ok", "kinds of machine from $0.0387 an hour; 0 machines of this installation are there"),
        (
            (Fault("ec2", "DescribeImages", 401, body=b"AuthFailure"),),
            "bad",
            "AWS does not know the keys (AuthFailure: AuthFailure of the simulated AWS): `aws sts get-caller-identity`",
        ),
    ],
)
def test_the_doctor_asks_aws(
    session: Session, world: AwsWorld, fault: tuple[Fault, ...], state: str, detail: str
) -> None:
    world.faults.add(*fault)
    found = {finding.name: finding for finding in doctor.examine(session.settings)}
    assert found["jobs on aws"].state == state
    assert detail in found["jobs on aws"].detail
    assert [name for _, name in world.requests if not name.startswith(READS)] == []
