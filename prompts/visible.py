"""Text of files as people and models may see it: what shows nothing, or moves the cursor, stands there as its escape.

Only what is shown is changed, never what is stored, compared or computed with.

Shown as an escape are controls, format and direction marks, tags, fillers, joiners, selectors of variants, unassigned
and private characters, and every blank but the plain one. Three things stay as they are, since people write them, and
where they stand they hide nothing:

- a variation selector 15 or 16 right after a symbol, and a joiner between two symbols: ❤️, 👩‍🔬;
- one joiner between two letters of one script that is spelled with them (Arabic and Persian, the scripts of India and
  Sri Lanka, Thai, Lao, Myanmar, Khmer, Mongolian), or after a virama, as RFC 5892 has it for the names of hosts;
- one no-break space between two characters that show, and one ideographic space after a wide character.

A run of any of these is escaped, and so are variants of ideographs, flags made of tags and hyphens that show nothing:
each could carry a message past the reader. Of combining marks in a row the first six stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp", "Zs")
"""Unicode categories of controls, format marks, private use, surrogates, unassigned, separators and blanks."""
SHOWS_NOTHING = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\ufffc"
    "\U00013441\U00013442\U00016fe4\U0001d159\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that are drawn as nothing: Unicode's Default_Ignorable_Code_Point, and blank glyphs."""
SUSPECT = re.compile(r"[^\x20-\x7e\n\t]")
JOINERS = "\u200c\u200d"
ZERO_WIDTH_JOINER = "\u200d"
EMOJI_SELECTORS = "\ufe0e\ufe0f"
KEYCAP = "\u20e3"
EMOJI_POINTS = "\u203c\u2049\u3030"
"""Punctuation that is drawn as a pictograph too: ‼ ⁉ 〰."""
NO_BREAK_SPACES = "\u00a0\u202f"
IDEOGRAPHIC_SPACE = "\u3000"
MAX_MARKS = 6
"""Combining marks on one letter: pointed Hebrew with its accents has up to five, Tibetan and Vietnamese fewer."""
VIRAMA = 9
"""The combining class of the signs that take a consonant's vowel away."""
JOINED_SCRIPTS = (
    range(0x0600, 0x0900),  # Arabic, Syriac, Thaana, N'Ko, Mandaic
    *(range(start, start + 0x80) for start in range(0x0900, 0x1000, 0x80)),  # of India to Sinhala; Thai, Lao, Tibetan
    range(0x1000, 0x10A0),  # Myanmar
    range(0x1780, 0x1800),  # Khmer
    range(0x1800, 0x18B0),  # Mongolian
)


def visible(text: str) -> str:
    """The text with every character that shows nothing, but newline and tab, as its escape: ESC becomes \\x1b."""
    return _escaped(text, lambda character: character.encode("unicode_escape").decode())


def visible_json(json_text: str) -> str:
    """The same of a text that is JSON already: the escapes are JSON's own, so that it says what it said."""
    return _escaped(json_text, _as_json)


def one_line(text: object, max_characters: int = 64) -> str:
    """A name out of a file on one line of at most so many characters."""
    line = visible(re.sub(r"[ \t\n]+", " ", str(text)).strip(" "))
    return line if len(line) <= max_characters else line[: max_characters - 1] + "…"


def quoted(name: object, max_characters: int = 48) -> str:
    """A name out of a file in quotes, one line, with no blank after a blank: it can look like nothing but a name."""
    text = visible(str(name).replace("\\", "\\\\").replace('"', '\\"'))
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    text = re.sub("(?<= ) ", r"\\x20", text)
    return f'"{text}"' if len(text) <= max_characters else f'"{text[: max_characters - 1]}…"'


def _escaped(text: str, escape: Callable[[str], str]) -> str:
    """Nearly all text is plain: only what might be hidden is looked at one by one."""

    def shown(found: re.Match[str]) -> str:
        is_hidden = _shows_nothing(found[0]) and not _is_spelling(text, found.start())
        is_hidden = is_hidden or _is_piled(text, found.start())
        return escape(found[0]) if is_hidden else found[0]

    return SUSPECT.sub(shown, text)


def _shows_nothing(character: str) -> bool:
    return unicodedata.category(character) in HIDDEN or SHOWS_NOTHING.match(character) is not None


def _is_piled(text: str, place: int) -> bool:
    """Whether it is a mark on more marks than any spelling has: they would be drawn over the lines above and below."""
    pile = text[max(0, place - MAX_MARKS) : place + 1]
    return len(pile) > MAX_MARKS and all(unicodedata.category(character) in ("Mn", "Me") for character in pile)


def _is_spelling(text: str, place: int) -> bool:
    """Whether what shows nothing is part of how a word or a symbol is written."""
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    character = text[place]
    if not before:
        return False
    if character in EMOJI_SELECTORS:
        return _is_symbol(before) or before in EMOJI_POINTS or (before in "0123456789#*" and after == KEYCAP)
    if character in JOINERS and unicodedata.combining(before) == VIRAMA:
        return True
    if not after:
        return False
    if character in JOINERS and any(ord(before) in block and ord(after) in block for block in JOINED_SCRIPTS):
        return _is_letter(before) and _is_letter(after)
    if character == ZERO_WIDTH_JOINER:
        base = text[place - 2 : place - 1] if before in EMOJI_SELECTORS else before
        return _is_symbol(base) and _is_symbol(after)
    if character in NO_BREAK_SPACES:
        return _prints(before) and _prints(after)
    is_wide = unicodedata.east_asian_width(before) == "W" and _prints(before)
    return character == IDEOGRAPHIC_SPACE and is_wide and _prints(after)


def _is_symbol(character: str) -> bool:
    """A pictograph, an arrow, a sign, or a colour of skin after one; no sign of ASCII, which has one form only."""
    return character > "\x7f" and unicodedata.category(character) in ("So", "Sm", "Sk") and _prints(character)


def _is_letter(character: str) -> bool:
    return unicodedata.category(character) in ("Lo", "Lm", "Mn", "Mc") and not _shows_nothing(character)


def _prints(character: str) -> bool:
    return character not in " \n\t" and not _shows_nothing(character)


def _as_json(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
