"""Text of files as a screen may show it: nothing in it moves the cursor, hides, or looks like a line of ours."""

from __future__ import annotations

import unicodedata

HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
"""Unicode categories of controls, format marks, private use, surrogates, unassigned, line and paragraph separators."""


def visible(text: str) -> str:
    """Every character that shows nothing, but newline and tab, as its escape: ESC becomes \\x1b."""
    return "".join(map(_shown, text))


def one_line(text: object, max_characters: int = 64) -> str:
    """A name out of a file on one line of at most so many characters."""
    line = visible(" ".join(str(text).split()))
    return line if len(line) <= max_characters else line[: max_characters - 1] + "…"


def _shown(character: str) -> str:
    is_plain = character in "\n\t" or unicodedata.category(character) not in HIDDEN
    return character if is_plain else character.encode("unicode_escape").decode()
