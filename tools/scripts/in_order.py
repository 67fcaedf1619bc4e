"""Words in their own order, in an exported script."""

from __future__ import annotations

from typing import Any


def in_order(words: Any) -> list[str]:
    """By size where all are numbers, else by letters."""
    try:
        return sorted(sorted(words), key=float)
    except ValueError:
        return sorted(words)
