"""Columns of another kind than in training: which, how many of their values cannot be read, and one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from tools.ml.metadata import SeenFeature
from tools.ml.spec import FeatureKind

LONGEST = 40
KINDS: dict[FeatureKind, str] = {
    "number": "numbers",
    "boolean": "truth values",
    "date": "dates",
    "category": "words",
}
"""As a sentence calls what a feature holds."""


@dataclass(frozen=True)
class WrongKind:
    """A feature, what it was in training, and the type that it is of now.

    Of its `n` values (missing aside) `unreadable` cannot be read as what they were in training; `example` is the first
    of those, else of all.
    """

    feature: str
    expected: FeatureKind
    found: str
    n: int
    unreadable: int
    example: str


class WrongKindsError(ValueError):
    """A table whose columns hold another kind of value than in training."""

    def __init__(self, wrong: Sequence[WrongKind]) -> None:
        super().__init__("; ".join(map(_said, wrong)))
        self.wrong = tuple(wrong)


def _said(one: WrongKind) -> str:
    if one.unreadable:
        values = f"{one.unreadable:,} of its {one.n:,} values cannot be read as such, the first is {one.example!r}"
    else:
        values = f"all of its {one.n:,} values can be read as such, the first is {one.example!r}"
    what = f"column {one.feature!r} must hold {KINDS[one.expected]}, as in training, and holds {one.found} here"
    return f"{what}: {values}; cast it (transform) first"


def find_wrong_kind(feature: SeenFeature, values: pd.Series) -> WrongKind | None:
    """What is wrong with the values, of which some are there, or None."""
    there = values.dropna()
    if feature.kind == "category":
        return None
    if feature.kind == "date":
        fits = pd.api.types.is_datetime64_any_dtype(values)
        is_read = pd.to_datetime(there.astype(str), errors="coerce", format="ISO8601").notna()
    else:
        fits = pd.api.types.is_numeric_dtype(there.infer_objects())
        is_read = pd.to_numeric(there, errors="coerce").notna()
        if fits and feature.kind == "boolean":
            is_read = there.astype("float64").isin([0.0, 1.0])
            fits = bool(is_read.all())
    if fits:
        return None
    unread = there[~is_read]
    first = (unread if len(unread) else there).iloc[0]
    return WrongKind(feature.name, feature.kind, type_of(there), len(there), len(unread), str(first)[:LONGEST])


def type_of(values: pd.Series) -> str:
    """What values are, as a column's type is called."""
    inferred = values.infer_objects()
    if pd.api.types.is_bool_dtype(inferred):
        return "boolean"
    if pd.api.types.is_datetime64_any_dtype(inferred):
        return "date"
    return "number" if pd.api.types.is_numeric_dtype(inferred) else "text"
