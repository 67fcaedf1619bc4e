"""What AWS offers and is asked for: prices, settings, keys that nobody sees."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from adapters.compute.aws import detect
from adapters.compute.base import ComputeError, NoCapacity
from adapters.records import Market, Place
from evals.world.aws import AwsWorld
from evals.world.aws.machines import machine_processes
from evals.world.aws.server import BUCKET, KEY, SECRET
from evals.world.runpod.faults import Fault
from tests.adapters.compute.conftest import APPROVAL, LONG, Bench, surroundings

pytestmark = pytest.mark.usefixtures("real_children")
no_machine_begins = pytest.mark.usefixtures("no_machine_begins")


def test_a_machine_dearer_than_agreed_is_never_asked_for(aws: AwsWorld, ec2: Bench) -> None:
    on_demand = ec2.attempt_at(Market.ON_DEMAND)
    aws.market.on_demand["c7i.large"] *= 2
    with pytest.raises(NoCapacity, match=r"AWS asks \$0.1\d+ an hour, and \$0.0\d+ was agreed"):
        ec2.make().launch(on_demand, APPROVAL)
    spot = ec2.attempt_at(Market.SPOT)
    aws.market.spot = {place: usd * 2 for place, usd in aws.market.spot.items()}
    with pytest.raises(NoCapacity, match="SpotMaxPriceTooLow"):
        ec2.make().launch(replace(spot, key="s" * 32), APPROVAL)
    assert aws.machines.all == []


def test_no_key_reaches_the_worker_the_log_or_a_repr(
    aws: AwsWorld, ec2: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    running = ec2.launch(ec2.attempt(LONG))
    ec2.wait_until_it_works(running)
    (machine,) = aws.machines.all
    workers = [
        process
        for process in map(psutil.Process, machine_processes(machine.instance_id))
        if "runtime.worker" in process.cmdline()
    ]
    assert workers
    for worker in workers:
        assert not [name for name in worker.environ() if name.startswith(("AWS_", "STATAGENT_"))]
    told = machine.user_data + repr(ec2.backend.__dict__) + "".join(ec2.backend.logs(running, 50))
    ours = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("adapters", "tools")))
    for secret in (KEY, SECRET, machine.role_key):
        assert secret not in told + ours


@no_machine_begins
def test_what_is_asked_of_ec2_ends_with_the_machine_and_opens_nothing(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt_at(Market.SPOT))
    client: Any = boto3.session.Session().client("ec2")
    (found,) = client.describe_instances()["Reservations"][0]["Instances"]
    assert found["MetadataOptions"]["HttpTokens"] == "required"
    assert found["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert [disk["Ebs"]["DeleteOnTermination"] for disk in found["BlockDeviceMappings"]] == [True]
    assert "KeyName" not in found
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert tags["statagent:install"] == "abc123"
    assert tags["statagent:key"] == running.key == found["ClientToken"]
    assert (tags["statagent:job"], tags["statagent:attempt"]) == (running.job_id, running.attempt_id)
    (machine,) = aws.machines.all
    assert (machine.is_spot, machine.is_terminated_by_shutdown) == (True, True)
    assert len(machine.user_data.encode()) < 16_384


def test_what_goes_into_the_bucket_is_encrypted_there(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt())
    assert ec2.wait(running).result is not None
    client: Any = boto3.session.Session().client("s3")
    keys = [one["Key"] for one in client.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert f"attempts/{running.key}/out/model.skops" in keys
    for key in keys:
        assert client.head_object(Bucket=BUCKET, Key=key)["ServerSideEncryption"] == "AES256"


def test_prices_hold_disk_and_address_and_say_where_they_are_from(aws: AwsWorld, ec2: Bench) -> None:
    aws.market.on_demand["c7i.large"] = 0.09
    offers = {(offer.place.sku, offer.place.market, offer.place.zone): offer for offer in ec2.backend.offers()}
    on_demand = offers["c7i.large", Market.ON_DEMAND, "us-east-1"]
    # The image's 15 GB of disk at $0.08 a month of 730 hours, and an address at $0.005.
    assert on_demand.usd_per_hour == Decimal("0.096644")
    assert (on_demand.machine, on_demand.price_source) == ("2 vCPU, 4 GiB (c7i.large), us-east-1", "AWS's price list")
    spot = offers["c7i.large", Market.SPOT, "us-east-1b"]
    assert spot.usd_per_hour == Decimal("0.040544")
    assert spot.machine == "2 vCPU, 4 GiB (c7i.large, spot), us-east-1b"
    assert spot.price_source == "EC2's spot prices, the highest of a day"
    shipped = offers["m7i.large", Market.ON_DEMAND, "us-east-1"]
    assert (shipped.price_source, shipped.price_as_of) == ("statagent's own list", "2026-07-20")


@no_machine_begins
def test_a_spot_machine_is_billed_by_the_prices_of_its_hours(aws: AwsWorld, ec2: Bench) -> None:
    running = ec2.launch(ec2.attempt_at(Market.SPOT))
    ec2.backend.terminate(running)
    zone = running.request.place.zone
    aws.market.spot["c7i.large", zone] = 0.02
    agreed = running.request.usd_per_hour
    # 90 minutes at $0.02, and the disk and the address.
    usd = ec2.backend.billed_usd(replace(running, seconds=5400.0))
    assert usd == Decimal("0.039966")
    assert usd < agreed * Decimal("1.5")
    aws.market.spot.clear()
    assert ec2.backend.billed_usd(replace(running, seconds=5400.0)) is None
    assert ec2.backend.billed_usd(replace(ec2.attempt_at(Market.ON_DEMAND), handle=running.handle)) is None


def test_without_the_price_list_machines_are_offered_at_the_shipped_prices(aws: AwsWorld, ec2: Bench) -> None:
    aws.faults.add(*[Fault("pricing", "GetProducts", 500)] * 99)
    found = {offer.place: offer for offer in ec2.backend.offers()}
    offer = found[Place(sku="c7i.large", market=Market.ON_DEMAND, zone="us-east-1")]
    assert (offer.price_source, offer.price_as_of) == ("statagent's own list", "2026-07-20")
    # It is left alone for a while, so nobody waits for it twice.
    n_asked = aws.n_asked("pricing:GetProducts")
    ec2.backend.offers()
    assert aws.n_asked("pricing:GetProducts") == n_asked


def test_what_is_missing_is_named(aws: AwsWorld, tmp_path: Path) -> None:
    backend = detect(surroundings(tmp_path, aws_bucket=BUCKET, aws_region="us-east-1"))
    with pytest.raises(ComputeError, match=r"half set up: set STATAGENT_AWS_IMAGE, STATAGENT_AWS_INSTANCE_PROFILE$"):
        backend.offers()
    assert backend.running() == ()


def test_a_minute_is_the_least_that_is_paid_so_shorter_jobs_are_not_offered(aws: AwsWorld, tmp_path: Path) -> None:
    backend = detect(replace(surroundings(tmp_path, **aws.options()), max_job_s=59))
    with pytest.raises(ComputeError, match="a minute at least, and STATAGENT_MAX_JOB_S is 59"):
        backend.offers()


@pytest.mark.parametrize(
    ("gone", "words"),
    [
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "no keys of AWS are set up"),
        (("AWS_SECRET_ACCESS_KEY",), "no keys of AWS are set up"),
    ],
)
def test_keys_that_are_not_set_are_one_sentence(
    ec2: Bench, monkeypatch: pytest.MonkeyPatch, gone: tuple[str, ...], words: str
) -> None:
    for name in gone:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(ComputeError, match=words):
        ec2.make().offers()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


def test_keys_that_aws_does_not_know_are_one_sentence(ec2: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASOMEBODYELSES000")
    with pytest.raises(ComputeError, match=r"AWS does not know the keys \(AuthFailure"):
        ec2.make().offers()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)


def test_an_image_that_is_not_there_is_one_sentence(aws: AwsWorld, tmp_path: Path) -> None:
    options = {**aws.options(), "aws_image": "ami-00000000000000000"}
    with pytest.raises(ComputeError, match="ami-00000000000000000"):
        detect(surroundings(tmp_path, **options)).offers()


def test_a_bucket_that_is_not_there_is_one_sentence(aws: AwsWorld, tmp_path: Path) -> None:
    options = {**aws.options(), "aws_bucket": "somebody-elses"}
    with pytest.raises(ComputeError, match="the bucket somebody-elses refuses payload: NoSuchBucket"):
        detect(surroundings(tmp_path, **options)).offers()


def test_only_what_the_account_may_run_is_offered(aws: AwsWorld, ec2: Bench) -> None:
    assert not any(offer.has_gpu for offer in ec2.backend.offers())
    aws.market.quotas |= {"L-1216C47A": 2.0, "L-34B43A08": 0.0, "L-DB2E81BA": 4.0}
    found = {(offer.place.sku, offer.place.market) for offer in ec2.make().offers()}
    assert {market for _, market in found} == {Market.ON_DEMAND}
    assert {sku for sku, _ in found} == {"c7i.large", "m7i.large", "g4dn.xlarge", "g5.xlarge", "g6.xlarge"}
    aws.market.quotas = dict.fromkeys(aws.market.quotas, 0.0)
    with pytest.raises(ComputeError, match="may run no machine of AWS in us-east-1 that is known here: ask AWS for"):
        ec2.make().offers()
    # Who may not look at quotas may still have machines.
    aws.market.quotas = {}
    assert any(offer.has_gpu for offer in ec2.make().offers())


def test_a_kind_that_no_zone_has_is_not_offered(ec2: Bench) -> None:
    kinds = {offer.place.sku for offer in ec2.backend.offers()}
    assert "c7i.large" in kinds
    assert not any(sku.startswith("p3") for sku in kinds)
    order = ec2.attempt().request.model_copy(update={"place": Place(sku="p3.2xlarge", market=Market.ON_DEMAND)})
    with pytest.raises(NoCapacity, match=r"AWS has no p3.2xlarge in us-east-1"):
        ec2.backend.launch(replace(ec2.attempt(), request=order), APPROVAL)


@no_machine_begins
def test_the_handle_is_plain_json(ec2: Bench) -> None:
    handle = ec2.launch(ec2.attempt(LONG)).handle
    assert handle is not None
    assert json.loads(json.dumps(handle)) == handle
