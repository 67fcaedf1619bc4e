"""Text of files that tries to be more than text: what shows nothing stands there as its escape."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from prompts.visible import one_line, quoted, visible, visible_json

# Unicode 14's DerivedCoreProperties.txt, Default_Ignorable_Code_Point, as ranges.
IGNORABLE = [
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
]  # fmt: skip
BLANK = [0x2800, 0x1680, 0x1D159, 0x13441, 0x13442, 0x16FE4, 0xFFFC, *range(0x2000, 0x200B), 0x205F, 0x3000]
MOVING = [*range(9), 11, 12, *range(13, 32), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xE000, 0xE010)]
SHOW_NOTHING = [chr(c) for first, last in IGNORABLE for c in range(first, last + 1)] + [chr(c) for c in BLANK + MOVING]


def test_every_character_that_shows_nothing_is_shown_as_its_escape() -> None:
    left = [f"{ord(c):x}" for c in SHOW_NOTHING if visible(f"a{c}b") != f"a{c.encode('unicode_escape').decode()}b"]
    assert left == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x1b]8;;http://x\x1b\\a", "\\x1b]8;;http://x\\x1b\\a"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("a\rb", "a\\rb"),
        ("a\u00a0\u00a0b", "a\\xa0\\xa0b"),
        ("\u00a0a\u00a0", "\\xa0a\\xa0"),
        ("\u3000東京", "\\u3000東京"),
        ("a\ufe0fb", "a\\ufe0fb"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f\\ufe0f"),
        ("葛\U000e0100", "葛\\U000e0100"),
        ("a\u200db", "a\\u200db"),
        ("م\u200c\u200cم", "م\\u200c\\u200cم"),
        ("م\u200ca", "م\\u200ca"),
        ("🏴\U000e0067\U000e007f", "🏴\\U000e0067\\U000e007f"),
    ],
)
def test_what_hides_or_moves_something_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "é 数 🐧\n\t|",
        "❤️ ☎︎ ‼️ 3️⃣ 👍🏽",
        "👩‍🔬 🏳️‍🌈 👨‍👩‍👧 👩🏽‍⚕️ 🧔‍♂️",
        "می‌خواهم",  # Persian: the verb's prefix is not joined
        "क्‍ष र्‍य",  # Hindi and Marathi: half forms
        "ന്‍ ക്‍ക",  # Malayalam
        "ක්‍ෂ",  # Sinhala
        "1\u00a0234,5 n\u202f=\u202f3",
        "東京\u3000都",
        "Ångström q̃ ี่",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


@given(st.text() | st.text(st.sampled_from([*SHOW_NOTHING, *'aم❤क東 \\"\n'])))
def test_shown_text_is_settled_and_hides_nothing(text: str) -> None:
    once = visible(text)
    assert visible(once) == once
    assert not any(unicodedata.category(c) in ("Cc", "Co", "Cs", "Cn", "Zl", "Zp") for c in once if c not in "\n\t")


@given(st.text(st.sampled_from([*SHOW_NOTHING, *'aم❤क東 \\"\n'])))
@example("\u115f\u3000")
def test_shown_json_says_the_same(text: str) -> None:
    shown = visible_json(json.dumps([text], ensure_ascii=False))
    assert json.loads(shown) == [text]
    assert visible(shown) == shown


def test_a_name_is_told_on_one_line() -> None:
    assert one_line("a\nb  c") == "a b c"
    assert one_line("a\u2003\u2003b\r") == "a\\u2003\\u2003b\\r"
    assert len(one_line("x" * 500)) == 64


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("price", '"price"'),
        ('a" b', r'"a\" b"'),
        ("a\\x1b", r'"a\\x1b"'),
        ("a\x1b\n\tb", r'"a\x1b\n\tb"'),
        ("a   b", r'"a \x20\x20b"'),
        ("x" * 60, '"' + "x" * 47 + '…"'),
    ],
)
def test_a_quoted_name_is_nothing_but_a_name(name: str, shown: str) -> None:
    assert quoted(name) == shown


def test_marks_that_are_piled_up_are_escaped_from_the_seventh_on() -> None:
    assert visible("a" + "\u0338" * 20 + "b") == "a" + "\u0338" * 6 + "\\u0338" * 14 + "b"
    pointed = "\u05d1\u05bc\u05b8\u0591\u05bd\u05af"  # bet with dagesh, qamats, etnahta, meteg and masora circle
    assert visible(pointed) == pointed
