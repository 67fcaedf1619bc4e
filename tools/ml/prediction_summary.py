"""Predictions in short."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NumbersPredicted:
    """Of numbers; sd is None of one row."""

    mean: float
    min: float
    max: float
    sd: float | None


@dataclass(frozen=True)
class ClassesPredicted:
    """How often each class was predicted."""

    counts: dict[str, int]
