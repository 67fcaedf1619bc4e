"""Whole numbers that float64 does not hold: describe says them with every digit, as query does."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from fractions import Fraction

import pytest

from tests.tools.conftest import Call


@pytest.mark.parametrize(
    "values",
    [
        [2**53 + k for k in (1, 2, 3, 4, 5)],
        [-(2**53) - k for k in (1, 1, 4, 9)],
        [2**62, 2**62 + 1, 2**62 + 7],
        [-(2**62), 0, 2**62],
    ],
)
def test_every_digit_is_kept(tool_on: Callable[[str, str], Call], values: list[int]) -> None:
    (found,) = tool_on("describe", "x,g\n" + "\n".join(f"{value},a" for value in values))(columns=["x"])["columns"]
    assert (found["min"], found["max"]) == (min(values), max(values))
    assert found["median"] == statistics.median_low(values) or len(values) % 2 == 0
    assert Fraction(found["mean"]) == pytest.approx(Fraction(sum(values), len(values)), rel=1e-15)
    # Python's own, from exact fractions.
    assert found["sd"] == pytest.approx(statistics.stdev(map(Fraction, values)), rel=1e-14)
    (grouped,) = tool_on("describe", "x,g\n" + "\n".join(f"{value},a" for value in values))(columns=["x"], by="g")[
        "columns"
    ]
    assert (grouped["min"], grouped["max"], grouped["sd"]) == (found["min"], found["max"], found["sd"])


def test_numbers_that_float64_holds_are_described_as_before(tool_on: Callable[[str, str], Call]) -> None:
    (found,) = tool_on("describe", "x\n1\n2\n9007199254740992\n")(columns=["x"])["columns"]
    assert "geometric_mean" in found
    (longer,) = tool_on("describe", "x\n1\n2\n9007199254740993\n")(columns=["x"])["columns"]
    assert "geometric_mean" not in longer
