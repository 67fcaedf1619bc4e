"""This machine with a price tag: what a launch that costs money goes through, with nobody paying."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from adapters.compute.base import Offer
from adapters.compute.local import LocalBackend


@dataclass
class PriceTag:
    """Dollars an hour, to be changed while programs run."""

    usd_per_hour: Decimal = Decimal("3.60")
    max_seconds: int = 100


class Metered(LocalBackend):
    """A local backend whose machine costs what the tag says."""

    tag = PriceTag()

    def offers(self) -> tuple[Offer, ...]:
        """The price of now."""
        (own,) = super().offers()
        price, seconds = self.tag.usd_per_hour, self.tag.max_seconds
        return (replace(own, usd_per_hour=price, price_source="a test", max_seconds=seconds),)
