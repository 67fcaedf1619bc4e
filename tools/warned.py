"""What a result warns of: a code that code decides by, and the words for a person, both in one place a tool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any


@dataclass(frozen=True)
class Warned:
    """One warning: `code` stays whatever becomes of its words."""

    code: str
    words: str


class Warns(Enum):
    """The base of a tool's warnings: a member's name is the code, its value the words with the values in braces."""

    @property
    def code(self) -> str:
        """The member's name, small."""
        return self.name.lower()

    def __call__(self, **values: object) -> Warned:
        """The warning with these values; KeyError where one is not given."""
        return Warned(self.code, str(self.value).format_map(values))


def said(warned: Sequence[Warned]) -> dict[str, Any]:
    """A result's `warnings` and, in the same order, `warning_codes` where there are any."""
    codes = {"warning_codes": tuple(one.code for one in warned)} if warned else {}
    return {"warnings": tuple(one.words for one in warned), **codes}
