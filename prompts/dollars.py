"""An amount of money as a person reads it: never as nothing where it is something."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal

SHOWN_DIGITS = 2


def dollars(usd: Decimal | float, places: int = 2) -> str:
    """`$1.50`; an amount below the last of so many places with its first two digits, rounded up: `$0.00014`."""
    exact = Decimal(str(usd))
    smallest = Decimal(1).scaleb(-places)
    if exact == 0 or not exact.is_finite() or abs(exact) >= smallest:
        return f"${exact:.{places}f}"
    digits = exact.quantize(Decimal(1).scaleb(exact.adjusted() - SHOWN_DIGITS + 1), rounding=ROUND_UP)
    return f"${digits.normalize():f}"
