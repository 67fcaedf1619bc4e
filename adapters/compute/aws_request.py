"""The request for a machine of EC2: all in it is the attempt's own, so that it may be sent any number of times."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from pathlib import Path
from typing import Any

from adapters.compute.attempt_files import START_S
from adapters.compute.aws_catalogue import Image
from adapters.compute.aws_prices import GP3_USD_PER_GB_HOUR, IPV4_USD_PER_HOUR
from adapters.records import Attempt, Market

BOOT = Path(__file__).with_name("aws_boot.py")
TAG = "statagent:"
MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True)
class Setup:
    """What is set of AWS: where jobs lie, what machines start with, who they are, and where they stand."""

    bucket: str
    image: str
    instance_profile: str
    subnet: str = ""
    security_group: str = ""
    scheduler_role: str = ""


def extras_usd_per_hour(image: Image) -> Decimal:
    """What a machine's disk and address cost beside it."""
    return image.disk_gb * GP3_USD_PER_GB_HOUR + IPV4_USD_PER_HOUR


def agreed_usd_per_hour(machine: Decimal, image: Image) -> Decimal:
    """The price of all of it, which the person agrees to."""
    return (machine + extras_usd_per_hour(image)).quantize(MILLIONTH, ROUND_UP)


def machine_usd_per_hour(agreed: Decimal, image: Image) -> Decimal:
    """What of an agreed price is left for the machine itself: a spot machine's highest price."""
    return (agreed - extras_usd_per_hour(image)).quantize(MILLIONTH, ROUND_DOWN)


def run_request(attempt: Attempt, install: str, setup: Setup, image: Image, boot: str) -> dict[str, Any]:
    """What RunInstances is asked for; `boot` is the text that the machine runs first."""
    order, tags = attempt.request, tags_of(attempt, install)
    request: dict[str, Any] = {
        "ClientToken": attempt.key,
        "MinCount": 1,
        "MaxCount": 1,
        "ImageId": image.image_id,
        "InstanceType": order.place.sku,
        "UserData": boot,
        "IamInstanceProfile": _profile(setup.instance_profile),
        # However it is shut down, it is gone and no bill goes on.
        "InstanceInitiatedShutdownBehavior": "terminate",
        "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        "BlockDeviceMappings": [
            {
                "DeviceName": image.root_device,
                "Ebs": {"DeleteOnTermination": True, "VolumeSize": image.disk_gb, "VolumeType": "gp3"},
            }
        ],
        "TagSpecifications": [{"ResourceType": kind, "Tags": tags} for kind in ("instance", "volume")],
    }
    if order.place.market is Market.SPOT:
        request["InstanceMarketOptions"] = {
            "MarketType": "spot",
            "SpotOptions": {
                "SpotInstanceType": "one-time",
                "InstanceInterruptionBehavior": "terminate",
                "MaxPrice": f"{machine_usd_per_hour(order.usd_per_hour, image):f}",
            },
        }
    if setup.subnet:
        request["SubnetId"] = setup.subnet
    elif order.place.market is Market.SPOT:
        request["Placement"] = {"AvailabilityZone": order.place.zone}
    if setup.security_group:
        request["SecurityGroupIds"] = [setup.security_group]
    return request


def tags_of(attempt: Attempt, install: str) -> list[dict[str, str]]:
    """How a machine is told apart: by whom it was begun, for which job, and until when it may be there."""
    expires = attempt.created_at + timedelta(seconds=attempt.request.max_seconds + START_S)
    tags = {
        "Name": f"statagent-{attempt.key[:8]}",
        f"{TAG}install": install,
        f"{TAG}key": attempt.key,
        f"{TAG}job": attempt.job_id,
        f"{TAG}attempt": attempt.attempt_id,
        f"{TAG}expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
    }
    return [{"Key": name, "Value": value} for name, value in tags.items()]


def boot_text(attempt: Attempt, region: str, setup: Setup, folder: str, payload: str, sha256: str) -> str:
    """The machine's user data: a script that gives our boot program its settings."""
    settings = {
        "AWS_DEFAULT_REGION": region,
        "STATAGENT_BUCKET": setup.bucket,
        "STATAGENT_FOLDER": folder,
        "STATAGENT_PAYLOAD": payload,
        "STATAGENT_PAYLOAD_SHA256": sha256,
        "STATAGENT_MAX_SECONDS": str(attempt.request.max_seconds),
        "STATAGENT_STREAM": attempt.key,
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
    program = shlex.join(["exec", "python3", "-c", BOOT.read_text(encoding="utf-8")])
    return "\n".join(["#!/bin/sh", *lines, program, ""])


def _profile(named: str) -> dict[str, str]:
    """An instance profile by its name or its ARN, as it is set."""
    return {"Arn": named} if named.startswith("arn:") else {"Name": named}
