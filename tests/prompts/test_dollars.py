"""Money as a person reads it: a small amount is not nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prompts.dollars import dollars


@pytest.mark.parametrize(
    ("usd", "places", "shown"),
    [
        (Decimal(0), 2, "$0.00"),
        (Decimal("1.504"), 2, "$1.50"),
        (Decimal("0.01"), 2, "$0.01"),
        (Decimal("0.000138"), 2, "$0.00014"),
        (0.000138, 2, "$0.00014"),
        (Decimal("0.000131"), 2, "$0.00014"),  # up: "at most" is true
        (Decimal("0.00999"), 2, "$0.01"),
        (8e-08, 2, "$0.00000008"),
        (Decimal("0.0123"), 4, "$0.0123"),
        (Decimal("0.00004"), 4, "$0.00004"),
        (Decimal("-0.004"), 2, "$-0.004"),
    ],
)
def test_an_amount_is_never_shown_as_nothing_where_it_is_something(
    usd: Decimal | float, places: int, shown: str
) -> None:
    assert dollars(usd, places) == shown
