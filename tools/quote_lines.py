"""A quote as tools and commands show it."""

from __future__ import annotations

from adapters.records import Quote
from prompts.cards import names_by_kind
from tools.results import Fields


class QuoteLine(Fields):
    """The price, the machine, the time, until when it is good, and how each feature is read."""

    quote_id: str
    provider: str
    machine: str
    expected_usd: float
    cap_usd: float
    expected_seconds: int
    max_seconds: int
    expires_at: str
    price_source: str
    price_as_of: str
    breakdown: tuple[str, ...]
    kinds: dict[str, tuple[str, ...]]


def quote_line(quote: Quote) -> QuoteLine:
    """The line of a quote."""
    return QuoteLine(
        quote_id=quote.quote_id,
        provider=quote.provider,
        machine=quote.machine,
        expected_usd=float(quote.expected_usd),
        cap_usd=float(quote.cap_usd),
        expected_seconds=quote.expected_seconds,
        max_seconds=quote.max_seconds,
        expires_at=quote.expires_at.isoformat(timespec="seconds"),
        price_source=quote.price_source,
        price_as_of=quote.price_as_of,
        breakdown=quote.breakdown,
        kinds={kind: tuple(names) for kind, names in names_by_kind(quote.job.training.kinds).items()},
    )
