"""Who is told how far a training is."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[str, float], None]
"""Told a sentence and the fraction done, in [0, 1]."""


def within(report: Report, low: float, high: float) -> Report:
    """For a part of the work: what it takes for 0 to 1 is `low` to `high` of the whole."""

    def told(sentence: str, fraction: float) -> None:
        report(sentence, low + fraction * (high - low))

    return told


def nobody(sentence: str, fraction: float) -> None:
    """Tells nobody."""
