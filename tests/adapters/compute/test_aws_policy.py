"""The policies of docs/ allow what is asked of AWS, and nothing more."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import boto3
import pytest

from adapters.compute.aws import detect
from adapters.compute.aws_catalogue import FAMILIES, GPUS, SIZES
from evals.world.aws import AwsWorld
from evals.world.aws.server import BUCKET
from tests.adapters.compute.conftest import Bench, surroundings, wait_for

DOCS = Path(__file__).parents[3] / "docs"
NOT_SEEN = {
    "iam:PassRole": "part of RunInstances and CreateSchedule, which give a role away",
    "ec2:CreateTags": "part of RunInstances, which tags what it starts",
    "s3:AbortMultipartUpload": "of a large file whose upload breaks off",
}
pytestmark = pytest.mark.usefixtures("real_children")


def statements(name: str) -> list[dict[str, Any]]:
    policy: dict[str, Any] = json.loads((DOCS / name).read_text())
    assert policy["Version"] == "2012-10-17"
    return list(policy["Statement"])


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def actions(name: str) -> set[str]:
    return {action for one in statements(name) for action in listed(one["Action"])}


@pytest.fixture
def used(aws: AwsWorld, ec2: Bench, tmp_path: Path) -> AwsWorld:
    """The world after a job that did all that a job does, and one in a subnet whose spot machine was taken away."""
    running = ec2.launch(ec2.attempt())
    assert ec2.wait(running).result is not None
    assert ec2.backend.logs(running, 8)
    ec2.backend.terminate(running)
    ec2.backend.fetch(running)
    ec2.backend.clean(running.key)
    wait_for(lambda: not aws.machines.alive())
    client: Any = boto3.session.Session().client("ec2")
    subnet = client.describe_subnets()["Subnets"][0]
    options = {**aws.options(), "aws_subnet": subnet["SubnetId"]}
    standing = Bench(lambda: detect(surroundings(tmp_path / "subnet", **options)))
    assert {offer.place.zone for offer in standing.backend.offers()} == {subnet["AvailabilityZone"]}
    other = standing.launch(standing.attempt(5_000, key="s" * 32))
    aws.machines.end(aws.machines.all[-1], "Server.SpotInstanceTermination")
    assert standing.backend.state(other).is_lost
    standing.backend.terminate(other)
    assert standing.backend.running() == ()
    standing.close()
    return aws


def test_all_that_is_asked_is_allowed_and_nothing_else(used: AwsWorld) -> None:
    by = {whose: {name for one, name in used.requests if one == whose} for whose in ("program", "machine")}
    assert actions("aws-policy.json") - by["program"] - NOT_SEEN.keys() == set()
    assert by["program"] - actions("aws-policy.json") == set()
    assert actions("aws-machine-policy.json") - by["machine"] - NOT_SEEN.keys() == set()
    assert by["machine"] - actions("aws-machine-policy.json") == set()
    # Each file that was asked for lies where the statement on its action says.
    for whose, name in (("program", "aws-policy.json"), ("machine", "aws-machine-policy.json")):
        for action, path in {(action, path) for one, action, path in used.files if one == whose}:
            where = f"arn:aws:s3:::{path}".replace(BUCKET, "BUCKET", 1)
            allowed = [one for one in statements(name) if action in listed(one["Action"])]
            patterns = [pattern for one in allowed for pattern in listed(one["Resource"])]
            assert any(fnmatchcase(where, pattern) for pattern in patterns), (action, where)


def test_only_looking_is_allowed_everywhere() -> None:
    for name in ("aws-policy.json", "aws-machine-policy.json", "aws-scheduler-policy.json"):
        for one in statements(name):
            assert one["Effect"] == "Allow"
            names = listed(one["Action"])
            assert not any("*" in action for action in names)
            if "*" in listed(one["Resource"]):
                assert all(
                    action.split(":")[1].startswith(("Describe", "GetProducts", "GetServiceQuota")) for action in names
                )


def test_machines_are_started_and_ended_with_our_tag_alone() -> None:
    for name in ("aws-policy.json", "aws-scheduler-policy.json"):
        for one in statements(name):
            if "ec2:TerminateInstances" in listed(one["Action"]):
                assert one["Condition"]["StringLike"] == {"aws:ResourceTag/statagent:key": "?*"}
            if one["Action"] == "ec2:RunInstances" and one["Resource"].__class__ is str:
                assert one["Condition"]["StringLike"]["aws:RequestTag/statagent:key"] == "?*"
    (start,) = (one for one in statements("aws-policy.json") if one["Sid"] == "StartMachinesThatBearOurTag")
    families = [f"{family}.{size}" for many in FAMILIES.values() for family in many for size in SIZES]
    kinds = [kind for many in GPUS.values() for kind in many]
    assert start["Condition"]["StringLike"]["ec2:InstanceType"] == [*families, *kinds]
