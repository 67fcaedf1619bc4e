"""What a result warns of, as its fields: words for a person, and a code for each that code decides by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adapters.records.warned import Warned, Warns

__all__ = ["Warned", "Warns", "said"]


def said(warned: Sequence[Warned]) -> dict[str, Any]:
    """A result's `warnings` and, in the same order, `warning_codes` where there are any."""
    codes = {"warning_codes": tuple(one.code for one in warned)} if warned else {}
    return {"warnings": tuple(one.words for one in warned), **codes}
