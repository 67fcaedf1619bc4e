"""What a machine is bought as, in a provider's own words."""

from __future__ import annotations

from enum import StrEnum

from adapters.records.training import Closed


class Market(StrEnum):
    """How a machine is bought."""

    OWN = "own"
    ON_DEMAND = "on_demand"
    SPOT = "spot"


class Place(Closed):
    """Which of a backend's machines: its name for the kind, the market and the zone; all empty for one's own."""

    sku: str = ""
    market: Market = Market.OWN
    zone: str = ""


OWN = Place()
"""This machine."""
