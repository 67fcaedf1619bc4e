"""The simulated AWS is as strict as AWS: where it were not, a mistake of ours would go unseen."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from evals.world.aws import AwsWorld, aws_world
from evals.world.aws.machines import Ec2Machine
from evals.world.aws.server import BUCKET, IMAGE
from evals.world.home import wait_until


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsWorld]:
    with aws_world() as world:
        for name, value in world.environment().items():
            monkeypatch.setenv(name, value)
        yield world


def client(service: str) -> Any:
    session: Any = boto3.session.Session()  # its types know one service alone
    return session.client(service)


def run(world: AwsWorld, script: str = "#!/bin/sh\nexec sleep 100\n", **request: Any) -> Ec2Machine:
    """A machine that runs the script."""
    client("ec2").run_instances(
        ImageId=IMAGE, InstanceType="c7i.large", MinCount=1, MaxCount=1, UserData=script, **request
    )
    return world.machines.all[-1]


def refusal_of(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def test_a_key_that_it_does_not_know_is_refused(world: AwsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSES000")
    assert refusal_of(client("ec2").describe_instances) == "AuthFailure"
    with pytest.raises(ClientError):
        client("s3").list_objects_v2(Bucket=BUCKET)


def test_the_same_token_gives_the_same_machine_and_another_request_is_refused(world: AwsWorld) -> None:
    first = run(world, ClientToken="t1")
    assert run(world, ClientToken="t1") is first
    assert len(world.machines.all) == 1
    assert refusal_of(lambda: run(world, "#!/bin/sh\n", ClientToken="t1")) == "IdempotentParameterMismatch"
    assert run(world, ClientToken="t2") is not first


def test_user_data_that_is_too_long_and_an_image_that_is_not_there_are_refused(world: AwsWorld) -> None:
    assert refusal_of(lambda: run(world, "#" * 16_385)) == "InvalidParameterValue"
    ec2 = client("ec2")
    missing = {"ImageId": "ami-1", "InstanceType": "c7i.large", "MinCount": 1, "MaxCount": 1}
    assert refusal_of(lambda: ec2.run_instances(**missing)) == "InvalidAMIID.NotFound"


def test_a_spot_machine_below_the_price_is_refused(world: AwsWorld) -> None:
    low = {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.0001"}}
    place = {"AvailabilityZone": "us-east-1a"}
    assert refusal_of(lambda: run(world, InstanceMarketOptions=low, Placement=place)) == "SpotMaxPriceTooLow"


def test_metadata_are_told_by_a_token_alone(world: AwsWorld) -> None:
    machine = run(world)
    url = f"{world.machines.metadata_url}/{machine.instance_id}/latest"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{url}/meta-data/instance-id")
    asked = urllib.request.Request(f"{url}/api/token", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(asked)
    asked.add_header("X-aws-ec2-metadata-token-ttl-seconds", "60")
    with urllib.request.urlopen(asked) as answer:
        token = answer.read().decode()
    asked = urllib.request.Request(f"{url}/meta-data/instance-id", headers={"X-aws-ec2-metadata-token": token})
    with urllib.request.urlopen(asked) as answer:
        assert answer.read().decode() == machine.instance_id


def test_a_script_that_ends_ends_no_bill(world: AwsWorld) -> None:
    machine = run(world, "#!/bin/sh\necho done\n")
    wait_until(lambda: world.machines.log(machine) == "done\n")
    time.sleep(0.3)
    assert world.machines.alive() == [machine]


def test_a_shutdown_ends_the_bill_only_of_a_machine_that_is_terminated_by_it(world: AwsWorld) -> None:
    script = "#!/bin/sh\nshutdown -h now\n"
    gone = run(world, script, InstanceInitiatedShutdownBehavior="terminate")
    stopped = run(world, script)
    wait_until(lambda: gone.gone_at is not None and stopped.is_stopped)
    assert world.machines.alive() == [stopped]
    assert gone.billed_s == 60
    listed = client("ec2").describe_instances(InstanceIds=[gone.instance_id])["Reservations"][0]["Instances"][0]
    assert (listed["State"]["Name"], listed["StateReason"]["Code"]) == (
        "terminated",
        "Client.InstanceInitiatedShutdown",
    )
