"""Which of AWS's machines are considered, what they have, and where they can be had."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.compute.aws_api import AwsApi, asking
from adapters.compute.aws_quotas import CODES, read_quotas
from adapters.compute.base import ComputeError
from adapters.records import Market

FAMILIES = {"x86_64": ("c7i", "m7i", "r7i"), "arm64": ("c7g", "m7g", "r7g")}
"""For computing, for all purposes, for memory: 2, 4 and 8 GiB a vCPU."""
SIZES = ("large", "xlarge", "2xlarge", "4xlarge")
GPUS = {"x86_64": ("g4dn.xlarge", "g5.xlarge", "g6.xlarge")}
MEMORY_SHARE = 0.85
"""What a job may take of a machine's memory; the rest is the system's."""
USAGE = {Market.ON_DEMAND: "on-demand", Market.SPOT: "spot"}


@dataclass(frozen=True)
class Image:
    """What machines start with: its processor, and its first disk."""

    image_id: str
    architecture: str
    root_device: str
    disk_gb: int


@dataclass(frozen=True)
class Kind:
    """One type of machine, in words too, and the zones and markets in which the account may have it."""

    sku: str
    words: str
    memory_bytes: int
    zones: frozenset[str]
    markets: frozenset[Market]
    has_gpu: bool


@dataclass(frozen=True)
class Catalogue:
    """The image that is set, and the kinds that it runs on in this region."""

    image: Image
    kinds: Mapping[str, Kind]


def read_catalogue(api: AwsApi, image_id: str) -> Catalogue:
    """Ask AWS; raises ComputeError where it cannot be asked, or the image is not one that a machine can start with."""
    image = _image(api, image_id)
    gpus = GPUS.get(image.architecture, ())
    wanted = [f"{family}.{size}" for family in FAMILIES.get(image.architecture, ()) for size in SIZES] + [*gpus]
    zones: dict[str, set[str]] = {}
    is_wanted = [{"Name": "instance-type", "Values": wanted}]
    with asking("DescribeInstanceTypeOfferings"):
        pages = api.client("ec2").get_paginator("describe_instance_type_offerings")
        for page in pages.paginate(LocationType="availability-zone", Filters=is_wanted):
            for one in page["InstanceTypeOfferings"]:
                zones.setdefault(one["InstanceType"], set()).add(one["Location"])
    kinds, quotas = dict[str, Kind](), read_quotas(api)
    with asking("DescribeInstanceTypes"):
        for page in api.client("ec2").get_paginator("describe_instance_types").paginate(Filters=is_wanted):
            for one in page["InstanceTypes"]:
                if one["InstanceType"] in zones:
                    kinds[one["InstanceType"]] = _kind(one, frozenset(zones[one["InstanceType"]]), quotas)
    if not any(kind.markets for kind in kinds.values()):
        raise ComputeError(
            f"this account may run no machine of AWS in {api.region} that is known here: ask AWS for a higher quota of "
            f"EC2 ({', '.join(CODES.values())}; docs/cloud.md)"
        )
    return Catalogue(image, kinds)


def _image(api: AwsApi, image_id: str) -> Image:
    with asking("DescribeImages"):
        found = api.client("ec2").describe_images(ImageIds=[image_id])["Images"]
    if not found or found[0].get("State", "available") != "available":
        raise ComputeError(f"the image {image_id} (STATAGENT_AWS_IMAGE) is not there in {api.region}, or not yet")
    image = found[0]
    root = image.get("RootDeviceName", "/dev/xvda")
    disks = image.get("BlockDeviceMappings", [])
    sizes = [one["Ebs"].get("VolumeSize", 0) for one in disks if "Ebs" in one and one.get("DeviceName") == root]
    return Image(image_id, image.get("Architecture", "x86_64"), root, max([*sizes, 8]))


def _kind(one: Mapping[str, Any], zones: frozenset[str], quotas: Mapping[tuple[Market, bool], float]) -> Kind:
    memory, n_vcpus = int(one["MemoryInfo"]["SizeInMiB"]), int(one["VCpuInfo"]["DefaultVCpus"])
    gpus = one.get("GpuInfo", {}).get("Gpus", [])
    gpu = "".join(f", {str(gpu.get('Name', 'a'))[:20]} GPU" for gpu in gpus)
    usage = one.get("SupportedUsageClasses", [*USAGE.values()])
    return Kind(
        sku=str(one["InstanceType"]),
        words=f"{n_vcpus} vCPU, {memory / 1024:g} GiB{gpu}",
        memory_bytes=int(memory * 2**20 * MEMORY_SHARE),
        zones=zones,
        markets=frozenset(
            market
            for market, word in USAGE.items()
            if word in usage and n_vcpus <= quotas.get((market, bool(gpus)), n_vcpus)
        ),
        has_gpu=bool(gpus),
    )
