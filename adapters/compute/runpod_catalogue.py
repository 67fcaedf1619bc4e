"""What RunPod's catalogue offers in one data centre, and how a create asks for it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

VCPUS = (2, 4, 8, 16)
GPU_HOST_BYTES = 14 * 2**30
"""What a job may take of a GPU's host, which has 16 GB and more."""
MEMORY_SHARE = 0.9
SHIPPED = Path(__file__).with_name("runpod_prices.csv")
"""Prices of the secure cloud as this program was shipped with them; a processor's is of one vCPU."""


@dataclass(frozen=True)
class Kind:
    """One kind of pod: its name here, as people read it, dollars an hour without the disk, and memory for a job."""

    sku: str
    machine: str
    usd_per_hour: Decimal
    memory_bytes: int


def kinds_in(cpus: Sequence[Mapping[str, Any]], gpus: Sequence[Mapping[str, Any]], centre: str) -> Iterator[Kind]:
    """The kinds that are there now in that data centre, in the secure cloud; what has no price is passed over."""
    for one in cpus:
        usd, ratio = _usd(one.get("price"), "securePerVcpu"), one.get("ramGbPerVcpu")
        if usd is not None and isinstance(ratio, int | float) and _is_there(one, centre):
            bounds = one.get("vcpu") or {}
            for n in VCPUS:
                if bounds.get("min", 2) <= n <= bounds.get("max", 16):
                    gb = int(ratio * n)
                    sku, machine = f"{one['id']}-{n}-{gb}", f"{n} vCPU, {gb} GB ({str(one['id'])[:40]})"
                    yield Kind(sku, machine, n * usd, memory_of(sku))
    for one in gpus:
        usd = _usd(one.get("price"), "secure")
        if usd is not None and one.get("secure", True) and _is_there(one, centre):
            yield Kind(str(one["id"]), f"{str(one.get('name') or one['id'])[:40]} (GPU)", usd, GPU_HOST_BYTES)


@dataclass(frozen=True)
class Shelf:
    """What can be had, who says so, and when they said it."""

    kinds: tuple[Kind, ...]
    source: str
    as_of: str


def shipped_shelf() -> Shelf:
    """What was offered when this program was made; what of it is left is not known."""
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cpus = [
        {
            "id": row["id"],
            "price": {"securePerVcpu": float(row["usd_per_hour"])},
            "ramGbPerVcpu": int(row["ram_gb_per_vcpu"]),
        }
        for row in rows
        if row["ram_gb_per_vcpu"]
    ]
    gpus = [
        {"id": row["id"], "name": row["name"], "price": {"secure": float(row["usd_per_hour"])}}
        for row in rows
        if not row["ram_gb_per_vcpu"]
    ]
    kinds = tuple(kinds_in(cpus, gpus, ""))
    return Shelf(kinds, "shipped list: RunPod's catalogue cannot be asked", max(row["as_of"] for row in rows))


def asked_for(sku: str) -> dict[str, Any]:
    """The part of a create that names the machine."""
    flavor = _flavor(sku)
    return {"gpu": {"id": sku, "count": 1}} if flavor is None else {"cpu": {"id": flavor[0], "vcpuCount": flavor[1]}}


def has_gpu(sku: str) -> bool:
    """Whether that kind has one."""
    return _flavor(sku) is None


def memory_of(sku: str) -> int:
    """Bytes that a job may take there."""
    flavor = _flavor(sku)
    return GPU_HOST_BYTES if flavor is None else int(flavor[2] * 10**9 * MEMORY_SHARE)


def _is_there(kind: Mapping[str, Any], centre: str) -> bool:
    """Whether some of that kind are free in the data centre, as far as the catalogue says."""
    centres = kind.get("dataCenters")
    if isinstance(centres, list) and centres:
        return any(one.get("availability", "HIGH") != "NONE" for one in centres if one.get("id") == centre)
    return bool(kind.get("availability", "HIGH") != "NONE")


def _usd(price: object, name: str) -> Decimal | None:
    """A price of the catalogue; None where there is none."""
    usd = price.get(name) if isinstance(price, dict) else None
    return Decimal(str(usd)) if isinstance(usd, int | float) and not isinstance(usd, bool) and usd > 0 else None


def _flavor(sku: str) -> tuple[str, int, int] | None:
    """Flavour, vCPUs and GB of a processor's name such as cpu5c-4-8; None for a GPU's."""
    parts = sku.rsplit("-", 2)
    is_flavor = len(parts) == 3 and sku.startswith("cpu") and parts[1].isdigit() and parts[2].isdigit()
    return (parts[0], int(parts[1]), int(parts[2])) if is_flavor else None
