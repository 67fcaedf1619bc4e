"""The card that asks for a yes, rendered from the quote's row and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from prompts import render
from prompts.visible import one_line


class QuoteRow(Protocol):
    """What the card needs of a quote."""

    @property
    def job(self) -> Mapping[str, Any]:
        """The frozen job."""

    @property
    def expires_at(self) -> datetime:
        """Until when the quote is good, in UTC."""


def confirm_card(quote: QuoteRow) -> str:
    """The quote as a person reads it before saying yes.

    Names come out of files: each stays on its line, so that none can forge a line about the price.
    """
    spec = quote.job["spec"]
    return render(
        "confirm_cost",
        quote=quote,
        model=one_line(spec["model"]),
        target=one_line(spec["target"]),
        task=one_line(spec["task"]),
        n_features=len(spec["features"]),
        dataset=one_line(quote.job["dataset"]),
        rows=quote.job["rows"],
        expires=f"{quote.expires_at:%H:%M:%S}",
    )
