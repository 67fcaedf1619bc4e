"""The card that asks for a yes, rendered from the quote's row and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from prompts import render


class QuoteRow(Protocol):
    """What the card needs of a quote."""

    @property
    def job(self) -> Mapping[str, Any]:
        """The frozen job."""

    @property
    def expires_at(self) -> datetime:
        """Until when the quote is good, in UTC."""


def confirm_card(quote: QuoteRow) -> str:
    """The quote as a person reads it before saying yes."""
    spec = quote.job["spec"]
    return render(
        "confirm_cost",
        quote=quote,
        job=spec,
        n_features=len(spec["features"]),
        dataset=quote.job["dataset"],
        rows=quote.job["rows"],
        expires=f"{quote.expires_at:%H:%M:%S}",
    )
