"""Dollars in the sentences of adapters, which know no prompts."""

from __future__ import annotations

from decimal import Decimal

CENT = Decimal("0.01")


def usd_words(usd: Decimal) -> str:
    """`$1.50`; of less than a cent every digit, as a small amount is not nothing."""
    return f"${usd:.2f}" if usd == 0 or abs(usd) >= CENT else f"${usd.normalize():f}"
