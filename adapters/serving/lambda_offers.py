"""What calls of a function are offered as: at once for small tables, over the bucket for larger ones."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

from adapters.compute.aws_prices import Price
from adapters.compute.base import Offer, Parts
from adapters.records import Market, Place
from adapters.serving.functions import Deployed

AT_ONCE, OVER_BUCKET = "lambda-at-once", "lambda-over-bucket"
MOST_AT_ONCE = 10
"""Calls side by side; a new account may have so many."""
CALL_USD = Decimal("0.0000002")
START_S, EACH_S = 8.0, 0.3
"""Of a machine, with scikit-learn's import (evals/bench/serving.py, through the Runtime API); and of a call."""
MICRO = Decimal("0.000001")
SYNC = Parts(1, 999, 1000, 1, START_S, EACH_S, "which answers at once")
BATCHED = Parts(1000, 10_000, 1000, MOST_AT_ONCE, START_S, EACH_S, "each of which answers at once")
LATER = Parts(10_001, 100_000, 10_000, MOST_AT_ONCE, START_S, EACH_S, "over the bucket")


def offers_of(function: Deployed, price: Price, region: str, max_seconds: int) -> tuple[Offer, ...]:
    """An offer for each size of table; of one table one fits."""
    usd_per_hour = (price.usd_per_hour * function.memory_mb / 1024 * 3600).quantize(MICRO, ROUND_UP)
    return tuple(
        Offer(
            backend="aws_lambda",
            place=Place(sku=sku, market=Market.ON_DEMAND, zone=region),
            machine=f"AWS Lambda, {function.memory_mb} MB, {region}",
            usd_per_hour=usd_per_hour,
            price_source=price.source,
            price_as_of=price.as_of,
            max_seconds=max_seconds,
            memory_bytes=function.memory_mb * 2**20,
            parts=parts,
        )
        for sku, parts in ((AT_ONCE, SYNC), (f"{AT_ONCE}-batched", BATCHED), (OVER_BUCKET, LATER))
    )
