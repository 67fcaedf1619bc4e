"""Which columns the tokens from a place on name: by a whole name, or by some of its words where no other fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.offline.sentence import Token

WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 8
UNITS = frozenset(
    "mm cm m km ft g kg mg lb lbs oz l ml s ms usd eur gbp pct deg pa hpa kpa hz kw kwh ha sqft sqm m2 mph".split()
)
"""A name without its unit is the name: an answer shows the whole one."""
SPELLED_OUT = {
    "millimeters": "mm",
    "millimetres": "mm",
    "centimeters": "cm",
    "grams": "g",
    "kilograms": "kg",
    "dollars": "usd",
}


@dataclass(frozen=True)
class Named:
    """A column, where its name ends, and whether that was the whole name."""

    column: str
    end: int
    is_whole: bool


def words_of(column: str) -> list[str]:
    """The words of a name in camelCase, snake_case or with spaces."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    return [word.lower() for word in WORD.findall(spaced)]


def is_unit(word: str, own: Sequence[str]) -> bool:
    """Whether a word is the unit at the end of a column's name, given as words."""
    unit = SPELLED_OUT.get(word, word)
    return len(own) > 1 and unit in UNITS and own[-1] == unit


def names_at(tokens: Sequence[Token], place: int, columns: Mapping[str, Sequence[str]]) -> Iterator[Named]:
    """Every column that is named there, the longest name first.

    `columns` maps each to its words. Fewer words than all name a column only where they fit no other.
    """
    if place < len(tokens) and tokens[place].kind in ("quoted", "file"):
        yield from (Named(column, place + 1, True) for column in columns if column == tokens[place].text)
        return
    for end in range(min(len(tokens), place + MOST_WORDS), place, -1):
        run = tokens[place:end]
        if (end < len(tokens) and tokens[end].is_joined) or any(token.kind not in ("word", "number") for token in run):
            continue
        spoken = [token.text for token in run]
        whole = [column for column, own in columns.items() if _is_whole(spoken, own)]
        # Of price and prices, "prices" is the one that is spelled so.
        whole = [column for column in whole if list(columns[column]) == spoken] or whole
        some = whole or [column for column, own in columns.items() if _is_part(spoken, own)]
        if len(some) == 1:
            yield Named(some[0], end, bool(whole))


def rivals_at(tokens: Sequence[Token], place: int, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns that a single word there could each mean in part."""
    return [column for column, own in columns.items() if _is_part([tokens[place].text], own)]


def _is_whole(spoken: Sequence[str], own: Sequence[str]) -> bool:
    if "".join(spoken) == "".join(own):
        return True
    return len(spoken) == len(own) and all(_same(word, part) for word, part in zip(spoken, own, strict=True))


def _is_part(spoken: Sequence[str], own: Sequence[str]) -> bool:
    if len("".join(spoken)) < 3:
        return False
    starts = range(len(own) - len(spoken) + 1)
    return any(all(_same(w, p) for w, p in zip(spoken, own[at:], strict=False)) for at in starts)


def _same(word: str, part: str) -> bool:
    if word == part:
        return True
    if word == part + "es" and part.endswith(("x", "s", "ch", "sh")):
        return True
    if len(part) == 3 and word == part + "s":
        return True
    if len(part) > 3 and word in (part + "s", part + "es", part[:-1] + "ies"):
        return True
    return len(word) > 3 and part == word + "s"
