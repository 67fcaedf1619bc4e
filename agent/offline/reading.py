"""What a sentence asks for: every way to read it whole, and the least far-fetched of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adapters.records import JsonValue
from agent.offline.choices import CHOICES
from agent.offline.conditions import COMPARISONS, SINCE, TO_LOOK_UP
from agent.offline.frames import CLAUSES, LEAD, Frame
from agent.offline.own_frames import OWN
from agent.offline.pattern import read_pattern, words_in
from agent.offline.reader import ARTICLES, POLITE, Match, Reader
from agent.offline.sentence import Token, read_tokens
from agent.offline.slots import SLOTS
from agent.offline.table import KnownTable
from tools import TOOLS

FRAMES = (*(Frame(tool.name, sentences) for tool in TOOLS for sentences in tool.sentences), *OWN)
ONLY_SAID = frozenset("help yes no thanks".split()) | {
    "train again",
    "about the price",
    "use dataset",
    "delete several",
}
"""They are no commands."""
ANSWERS = frozenset("yes no thanks".split())
"""They stand alone: in `what is n?` the n is a name that nobody knows."""
OPENING = ("by", "where", "data")
"""Clauses that may stand before the head: "for each species, …"."""
END = "[,] [please|thanks|thank you]"
OTHER_WORDS = (
    "missing null between and or not older younger than from to is are was were if only last not without except"
)


@dataclass(frozen=True)
class Asked:
    """A statistic as it was said, and what it is of: numbers, what has an order (dates too), or anything."""

    words: str
    of: str

    def is_of(self, kind: str) -> bool:
        """Whether a column of that type has it."""
        if self.of.startswith("any") or kind in ("integer", "number"):
            return True
        return self.of == "order" and kind in ("date", "datetime", "time")


@dataclass(frozen=True)
class Reading:
    """A tool with its arguments, and how far-fetched the names in it are.

    `asked` are the statistics that were asked for by name: not every column has each.
    """

    tool: str
    arguments: dict[str, JsonValue]
    cost: int
    asked: tuple[Asked, ...] = ()

    @property
    def text(self) -> str:
        """Two readings with the same text are the same call."""
        return f"{self.tool} {json.dumps(self.arguments, sort_keys=True)}"


@dataclass(frozen=True)
class Understood:
    """The readings that are equally near; `reader` knows which token nothing accounts for."""

    readings: tuple[Reading, ...]
    reader: Reader

    @property
    def needs_look(self) -> bool:
        """Whether a word has to be looked up among the values before the reading holds."""
        return bool(self.readings) and self.readings[0].cost >= TO_LOOK_UP


def understand(sentence: str, table: KnownTable, tokens: tuple[Token, ...] | None = None) -> Understood:
    """The best readings of a sentence, or of some tokens of it: none, one, or several that differ."""
    reader = Reader(sentence, read_tokens(sentence) if tokens is None else tokens, table, language(), slots=SLOTS)
    found: dict[str, Reading] = {}
    for reading in _readings(reader):
        if reading.text not in found or reading.cost < found[reading.text].cost:
            found[reading.text] = reading
    least = min((reading.cost for reading in found.values()), default=0)
    return Understood(tuple(reading for reading in found.values() if reading.cost == least), reader)


@cache
def language() -> frozenset[str]:
    """Every word that some pattern knows."""
    heads = [head for frame in FRAMES if frame.tool not in ONLY_SAID for head in frame.sentences.heads]
    clauses = [clause for ways in CLAUSES.values() for clause in ways]
    choices = [phrase for phrases in CHOICES.values() for phrase in phrases]
    patterns = [*heads, *clauses, *choices, *COMPARISONS, *SINCE, LEAD, END]
    known = {word for pattern in patterns for word in words_in(read_pattern(pattern))}
    return frozenset(known | ARTICLES | POLITE | set(OTHER_WORDS.split()))


def _readings(reader: Reader) -> Iterator[Reading]:
    openings = [(Match(0), frozenset[str]()), *_clauses(reader, OPENING, Match(0), frozenset())]
    for opening, used in openings:
        begun = (lead for comma in reader.fits("[,]", opening) for lead in reader.fits(LEAD, comma))
        for start in _distinct(begun):
            for frame in FRAMES:
                if used <= set(frame.sentences.clauses) and not (start.end and frame.tool in ANSWERS):
                    reader.furthest = start.end
                    yield from _of_frame(reader, frame, start, used)
                    reader.reached[frame.tool] = max(reader.furthest, reader.reached.get(frame.tool, 0))


def _of_frame(reader: Reader, frame: Frame, start: Match, used: frozenset[str]) -> Iterator[Reading]:
    heads = _distinct(match for head in frame.sentences.heads for match in reader.fits(head, start))
    for head in heads:
        for match, _ in ((head, used), *_clauses(reader, frame.sentences.clauses, head, used)):
            if any(end.end == len(reader.tokens) for end in _ends(reader, match)):
                arguments = frame.sentences.build(match.bound, reader.table)
                if arguments is not None:
                    asked = arguments.pop("asked", [])
                    yield Reading(frame.tool, arguments, match.cost, tuple(_asked(asked)))


def _asked(statistics: JsonValue) -> Iterator[Asked]:
    for one in statistics if isinstance(statistics, list) else []:
        assert isinstance(one, dict)  # noqa: S101 - ours
        yield Asked(str(one["words"]), str(one["of"]))


def _ends(reader: Reader, match: Match) -> Iterator[Match]:
    for end in reader.fits(END, match):
        yield from reader.skipping(end)


def _clauses(
    reader: Reader, names: tuple[str, ...], at: Match, used: frozenset[str]
) -> Iterator[tuple[Match, frozenset[str]]]:
    """Every sequence of one clause or more; a condition may come twice, the others once."""
    if at.end >= len(reader.tokens):
        return
    for name in names:
        if name in used and name != "where":
            continue
        ways = (
            match
            for pattern in CLAUSES[name]
            for comma in reader.fits("[,]", at)
            for match in reader.fits(pattern, comma)
        )
        for match in _distinct(ways):
            if match.end > at.end:
                yield match, used | {name}
                yield from _clauses(reader, names, match, used | {name})


def _distinct(matches: Iterator[Match]) -> list[Match]:
    return list({repr(match): match for match in matches}.values())
