"""What is warned of: a code that code decides by, and the words for a person, both in one place a tool."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from string import Formatter

from adapters.count_words import agreeing

EARLIER = "earlier"
"""The code of words that were stored before warnings had codes."""


COUNT = re.compile(r"n(_.*)?")


@dataclass(frozen=True)
class Warned:
    """One warning: `code` stays whatever becomes of its words."""

    code: str
    words: str


class Warns(Enum):
    """The base of warnings: a member's name is the code, its value the words with the values in braces.

    `[row|rows]` in the words is one of the two: the first where the first number that stands in them is 1. Two words
    are for `n` = 1 and for any other n.
    """

    @property
    def code(self) -> str:
        """The member's name, small."""
        return self.name.lower()

    def __call__(self, **values: object) -> Warned:
        """The warning with these values; KeyError where one is not given."""
        words = self.value if isinstance(self.value, str) else self.value[values["n"] != 1]
        return Warned(self.code, _agreeing(words, values).format_map(values))


def _agreeing(words: str, values: Mapping[str, object]) -> str:
    """The words with the form that goes with their first number, the first field that is called n or n_…."""
    if "|" not in words:
        return words
    counted = next(name for _, name, _, _ in Formatter().parse(words) if name and COUNT.fullmatch(name))
    return agreeing(words, values[counted])


def read_warned(stored: str | Mapping[str, str]) -> Warned:
    """A warning as JSON has it; words alone are of a version before codes."""
    return Warned(EARLIER, stored) if isinstance(stored, str) else Warned(**stored)
