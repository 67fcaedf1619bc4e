"""What AWS offers now: each kind on demand, and as a spot machine in each zone."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.compute.aws_api import AwsApi, asking
from adapters.compute.aws_catalogue import Catalogue, Kind
from adapters.compute.aws_prices import Price, Prices
from adapters.compute.aws_request import agreed_usd_per_hour
from adapters.compute.base import Offer
from adapters.records import Market, Place

OVERHEAD_S = 75
"""Until the worker begins: a machine is found, its system starts, Python and the job are fetched."""


def offers_of(api: AwsApi, prices: Prices, catalogue: Catalogue, subnet: str, max_seconds: int) -> tuple[Offer, ...]:
    """The offers, in any order; a kind without a known price is none. Raises ComputeError where AWS cannot be asked."""
    zone = _zone_of(api, subnet) if subnet else None
    kinds = [kind for kind in catalogue.kinds.values() if zone is None or zone in kind.zones]
    places = [*_on_demand(prices, kinds, zone or api.region), *_spot(prices, kinds, zone)]
    return tuple(
        Offer(
            backend="aws",
            place=place,
            machine=f"{kind.words} ({kind.sku}{', spot' if place.market is Market.SPOT else ''}), {place.zone}",
            usd_per_hour=agreed_usd_per_hour(price.usd_per_hour, catalogue.image),
            price_source=price.source,
            price_as_of=price.as_of,
            max_seconds=max_seconds,
            memory_bytes=kind.memory_bytes,
            overhead_s=OVERHEAD_S,
            has_gpu=kind.has_gpu,
        )
        for place, kind, price in places
    )


def _on_demand(prices: Prices, kinds: list[Kind], where: str) -> Iterator[tuple[Place, Kind, Price]]:
    """In all zones for one price: which of them has a machine, AWS knows best."""
    found = {kind.sku: kind for kind in kinds if Market.ON_DEMAND in kind.markets}
    for sku, price in prices.on_demand(found).items():
        yield Place(sku=sku, market=Market.ON_DEMAND, zone=where), found[sku], price


def _spot(prices: Prices, kinds: list[Kind], only: str | None) -> Iterator[tuple[Place, Kind, Price]]:
    found = {kind.sku: kind for kind in kinds if Market.SPOT in kind.markets}
    if not found:
        return
    for (sku, zone), price in prices.spot([*found]).items():
        if sku in found and zone in found[sku].zones and only in (None, zone):
            yield Place(sku=sku, market=Market.SPOT, zone=zone), found[sku], price


def _zone_of(api: AwsApi, subnet: str) -> str:
    with asking("DescribeSubnets"):
        found = api.client("ec2").describe_subnets(SubnetIds=[subnet])["Subnets"]
    return str(found[0]["AvailabilityZone"])
