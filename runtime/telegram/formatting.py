"""Markdown as Telegram shows it: plain text and entities, and tables; not a character lost."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from prompts.visible import visible
from runtime.literal_markdown import literal
from runtime.telegram.cutting import MAX_UNITS, Entity, Formatted, pieces, units
from runtime.telegram.tables import WIDTH, Table, lay_out

__all__ = [
    "MAX_UNITS",
    "Entity",
    "Formatted",
    "fixed",
    "folded",
    "format_markdown",
    "joined",
    "lay_out",
    "pieces",
    "plain",
]
__all__ += ["read_parts", "units"]

BULLET = "• "
MARKUP = "table code fence list heading hr newline backticks escape emphasis".split()
"""All that is taken for markup; what else Markdown has stays as it is written."""
LANGUAGE = re.compile(r"[\w+#.-]*")
"""What stands behind the marks of a block of code, where it is no code itself."""

BEFORE_VALUE = re.compile(r"\s*\S.*?\s{2,}(?=\S)|\s{6,}(?=\S)")
"""A label and the blanks behind it, or the blanks below one."""


def plain(text: str) -> Formatted:
    """Words of ours or of data, as they are."""
    return Formatted(visible(text))


def fixed(text: str) -> Formatted:
    """Lines that stand in columns, folded where a phone would break them."""
    return _in_letters_of_one_width(folded(visible(text)))


def _in_letters_of_one_width(shown: str) -> Formatted:
    return Formatted(shown, (Entity("pre", 0, units(shown)),) if shown.strip() else ())


def folded(text: str, width: int = WIDTH) -> str:
    """Long lines go on below what they say, never at the beginning of a line, where labels stand."""
    lines: list[str] = []
    for line in text.split("\n"):
        found, indent = BEFORE_VALUE.match(line), len(line) - len(line.lstrip())
        below = found.end() if found is not None and found.end() <= width // 2 else min(indent + 2, width // 2)
        lines += textwrap.wrap(line, width, subsequent_indent=" " * below, replace_whitespace=False) or [line]
    return "\n".join(lines)


def format_markdown(markdown: str) -> Formatted:
    """A reply as text and entities, its tables in columns; names, formulas and comparisons stay as they are written."""
    return joined(
        _in_letters_of_one_width(lay_out([part.head, *part.rows])) if isinstance(part, Table) else part
        for part in read_parts(markdown)
    )


def read_parts(markdown: str) -> list[Formatted | Table]:
    """The words of a reply, and between them its tables."""
    shown = visible(markdown)
    page = _Page(shown.split("\n"))
    for token in MarkdownIt("zero").enable(MARKUP).parse(literal(shown)):
        page.take(token)
    page.end_words()
    return page.done


def joined(parts: Iterable[Formatted]) -> Formatted:
    """Parts one below the other, an empty line between them."""
    text, entities = "", list[Entity]()
    for part in parts:
        text += "\n\n" if text and part.text else ""
        entities += [replace(one, offset=one.offset + units(text)) for one in part.entities]
        text += part.text
    return Formatted(text, tuple(entities))


@dataclass
class _Page:
    """The parts that are done, the text so far, and what is open in it."""

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
    done: list[Formatted | Table] = field(default_factory=list)

    def take(self, token: Token) -> None:
        """One token of the page."""
        if self.is_table:
            self._in_table(token)
        elif token.type == "table_open":
            self.end_words()
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
            head, *rows = map(tuple, self.rows)
            self.done.append(Table(head=head, rows=tuple(rows)))

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

    def end_words(self) -> None:
        """What was said until here is a part."""
        text = "".join(self.parts)
        kept = text.rstrip()
        end = units(kept)
        fitting = [replace(one, length=min(one.length, end - one.offset)) for one in self.entities if one.offset < end]
        if kept.strip():
            self.done.append(Formatted(kept, tuple(sorted(fitting, key=lambda one: (one.offset, -one.length)))))
        self.parts, self.entities, self.length = [], [], 0


def _around(start: int, end: int, entities: Sequence[Entity]) -> list[tuple[int, int]]:
    """The parts of a stretch that no code takes."""
    free, at = [], start
    for one in sorted(entities, key=lambda one: one.offset):
        if one.kind in ("code", "pre") and start <= one.offset < end:
            free.append((at, one.offset))
            at = one.offset + one.length
    return [(begin, stop) for begin, stop in [*free, (at, end)] if stop > begin]
