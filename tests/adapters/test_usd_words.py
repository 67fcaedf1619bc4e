"""A small amount of dollars is not shown as nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.usd_words import usd_words


@pytest.mark.parametrize(
    ("usd", "words"), [("0", "$0.00"), ("1.504", "$1.50"), ("0.000138", "$0.000138"), ("0.0100", "$0.01")]
)
def test_of_less_than_a_cent_every_digit_stands(usd: str, words: str) -> None:
    assert usd_words(Decimal(usd)) == words
