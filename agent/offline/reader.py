"""Walks a pattern along a sentence and gives every way in which it fits, each with its cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from adapters.records import JsonValue
from agent.offline.choices import CHOICES
from agent.offline.naming import names_at
from agent.offline.pattern import Choice, Given, Sequence, Slot, Word, read_pattern
from agent.offline.sentence import Token
from agent.offline.table import KnownTable

ARTICLES = frozenset("the a an".split())
POLITE = frozenset("please kindly me now".split())
NO_NOUN = frozenset("by per of in for on with and or between against vs over than from to , is are".split())
"""No article stands before these: an `a` there is a column of that name, or a word left over."""
Found = tuple[JsonValue, int, int]
"""What a slot reads: its value, its end, its cost."""
CALENDAR = frozenset("year month week day date time hour minute quarter season".split())
"""Alone they ask for a part of a date: of a longer name, such as YearBuilt, they are not enough."""
PARTIAL, UNLIKELY, SKIPPED_COLUMN = 1, 2, 3


@dataclass(frozen=True)
class Match:
    """A pattern fits up to `end`; `bound` holds what its slots read, `cost` how far-fetched the names in it are."""

    end: int
    bound: tuple[tuple[str, JsonValue], ...] = ()
    cost: int = 0

    def then(self, end: int, name: str | None = None, value: JsonValue = None, cost: int = 0) -> Match:
        """This and one thing more."""
        more = () if name is None else ((name, value),)
        return Match(end, (*self.bound, *more), self.cost + cost)


@dataclass
class Reader:
    """A sentence and the table that it is about.

    `furthest` is the first token that no pattern has accounted for, `reached` the same for each tool; `asked` holds
    words that may be values of some column, for the planner to look up.
    """

    text: str
    tokens: tuple[Token, ...]
    table: KnownTable
    language: frozenset[str]
    furthest: int = 0
    reached: dict[str, int] = field(default_factory=dict)
    asked: dict[str, None] = field(default_factory=dict)
    slots: Mapping[str, Callable[[Reader, int], Iterator[Found]]] = field(default_factory=dict)

    def fits(self, pattern: str, at: Match) -> Iterator[Match]:
        """Every way in which a pattern fits from there."""
        yield from self.walk(read_pattern(pattern), at)

    def walk(self, parts: Sequence, at: Match) -> Iterator[Match]:
        """Every way in which the parts fit, one after the other."""
        if not parts:
            yield at
            return
        for match in self._one(parts[0], at):
            yield from self.walk(parts[1:], match)

    def _one(self, part: Word | Slot | Given | Choice, at: Match) -> Iterator[Match]:
        if isinstance(part, Choice):
            for way in part.ways:
                yield from self.walk(way, at)
            return
        if isinstance(part, Given):
            yield at.then(at.end, part.name, part.value)
            return
        for start in self.skipping(at):
            self.furthest = max(self.furthest, start.end)
            if start.end >= len(self.tokens):
                continue
            if isinstance(part, Slot):
                for value, end, cost in self.read(part.kind, start.end):
                    yield start.then(end, part.name, value, cost)
            elif self._says(start.end, part.text):
                yield start.then(start.end + 1)

    def read(self, kind: str, place: int) -> Iterator[Found]:
        """What a slot of that kind can be from there: its value, its end, its cost."""
        if kind in CHOICES:
            for phrase, value in CHOICES[kind].items():
                yield from ((value, match.end, 0) for match in self.fits(phrase, Match(place)))
        else:
            yield from self.slots[kind](self, place)

    def column(self, place: int) -> Iterator[tuple[str, int, int]]:
        """The columns that are named there; one named by words of the language alone is the less likely."""
        for named in names_at(self.tokens, place, self.table.words):
            texts = [token.text for token in self.tokens[place : named.end] if token.kind == "word"]
            if not named.is_whole and self._is_calendar(texts, named.column):
                continue
            is_language = bool(texts) and all(text in self.language for text in texts)
            cost = (0 if named.is_whole else PARTIAL) + (UNLIKELY if is_language else 0)
            yield named.column, named.end, cost

    def skipping(self, at: Match) -> Iterator[Match]:
        """That place, and those behind articles and words of politeness."""
        yield at
        while at.end < len(self.tokens) and self._is_filler(at.end):
            is_column = [self.tokens[at.end].text] in self.table.words.values()
            at = at.then(at.end + 1, cost=SKIPPED_COLUMN if is_column else 0)
            yield at

    def _is_calendar(self, texts: list[str], column: str) -> bool:
        """Whether only words of time stand there: the date of the only column of dates is that column all the same."""
        is_date = self.table.kinds[column].type in ("date", "datetime") and texts in (["date"], ["time"])
        return not is_date and all(text.rstrip("s") in CALENDAR for text in texts)

    def is_code(self, place: int) -> bool:
        """Whether a single capital letter stands there: a value, such as the port S, more than a word."""
        token = self.tokens[place]
        return token.end - token.start == 1 and self.text[token.start].isupper() and token.start > 0

    def _is_filler(self, place: int) -> bool:
        token = self.tokens[place]
        if token.kind != "word" or token.is_joined:
            return False
        following = self.tokens[place + 1].text if place + 1 < len(self.tokens) else "and"
        return token.text in POLITE or (token.text in ARTICLES and following not in NO_NOUN)

    def _says(self, place: int, word: str) -> bool:
        token = self.tokens[place]
        is_torn = token.is_joined or (place + 1 < len(self.tokens) and self.tokens[place + 1].is_joined)
        return token.kind in ("word", "sign", "number") and token.text == word and not is_torn
