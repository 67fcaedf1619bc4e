"""Markdown in which only bold, code, lists, headings and tables are markup: every other character stays as it is.

A reply quotes names and values of files, and SQL to copy. Of `*A*`, `<LOD>` and `[0-9]*` a renderer would leave A,
nothing and 0-9: groups that look alike, and an expression that computes something else.
"""

from __future__ import annotations

import re

FENCE = re.compile(r"\s*(```|~~~)")
INDENTED = re.compile(r" {4,}(?![ ]*(?:[-*+] |\d{1,9}[.)] ))")
"""A block of code, or what goes on in a list."""
BEGINNING = re.compile(r"\s*(?:[-*+] |\d{1,9}[.)] |#{1,6} |> )*")
"""A list's mark, a heading's, a quotation's."""
CODE_OR_BOLD = re.compile(r"(`[^`\n]+`|\*\*(?=\S)[^*\n]+(?<=\S)\*\*)")
WHOLE_BOLD = re.compile(r"\*\*(?=[^\s*])[^*]+(?<=[^\s*])\*\*")
MARKS = re.compile(r"([\\`*_\[\]<>&~!{}()#+|])")
RULE = re.compile(r"\s*\|?[\s:|-]+\|[\s:|-]*")
"""The line between a table's head and its rows."""
CELL_END = re.compile(r"(?<!\\)\|")


def literal(text: str) -> str:
    """The text with backslashes before what a renderer would take for markup otherwise."""
    lines, is_code = [], False
    for line in text.split("\n"):
        if FENCE.match(line):
            is_code = not is_code
            lines.append(line)
        elif is_code or RULE.fullmatch(line) or INDENTED.match(line):
            lines.append(line)
        else:
            lines.append(_row(line) if line.lstrip().startswith("|") else _words(line))
    return "\n".join(lines)


def _row(line: str) -> str:
    """A table's row: each cell as it is, but for one that is bold as a whole."""
    return "|".join(map(_cell, CELL_END.split(line)))


def _cell(cell: str) -> str:
    bare = cell.strip()
    if WHOLE_BOLD.fullmatch(bare):
        return f" **{_escaped(bare[2:-2])}** "
    return _escaped(cell.replace("\\|", "|"))


def _words(line: str) -> str:
    begun = BEGINNING.match(line)
    start = begun.end() if begun else 0
    parts = CODE_OR_BOLD.split(line[start:])
    # Every second part is code or bold.
    return line[:start] + "".join(_marked(part) if at % 2 else _escaped(part) for at, part in enumerate(parts))


def _marked(part: str) -> str:
    return part if part.startswith("`") else f"**{_escaped(part[2:-2])}**"


def _escaped(text: str) -> str:
    return MARKS.sub(r"\\\1", text)
