"""Serverless endpoints of one RunPod account, and what a second of their workers costs."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.compute.base import ComputeError
from adapters.compute.runpod_answers import AmbiguousError, SilentError, listed, object_in, refused
from adapters.compute.runpod_api import CATALOGUE_TRIES, RunPodApi

SHIPPED = Path(__file__).with_name("runpod_serverless_prices.csv")
"""Dollars an hour of the dearest GPU in each pool, as this program was shipped with them."""


class _Shown(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Workers(_Shown):
    """How many workers an endpoint has, at least and at most."""

    min: int = Field(default=0, ge=0)
    max: int = Field(default=3, ge=0, le=1000)


class Gpu(_Shown):
    """The pools that a worker's GPU is taken of."""

    pools: tuple[str, ...] = Field(min_length=1)


class Endpoint(_Shown):
    """What is read of an endpoint."""

    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    name: str = ""
    gpu: Gpu
    workers: Workers = Workers()
    env: dict[str, str] = Field(default_factory=dict)


class _Usd(_Shown):
    serverless: Annotated[Decimal, Field(gt=0, le=1000, allow_inf_nan=False)]


class _Entry(_Shown):
    """One GPU of the catalogue: its pool, and dollars an hour of a serverless worker with it."""

    pool: str
    price: _Usd


@dataclass(frozen=True)
class Price:
    """Dollars an hour of one worker, who says so, and when they said it."""

    usd_per_hour: Decimal
    source: str
    as_of: str


@dataclass(frozen=True)
class RunPodEndpoints:
    """The endpoints behind RunPod's REST API."""

    api: RunPodApi

    def all(self) -> list[dict[str, Any]]:
        """Every endpoint of the account, whoever's it is, as RunPod shows it."""
        answer = self.api.sent("GET", "/serverless")
        if answer.status_code != 200:
            raise refused(answer)
        return listed(object_in(answer), "endpoints")

    def named(self, name: str) -> list[dict[str, Any]]:
        """Those of that name. RunPod's console puts ` -fb` behind the names of some."""
        return [one for one in self.all() if str(one.get("name", "")).removesuffix(" -fb") == name]

    def find(self, endpoint_id: str) -> Endpoint | None:
        """One endpoint; None where there is none. ComputeError where it is none that predictions can be sent to."""
        answer = self.api.sent("GET", f"/serverless/{endpoint_id}")
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise refused(answer)
        try:
            return Endpoint.model_validate(object_in(answer))
        except ValidationError as error:
            raise ComputeError(f"the endpoint {endpoint_id!r} is none that statagent has made") from error

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make an endpoint, once; AmbiguousError where nobody can say whether it is there."""
        answer = self.api.sent_once("POST", "/serverless", body)
        if not answer.is_success:
            raise refused(answer)
        return object_in(answer)

    def change(self, endpoint_id: str, body: Mapping[str, Any]) -> None:
        """Make it so: the same request again changes nothing more."""
        answer = self.api.sent("PATCH", f"/serverless/{endpoint_id}", body=body)
        if not answer.is_success:
            raise refused(answer)

    def delete(self, endpoint_id: str) -> None:
        """Delete it, with its workers; that there is none is no error."""
        answer = self.api.sent("DELETE", f"/serverless/{endpoint_id}")
        if not answer.is_success and answer.status_code != 404:
            raise refused(answer)

    def price(self, pools: Sequence[str]) -> Price:
        """What a worker costs whose GPU is of one of the pools: the dearest counts, for RunPod chooses.

        Raises
        ------
        ComputeError
            If neither RunPod's catalogue nor the list that was shipped knows one of the pools.
        """
        try:
            asked = {"include": "AVAILABILITY", "product": "SERVERLESS"}
            answer = self.api.sent("GET", "/catalog/gpus", asked, n_tries=CATALOGUE_TRIES)
            if answer.status_code != 200:
                raise refused(answer)
            found = _by_pool(listed(object_in(answer), "gpus"))
        except (SilentError, AmbiguousError):
            found = {}
        if set(pools) <= found.keys():
            usd = max(found[pool] for pool in pools)
            return Price(usd, "RunPod's catalogue", datetime.now(UTC).date().isoformat())
        return _shipped(pools)


def _by_pool(entries: Sequence[object]) -> dict[str, Decimal]:
    """The dearest price of each pool; an odd entry beside others takes none of them away."""
    found: dict[str, Decimal] = {}
    for entry in entries:
        try:
            one = _Entry.model_validate(entry)
        except ValidationError:
            continue
        found[one.pool] = max(found.get(one.pool, Decimal(0)), one.price.serverless)
    return found


def _shipped(pools: Sequence[str]) -> Price:
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = {row["pool"]: row for row in csv.DictReader(file)}
    unknown = sorted(set(pools) - rows.keys())
    if unknown:
        raise ComputeError(f"nobody says what a worker with a GPU of {', '.join(unknown)} costs")
    dearest = max((rows[pool] for pool in pools), key=lambda row: Decimal(row["usd_per_hour"]))
    source = "shipped list: RunPod's catalogue names no serverless price"
    return Price(Decimal(dearest["usd_per_hour"]), source, dearest["as_of"])
