"""A yes given ahead on the command line, and what is said where there is none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from adapters.records import Quote
from prompts.dollars import dollars


class ConfirmationNeeded(Exception):
    """A launch waits for a yes that nobody has given."""

    def __init__(self, quote: Quote) -> None:
        super().__init__(f"quote {quote.quote_id} needs a yes")
        self.quote = quote


class OverBudget(Exception):
    """The yes that was given covers less than the quote's cap."""


@dataclass(frozen=True)
class Confirmation:
    """A yes given ahead on the command line: to one quote, up to so many dollars."""

    quote_id: str
    max_usd: Decimal

    def check(self, quote: Quote) -> None:
        """Raise unless this yes is about that quote and covers its cap."""
        if self.quote_id != quote.quote_id:
            raise ConfirmationNeeded(quote)
        if quote.cap_usd > self.max_usd:
            raise OverBudget(f"the quote may cost {dollars(quote.cap_usd)}; --max-usd allows {dollars(self.max_usd)}")
