"""What machines of AWS cost an hour: asked of AWS, else as this program was shipped with it."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from adapters.compute.aws_api import AwsApi, asking
from adapters.compute.base import ComputeError
from adapters.json_text import parse_json
from adapters.records import JsonValue

MOST_USD = 1000
"""An hour of no machine costs more."""
SHIPPED = Path(__file__).with_name("aws_prices.csv")
PRICING_REGION = "us-east-1"
"""The price list of all regions is asked for there."""
KEPT_S = 3600.0
"""A price on demand changes a few times in a year."""
SILENT_S = 300.0
"""A list of prices that does not answer is left alone for so long."""
N_AT_ONCE = 4
HOUR_S = 3600.0
SPOT_LOOK_BACK = timedelta(days=1)
GP3_USD_PER_GB_HOUR = Decimal("0.08") / 730
IPV4_USD_PER_HOUR = Decimal("0.005")
"""Of a machine's disk (gp3, $0.08 a GB and month) and its public address: us-east-1, 2026."""


@dataclass(frozen=True)
class Price:
    """Dollars an hour, who says so, and when they said it."""

    usd_per_hour: Decimal
    source: str
    as_of: str


@dataclass
class Prices:
    """Prices of one region; those on demand, and that there is none, are kept for an hour."""

    api: AwsApi
    _kept: dict[str, tuple[float, Price | None]] = field(default_factory=dict)
    _silent_until: float = 0.0

    def on_demand(self, skus: Iterable[str]) -> dict[str, Price]:
        """Of those kinds whose price is known."""
        shipped = self._shipped()
        asked = [*skus]
        # The list gives one kind at a time, and takes a while for it.
        with ThreadPoolExecutor(N_AT_ONCE) as pool:
            known = dict(zip(asked, pool.map(self._of_now, asked), strict=True))
        found = {sku: price or shipped.get(sku) for sku, price in known.items()}
        return {sku: price for sku, price in found.items() if price is not None}

    def spot(self, skus: list[str]) -> dict[tuple[str, str], Price]:
        """By kind and zone, the highest price of the last day: what is bid, so that a small rise loses no machine."""
        highest: dict[tuple[str, str], Decimal] = {}
        now = datetime.now(UTC)
        with asking("DescribeSpotPriceHistory"):
            pages = self.api.client("ec2").get_paginator("describe_spot_price_history")
            asked = pages.paginate(
                InstanceTypes=skus, ProductDescriptions=["Linux/UNIX"], StartTime=now - SPOT_LOOK_BACK
            )
            for page in asked:
                for one in page["SpotPriceHistory"]:
                    usd = usd_of(one.get("SpotPrice"))
                    place = (str(one.get("InstanceType")), str(one.get("AvailabilityZone")))
                    if usd is not None:
                        highest[place] = max(usd, highest.get(place, usd))
        source, as_of = "EC2's spot prices, the highest of a day", now.date().isoformat()
        return {place: Price(usd, source, as_of) for place, usd in highest.items()}

    def spot_bill(self, sku: str, zone: str, launched: float, seconds: float) -> Decimal | None:
        """What AWS charges for a spot machine itself: each of its hours at the price of that hour's beginning.

        None where AWS does not say a price any more.
        """
        usd, begins = Decimal(0), 0.0
        while begins < seconds:
            price = self._spot_at(sku, zone, datetime.fromtimestamp(launched + begins, UTC))
            if price is None:
                return None
            usd += price * Decimal(str(min(HOUR_S, seconds - begins))) / 3600
            begins += HOUR_S
        return usd

    def _spot_at(self, sku: str, zone: str, at: datetime) -> Decimal | None:
        with asking("DescribeSpotPriceHistory"):
            answer = self.api.client("ec2").describe_spot_price_history(
                InstanceTypes=[sku], ProductDescriptions=["Linux/UNIX"], AvailabilityZone=zone, StartTime=at, EndTime=at
            )
        known = [one for one in answer["SpotPriceHistory"] if one.get("AvailabilityZone") == zone]
        known = [one for one in known if one["Timestamp"] <= at]
        return usd_of(max(known, key=lambda one: one["Timestamp"])["SpotPrice"]) if known else None

    def _of_now(self, sku: str) -> Price | None:
        """The price in AWS's list, of this hour; None where it holds none, or does not answer."""
        now = time.monotonic()
        kept = self._kept.get(sku)
        if kept is not None and now - kept[0] < KEPT_S:
            return kept[1]
        if now < self._silent_until:
            return None
        try:
            price = self._listed(sku)
        except ComputeError:
            # The list is a service of its own: machines can be had without it, at the prices that were shipped.
            self._silent_until = now + SILENT_S
            return None
        self._kept[sku] = (now, price)
        return price

    def _listed(self, sku: str) -> Price | None:
        """The price in AWS's list; None where it holds none."""
        wanted = {
            "instanceType": sku,
            "regionCode": self.api.region,
            "operatingSystem": "Linux",
            "tenancy": "Shared",
            "preInstalledSw": "NA",
            "capacitystatus": "Used",
        }
        with asking("GetProducts"):
            answer = self.api.client("pricing", PRICING_REGION).get_products(
                ServiceCode="AmazonEC2",
                Filters=[{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in wanted.items()],
            )
        found = [usd for text in answer.get("PriceList", []) if (usd := _hourly(text, sku)) is not None]
        today = datetime.now(UTC).date().isoformat()
        return Price(max(found), "AWS's price list", today) if found else None

    def _shipped(self) -> dict[str, Price]:
        with SHIPPED.open(newline="", encoding="utf-8") as file:
            return {
                row["sku"]: Price(Decimal(row["usd_per_hour"]), "statagent's own list", row["as_of"])
                for row in csv.DictReader(file)
                if row["region"] == self.api.region
            }


def _hourly(text: Any, sku: str) -> Decimal | None:
    """The dollars an hour of one product of the list; None where it is none of that kind, or is odd."""
    product = _product(text)
    if _at(product, "product", "attributes", "instanceType") != sku:
        return None
    return max(usd_per(product, "Hrs"), default=None)


def usd_per(text: Any, *units: str) -> list[Decimal]:
    """The prices of one product of the list that are of such units; nothing where it is odd."""
    terms, found = _at(_product(text), "terms", "OnDemand"), []
    for term in terms.values() if isinstance(terms, dict) else ():
        dimensions = _at(term, "priceDimensions")
        for dimension in dimensions.values() if isinstance(dimensions, dict) else ():
            if _at(dimension, "unit") in units:
                found.append(usd_of(_at(dimension, "pricePerUnit", "USD")))
    return [usd for usd in found if usd is not None]


def _product(text: Any) -> JsonValue:
    """A product of the list, which comes as text or as JSON."""
    try:
        product: JsonValue = parse_json(text) if isinstance(text, str) else text
    except ValueError:
        return None
    return product


def _at(value: JsonValue, *names: str) -> JsonValue:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def usd_of(said: object) -> Decimal | None:
    """A price above 0 that a machine can have."""
    try:
        usd = Decimal(str(said))
    except InvalidOperation:
        return None
    return usd if usd.is_finite() and 0 < usd <= MOST_USD else None
