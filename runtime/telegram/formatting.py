"""Markdown as Telegram shows it: plain text and entities, in pieces that fit a message, and not a character lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prompts.visible import visible
from runtime.literal_markdown import literal

MAX_UNITS, MAX_CAPTION_UNITS = 4096, 1024
BULLET = "• "
JOINER = "\u200d"
JOINED = f"{JOINER}\ufe0e\ufe0f\u20e3"
SKINS = "".join(map(chr, range(0x1F3FB, 0x1F400)))
FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
MARKUP = "table code fence list heading hr newline backticks escape emphasis".split()
"""All that is taken for markup; what else Markdown has stays as it is written."""
LANGUAGE = re.compile(r"[\w+#.-]*")
"""What stands behind the marks of a block of code, where it is no code itself."""


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


def plain(text: str) -> Formatted:
    """Words of ours or of data, as they are."""
    return Formatted(visible(text))


def fixed(text: str) -> Formatted:
    """Lines that stand in columns."""
    shown = visible(text)
    return Formatted(shown, (Entity("pre", 0, units(shown)),) if shown.strip() else ())


def format_markdown(markdown: str) -> Formatted:
    """A reply as text and entities; names, formulas and comparisons stay as they are written."""
    shown = visible(markdown)
    page = _Page(shown.split("\n"))
    for token in MarkdownIt("zero").enable(MARKUP).parse(literal(shown)):
        page.take(token)
    return page.done()


@dataclass
class _Page:
    """The text so far, and what is open in it."""

    lines: Sequence[str] = ()
    parts: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    length: int = 0
    opened: list[tuple[str, int]] = field(default_factory=list)
    n_lists: int = 0
    is_at_mark: bool = False
    is_sum: bool = False
    """Whether the marks of this list are rather signs: right under a line of words that announces no list."""
    rows: list[list[str]] = field(default_factory=list)
    is_table: bool = False

    def take(self, token: Token) -> None:
        """One token of the page."""
        if self.is_table:
            self._in_table(token)
        elif token.type == "table_open":
            self._break(2)
            self.is_table, self.rows = True, []
        elif token.type == "inline":
            for child in token.children or []:
                self._inline(child)
        elif token.type in ("fence", "code_block"):
            self._break(2)
            more = "" if LANGUAGE.fullmatch(token.info.strip()) else f"{token.info.strip()}\n"
            self._marked("pre", more + token.content.removesuffix("\n"))
        elif token.type == "hr":
            self._break(2)
            self._add("—")
        else:
            self._block(token)

    def _block(self, token: Token) -> None:
        if token.type == "heading_open":
            self._break(2)
            self.opened.append(("bold", self.length))
        elif token.type == "heading_close":
            self._close()
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            self.n_lists += 1
            self.is_sum = self._goes_on(token) if self.n_lists == 1 else self.is_sum
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.n_lists -= 1
        elif token.type == "list_item_open":
            self._break(1)
            self._add("  " * (self.n_lists - 1) + self._mark_of(token))
            self.is_at_mark = True
        elif token.type == "paragraph_open" and not self.is_at_mark:
            self._break(1 if self.n_lists else 2)

    def _goes_on(self, token: Token) -> bool:
        begins = token.map[0] if token.map else 0
        before = self.lines[begins - 1].strip() if begins else ""
        return bool(before) and not before.endswith((":", "**"))

    def _mark_of(self, token: Token) -> str:
        """A bullet, or the mark as it is written where it is a number or rather a sign."""
        return f"{token.info}{token.markup} " if token.info or self.is_sum else BULLET

    def _inline(self, token: Token) -> None:
        if token.markup == "**" and token.type == "strong_open":
            self.opened.append(("bold", self.length))
        elif token.markup == "**" and token.type == "strong_close":
            self._close()
        elif token.type in ("em_open", "em_close", "strong_open", "strong_close"):
            self._add(token.markup)
        elif token.type == "code_inline":
            self._marked("code", token.content)
        elif token.type in ("softbreak", "hardbreak"):
            self._add("\n")
        else:
            self._add(token.content)

    def _in_table(self, token: Token) -> None:
        if token.type == "tr_open":
            self.rows.append([])
        elif token.type == "inline":
            self.rows[-1].append("".join(child.content for child in token.children or []))
        elif token.type == "table_close":
            self.is_table = False
            self._marked("pre", lay_out(self.rows))

    def _marked(self, kind: str, text: str) -> None:
        start = self.length
        self._add(text)
        if text.strip():
            self.entities.append(Entity(kind, start, self.length - start))

    def _close(self) -> None:
        kind, start = self.opened.pop()
        # Code holds no other look: what is bold around it is bold up to it and after it.
        for begin, end in _around(start, self.length, self.entities):
            self.entities.append(Entity(kind, begin, end - begin))

    def _add(self, text: str) -> None:
        self.is_at_mark = False
        self.parts.append(text)
        self.length += units(text)

    def _break(self, n_lines: int) -> None:
        written = "".join(self.parts[-3:])
        there = len(written) - len(written.rstrip("\n"))
        if self.length and there < n_lines:
            self._add("\n" * (n_lines - there))

    def done(self) -> Formatted:
        """The whole page."""
        text = "".join(self.parts)
        kept = text.rstrip()
        end = units(kept)
        fitting = [replace(one, length=min(one.length, end - one.offset)) for one in self.entities if one.offset < end]
        return Formatted(kept, tuple(sorted(fitting, key=lambda one: (one.offset, -one.length))))


def _around(start: int, end: int, entities: Sequence[Entity]) -> list[tuple[int, int]]:
    """The parts of a stretch that no code takes."""
    free, at = [], start
    for one in sorted(entities, key=lambda one: one.offset):
        if one.kind in ("code", "pre") and start <= one.offset < end:
            free.append((at, one.offset))
            at = one.offset + one.length
    return [(begin, stop) for begin, stop in [*free, (at, end)] if stop > begin]


def lay_out(rows: Sequence[Sequence[str]]) -> str:
    """A table in letters of one width: numbers to the right, a line below the head."""
    n_columns = max(map(len, rows), default=0)
    full = [[*row, *[""] * (n_columns - len(row))] for row in rows]
    widths = [max(len(row[at]) for row in full) for at in range(n_columns)]
    is_number = [all(_is_number(row[at]) for row in full[1:]) for at in range(n_columns)]
    lines = [
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in full
    ]
    return "\n".join([*lines[:1], "-" * max(map(len, lines), default=0), *lines[1:]])


def _is_number(cell: str) -> bool:
    bare = cell.replace(",", "").replace("–", "0").replace("%", "").replace("<", "").strip()
    try:
        float(bare)
    except ValueError:
        return not bare
    return True


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
