"""`use shop`: words that make a dataset the current one and ask for nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable

BEGINS = r"(?:(?:please|now|ok|okay|let us|lets|let's)\s*,?\s+)*"
VERB = r"(?:use|take|switch(?: back)? to|change to|(?:go|come) back to|go on with|continue with|work (?:with|on))"
WHAT = r"(?:the\s+)?(?:dataset\s+|table\s+|data\s+|file\s+)?"
ENDS = r"(?:\s+(?:dataset|table|data))?(?:\s+(?:again|now))?(?:\s*,?\s+please)?\s*[.!]*"
CHOSEN = re.compile(rf"{BEGINS}{VERB}\s+{WHAT}[\"'`]?(?P<name>.+?)[\"'`]?{ENDS}", re.IGNORECASE)


def chosen_in(words: str, names: Iterable[str]) -> str | None:
    """The one of the datasets that the words choose; upper and lower case are the same."""
    found = CHOSEN.fullmatch(words.strip())
    if found is None:
        return None
    return next((name for name in names if name.casefold() == found["name"].casefold()), None)
