"""Patterns of sentences: `[run] (t test|anova) of {value:number} by {group:col}`.

Words stand for themselves, `[…]` may be left out, `(…|…)` is a choice, `{name:kind}` is a slot and `{name=value}` sets
an argument without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adapters.records import JsonValue

PIECE = re.compile(r"\{[^}]*\}|[\[\]()|]|[^\s\[\](){}|]+")


@dataclass(frozen=True)
class Word:
    """A word that must stand there."""

    text: str


@dataclass(frozen=True)
class Slot:
    """What is bound to a name; how it is read depends on its kind."""

    name: str
    kind: str


@dataclass(frozen=True)
class Given:
    """A value that the pattern itself says, as JSON."""

    name: str
    text: str

    @property
    def value(self) -> JsonValue:
        """The value."""
        value: JsonValue = json.loads(self.text)
        return value


@dataclass(frozen=True)
class Choice:
    """One of several sequences; the empty one where all may be left out."""

    ways: tuple[Sequence, ...]


Part = Word | Slot | Given | Choice
Sequence = tuple[Part, ...]


@cache
def read_pattern(text: str) -> Sequence:
    """The pattern as parts."""
    pieces = PIECE.findall(text)
    choice, end = _choice(pieces, 0)
    assert end == len(pieces), text  # noqa: S101 - our own patterns
    return choice.ways[0] if len(choice.ways) == 1 else (choice,)


def words_in(sequence: Sequence) -> Iterator[str]:
    """All words of a pattern."""
    for part in sequence:
        if isinstance(part, Word):
            yield part.text
        elif isinstance(part, Choice):
            for way in part.ways:
                yield from words_in(way)


def slots_in(sequence: Sequence) -> Iterator[Slot]:
    """All slots of a pattern."""
    for part in sequence:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, Choice):
            for way in part.ways:
                yield from slots_in(way)


def _choice(pieces: list[str], place: int) -> tuple[Choice, int]:
    ways: list[Sequence] = []
    parts: list[Part] = []
    while place < len(pieces) and pieces[place] not in ("]", ")"):
        piece = pieces[place]
        if piece == "|":
            ways.append(tuple(parts))
            parts = []
        elif piece in ("[", "("):
            inner, place = _choice(pieces, place + 1)
            parts.append(Choice((*inner.ways, ())) if piece == "[" else inner)
        else:
            parts.append(_part(piece))
        place += 1
    return Choice((*ways, tuple(parts))), place


def _part(piece: str) -> Part:
    if not piece.startswith("{"):
        return Word(piece)
    inside = piece[1:-1]
    if "=" in inside:
        return Given(*inside.split("=", 1))
    return Slot(*inside.split(":", 1))
