"""Texts with entities as Telegram counts them, cut into messages: not a character lost, no formula cut in two."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_UNITS, MAX_CAPTION_UNITS = 4096, 1024
JOINER = "\u200d"
JOINED = f"{JOINER}\ufe0e\ufe0f\u20e3"
SKINS = "".join(map(chr, range(0x1F3FB, 0x1F400)))
FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


@dataclass(frozen=True)
class Entity:
    """A part of a text with a look: `offset` and `length` in UTF-16 code units, as Telegram counts."""

    kind: str
    offset: int
    length: int


@dataclass(frozen=True)
class Formatted:
    """A text and its entities."""

    text: str
    entities: tuple[Entity, ...] = ()


def units(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def pieces(whole: Formatted, most: int = MAX_UNITS) -> list[Formatted]:
    """The text in pieces of at most `most` units, which joined are the text; entities go on over a cut.

    It is cut at the end of a paragraph, a line or a word, where there is one in the second half that is not within
    code or bold words, else anywhere but within what is seen as one character. White space alone is no piece.
    """
    cut: list[Formatted] = []
    rest, start = whole.text, 0
    while rest:
        size = _cut_at(rest, most, _places_within(whole.entities, start))
        piece, rest = rest[:size], rest[size:]
        end = start + units(piece)
        cut.append(Formatted(piece, tuple(_within(whole.entities, start, end))))
        start = end
    return [piece for piece in cut if piece.text.strip()]


Stretch = tuple[str, int, int]
"""A kind of entity, and where in the rest of a text it begins and ends, in units."""


def _places_within(entities: Sequence[Entity], start: int) -> list[Stretch]:
    return [(one.kind, one.offset - start, one.offset + one.length - start) for one in entities]


def _cut_at(text: str, most: int, stretches: Sequence[Stretch]) -> int:
    """How many characters are the first piece."""
    if units(text) <= most:
        return len(text)
    size, used = 0, 0
    for letter in text:
        used += units(letter)
        if used > most:
            break
        size += 1
    for mark in ("\n\n", "\n", " "):
        found = text.rfind(mark, size // 2, size)
        while found > 0 and _is_inside(units(text[: found + len(mark)]), stretches, mark):
            found = text.rfind(mark, size // 2, found)
        if found > 0:
            return found + len(mark)
    whole = next((at for at in range(size, size // 2, -1) if not _goes_on(text, at)), size)
    return whole or size


def _is_inside(place: int, stretches: Sequence[Stretch], mark: str) -> bool:
    """Whether a cut there would divide what is one; lines in columns are cut at their ends."""
    return any(begin < place < end and not (kind == "pre" and "\n" in mark) for kind, begin, end in stretches)


def _goes_on(text: str, place: int) -> bool:
    """Whether the character there is drawn as a part of the one before: a mark, a colour of skin, half of a flag."""
    after, before = text[place], text[place - 1]
    if (
        before == JOINER
        or after in JOINED
        or unicodedata.combining(after)
        or unicodedata.category(after) in ("Mn", "Me")
    ):
        return True
    if after in SKINS:
        return True
    flags = len(text[:place]) - len(text[:place].rstrip(FLAG_LETTERS))
    return after in FLAG_LETTERS and flags % 2 == 1


def _within(entities: Sequence[Entity], start: int, end: int) -> list[Entity]:
    found = []
    for one in entities:
        begin, stop = max(one.offset, start), min(one.offset + one.length, end)
        if begin < stop:
            found.append(Entity(one.kind, begin - start, stop - begin))
    return found
