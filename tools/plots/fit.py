"""What is told of a fitted line; Matplotlib is not needed for that."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fit:
    """What a least-squares line says: of which group (None: of all n rows), and None for what it does not have."""

    group: str | None
    n: int
    slope: float | None
    r: float | None
