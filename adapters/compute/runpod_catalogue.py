"""What RunPod's catalogue offers in one data centre, and how a create asks for it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

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


Usd = Annotated[Decimal, Field(gt=0, le=1000, allow_inf_nan=False)]


class _Part(BaseModel):
    """What of the catalogue is read; the rest of an entry is nothing to us."""

    model_config = ConfigDict(extra="ignore")


class _Centre(_Part):
    id: str
    availability: str = "HIGH"


class _Bounds(_Part):
    min: int = 2
    max: int = 16


class _Price(_Part):
    """Dollars an hour in the secure cloud: of a processor's vCPU, of a GPU."""

    per_vcpu: Usd | None = Field(default=None, validation_alias="securePerVcpu")
    secure: Usd | None = None


class _Entry(_Part):
    """One entry."""

    id: str = Field(min_length=1, max_length=100)
    name: str | None = None
    price: _Price = _Price()
    secure: bool = True
    availability: str = "HIGH"
    centres: list[_Centre] | None = Field(default=None, validation_alias="dataCenters")
    gb_per_vcpu: float = Field(default=0, ge=0, le=1024, allow_inf_nan=False, validation_alias="ramGbPerVcpu")
    vcpu: _Bounds | None = None

    def is_there(self, centre: str) -> bool:
        """Whether some of that kind are free in the data centre, as far as the catalogue says."""
        if self.centres:
            return any(one.availability != "NONE" for one in self.centres if one.id == centre)
        return self.availability != "NONE"


def kinds_in(cpus: Sequence[object], gpus: Sequence[object], centre: str) -> Iterator[Kind]:
    """The kinds that are there now in that data centre, in the secure cloud; what cannot be read is passed over."""
    for one in _read(cpus):
        usd, bounds = one.price.per_vcpu, one.vcpu or _Bounds()
        if usd is not None and one.gb_per_vcpu and one.is_there(centre):
            for n in (n for n in VCPUS if bounds.min <= n <= bounds.max):
                gb = int(one.gb_per_vcpu * n)
                sku = f"{one.id}-{n}-{gb}"
                yield Kind(sku, f"{n} vCPU, {gb} GB ({one.id[:40]})", n * usd, memory_of(sku))
    for one in _read(gpus):
        usd = one.price.secure
        if usd is not None and one.secure and one.is_there(centre):
            yield Kind(one.id, f"{(one.name or one.id)[:40]} (GPU)", usd, GPU_HOST_BYTES)


def _read(entries: Sequence[object]) -> Iterator[_Entry]:
    """Those that can be read: an odd one beside them takes no kind away."""
    for entry in entries:
        try:
            yield _Entry.model_validate(entry)
        except ValidationError:
            continue


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


def _flavor(sku: str) -> tuple[str, int, int] | None:
    """Flavour, vCPUs and GB of a processor's name such as cpu5c-4-8; None for a GPU's."""
    parts = sku.rsplit("-", 2)
    is_flavor = len(parts) == 3 and sku.startswith("cpu") and parts[1].isdigit() and parts[2].isdigit()
    return (parts[0], int(parts[1]), int(parts[2])) if is_flavor else None
