"""A quote as tools and commands show it."""

from __future__ import annotations

from adapters.records import Quote, TrainingSpec
from prompts.cards import names_by_kind
from prompts.dollars import dollars
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


def told_of_quote(quote: QuoteLine) -> str:
    """What a price is made of, in words, after it was asked for."""
    return (
        f"About {quote.expected_seconds} s on {quote.provider} ({quote.machine}), by measured laws and with "
        f"the start of the worker; stopped after {quote.max_seconds} s at the latest. {dollars(quote.expected_usd)} "
        f"expected, {dollars(quote.cap_usd)} at most: {'; '.join(quote.breakdown)} ({quote.price_source}, "
        f"{quote.price_as_of}). Nothing was started; `ask me again` puts the question anew."
    )


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
        kinds=_kinds_of(quote),
    )


def _kinds_of(quote: Quote) -> dict[str, tuple[str, ...]]:
    """How each feature of a training is read; a model that predicts reads them as it did then."""
    if not isinstance(quote.job.work, TrainingSpec):
        return {}
    return {kind: tuple(names) for kind, names in names_by_kind(quote.job.work.kinds).items()}
