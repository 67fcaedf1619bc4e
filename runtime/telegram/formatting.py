"""Markdown as Telegram shows it: plain text and entities, in pieces that fit a message, and not a character lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prompts.visible import visible
from runtime.literal_markdown import literal

MAX_UNITS, MAX_CAPTION_UNITS = 4096, 1024
BULLET = "• "


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
    page = _Page()
    for token in MarkdownIt("commonmark", {"html": False}).enable("table").parse(literal(visible(markdown))):
        page.take(token)
    return page.done()


@dataclass
class _Page:
    """The text so far, and what is open in it."""

    parts: list[str] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    length: int = 0
    opened: list[tuple[str, int]] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
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
            self._marked("pre", token.content.removesuffix("\n"))
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
            self.lists.append(int(token.attrs.get("start", 1)) if token.type.startswith("ordered") else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif token.type == "list_item_open":
            self._break(1)
            number = self.lists[-1]
            self._add("  " * (len(self.lists) - 1) + (BULLET if number is None else f"{number}. "))
            if number is not None:
                self.lists[-1] = number + 1
        elif token.type == "paragraph_open" and not self._is_at_bullet():
            self._break(1 if self.lists else 2)

    def _is_at_bullet(self) -> bool:
        return bool(self.lists) and bool(self.parts) and self.parts[-1].endswith((BULLET, ". "))

    def _inline(self, token: Token) -> None:
        if token.type == "strong_open":
            self.opened.append(("bold", self.length))
        elif token.type == "strong_close":
            self._close()
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

    It is cut at the end of a paragraph, a line or a word, where there is one in the second half, else anywhere but
    within a character. A piece of white space alone, which no message may be, goes to the one before.
    """
    cut: list[Formatted] = []
    rest, start = whole.text, 0
    while rest:
        size = _cut_at(rest, most)
        piece, rest = rest[:size], rest[size:]
        end = start + units(piece)
        cut.append(Formatted(piece, tuple(_within(whole.entities, start, end))))
        start = end
    return [piece for piece in cut if piece.text.strip()]


def _cut_at(text: str, most: int) -> int:
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
        if found > 0:
            return found + len(mark)
    return size


def _within(entities: Sequence[Entity], start: int, end: int) -> list[Entity]:
    found = []
    for one in entities:
        begin, stop = max(one.offset, start), min(one.offset + one.length, end)
        if begin < stop:
            found.append(Entity(one.kind, begin - start, stop - begin))
    return found
