"""Markdown in which only bold, code, lists, headings and tables are markup: every other character stays as it is.

A reply quotes names and values of files, and SQL to copy. Of `*A*`, `<LOD>` and `[0-9]*` a renderer would leave A,
nothing and 0-9: groups that look alike, and an expression that computes something else. A power is no bold, and a line
of a formula that begins with `+` or `>` is no list and no quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

FENCE = re.compile(r"\s*(?:(`{3,})[^`]*|(~{3,}).*)")
"""What opens a block of code; three backticks and more of them in the line are code in a sentence."""
BEGINNING = re.compile(r"(\s*)((?:[-*]|\d{1,9}[.)]) +)?(#{1,6} )?")
"""A list's mark, and a heading's."""
LOOKS_LIKE_A_MARK = re.compile(r"(\d{1,9}(?=[.)]( |$)))|(?=[-+=>])")
DASHES = re.compile(r"-{3,}\s*")
"""A line between parts."""
CODE_OR_BOLD = re.compile(r"""(`[^`\n]+`|(?<![^\s("'\[{—–])\*\*(?=\S)[^*\n]+(?<=\S)\*\*(?![\w(\[{$%\\]))""")
"""Stars in bold have no letter or number outside; those of a power have."""
WHOLE_BOLD = re.compile(r"\*\*(?=[^\s*])[^*]+(?<=[^\s*])\*\*")
MARKS = re.compile(r"([\\`*_\[\]<>&~!{}()#+|])")
RULE = re.compile(r"\s*\|?[\s:|-]+\|[\s:|-]*")
"""The line between a table's head and its rows."""
CELL_END = re.compile(r"(?<!\\)\|")
CODE_INDENT = 4


def literal(text: str) -> str:
    """The text with backslashes before what a renderer would take for markup otherwise."""
    return "\n".join(_Reader().read(text.split("\n")))


class _Reader:
    """Goes through the lines, and knows whether they are code."""

    def __init__(self) -> None:
        self._fence = ""
        self._inset = 0
        """Where the text of the item begins that is open."""
        self._may_be_code = True
        """After an empty line, and after code."""

    def read(self, lines: Sequence[str]) -> Iterator[str]:
        """The lines, as they are to stand."""
        missing = 0
        for place, line in enumerate(lines):
            if self._is_code(line):
                yield line
            elif RULE.fullmatch(line):
                yield line + "---|" * missing
                missing = 0
            elif line.lstrip().startswith("|"):
                missing = _missing_heads(lines, place)
                yield _row(line) + (" |" * missing if line.rstrip().endswith("|") else "")
            else:
                yield _words(line)

    def _is_code(self, line: str) -> bool:
        """Whether the line is code, or a mark at its begin or end."""
        bare = line.strip()
        if self._fence:
            if set(bare) == {self._fence[0]} and len(bare) >= len(self._fence):
                self._fence = ""
            return True
        found = FENCE.fullmatch(line)
        if found is not None:
            self._fence = found[1] or found[2]
            return True
        return self._is_indented(line)

    def _is_indented(self, line: str) -> bool:
        if not line.strip():
            self._may_be_code = True
            return False
        expanded = line.expandtabs(CODE_INDENT)
        indent = len(expanded) - len(expanded.lstrip())
        if self._may_be_code and indent >= self._inset + CODE_INDENT:
            return True
        mark = BEGINNING.match(line)
        if mark is not None and mark[2]:
            self._inset = indent + len(mark[2])
        elif indent == 0 and self._may_be_code:
            self._inset = 0
        self._may_be_code = False
        return False


def _missing_heads(lines: Sequence[str], place: int) -> int:
    """By how many cells a row below is longer than this head; a renderer would leave them out."""
    if place + 1 >= len(lines) or not RULE.fullmatch(lines[place + 1]):
        return 0
    n_heads, most = _n_cells(lines[place]), 0
    for line in lines[place + 2 :]:
        if not line.lstrip().startswith("|"):
            break
        most = max(most, _n_cells(line))
    return max(0, most - n_heads)


def _n_cells(line: str) -> int:
    return len(CELL_END.split(line.strip().removeprefix("|"))) - line.rstrip().endswith("|")


def _row(line: str) -> str:
    """A table's row: each cell as it is, but for one that is bold as a whole."""
    return "|".join(map(_cell, CELL_END.split(line)))


def _cell(cell: str) -> str:
    bare = cell.strip()
    if WHOLE_BOLD.fullmatch(bare):
        return f" **{_escaped(bare[2:-2])}** "
    return _escaped(cell.replace("\\|", "|"))


def _words(line: str) -> str:
    if DASHES.fullmatch(line):
        return line
    begun = BEGINNING.match(line)
    start = begun.end() if begun else 0
    parts = CODE_OR_BOLD.split(line[start:])
    # Every second part is code or bold.
    shown = "".join(_marked(part) if at % 2 else _escaped(part) for at, part in enumerate(parts))
    # A second mark on the line is none: of "- - 5" the second is a minus.
    return line[:start] + (LOOKS_LIKE_A_MARK.sub(r"\1\\", shown, count=1) if LOOKS_LIKE_A_MARK.match(shown) else shown)


def _marked(part: str) -> str:
    return part if part.startswith("`") else f"**{_escaped(part[2:-2])}**"


def _escaped(text: str) -> str:
    return MARKS.sub(r"\\\1", text)
