"""What Telegram shows of a reply: every number and operator, every character, in messages that it takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.world.bot_api.refusals import check_text
from runtime.telegram.formatting import MAX_UNITS, Entity, Formatted, fixed, folded, format_markdown, pieces, units
from runtime.telegram.tables import WIDTH

FORMULAS = [
    "sex*species*island",
    "a<b and c>d",
    "y = 2*x_1 + 3*x_2 - 0.5",
    "p < 1e-9, n = 344, 3 > 2 & 1 <= 2",
    "[0-9]* and `WHERE a_b < 3`",
    "5 % of 1,000 | 20",
    "~0.05 !important {x} #4 \\d",
    "__init__ and _row_ and **bold 2 + 3**",
]


def as_telegram_takes_it(shown: Formatted) -> Formatted:
    check_text(
        shown.text, [{"type": e.kind, "offset": e.offset, "length": e.length} for e in shown.entities], 4096, "message"
    )
    return shown


def part(shown: Formatted, entity: Entity) -> str:
    encoded = shown.text.encode("utf-16-le")
    return encoded[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


@pytest.mark.parametrize("formula", FORMULAS)
def test_every_number_and_operator_survives(formula: str) -> None:
    shown = as_telegram_takes_it(format_markdown(f"The model **{formula.replace('**', '')}** is:\n\n- {formula}"))
    signs = r"[0-9.]+|[*<>=+\-_~!{}#|&%\\]"
    wanted = re.findall(signs, formula.replace("**", "").replace("`", ""))
    assert re.findall(signs, shown.text.rpartition("• ")[2]) == wanted


def test_what_is_marked_has_its_look() -> None:
    markdown = "# Head `x < 1` 😀\n\nA **bold end** and `code`.\n\n1. one\n2. two\n   - in"
    shown = as_telegram_takes_it(format_markdown(markdown))
    assert shown.text == "Head x < 1 😀\n\nA bold end and code.\n1. one\n2. two\n  • in"
    assert [(one.kind, part(shown, one)) for one in shown.entities] == [
        ("bold", "Head "),
        ("code", "x < 1"),
        ("bold", " 😀"),
        ("bold", "bold end"),
        ("code", "code"),
    ]


def test_a_table_stands_in_columns() -> None:
    shown = as_telegram_takes_it(
        format_markdown("| region | mean |\n|---|---|\n| north | 2.5 |\n| a\\|b | 10 |\n\nEnd")
    )
    assert shown.text == "region  mean\n------------\nnorth    2.5\na|b       10\n\nEnd"
    assert [one.kind for one in shown.entities] == ["pre"]


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), st.integers(10, 60))
def test_pieces_joined_are_the_text(text: str, most: int) -> None:
    whole = Formatted(text, (Entity("bold", 0, units(text)),) if text else ())
    cut = pieces(whole, most)
    assert "".join("".join(piece.text for piece in cut).split()) == "".join(text.split())
    for piece in cut:
        assert units(piece.text) <= most
        as_telegram_takes_it(piece)
        assert piece.entities == (Entity("bold", 0, units(piece.text)),)


WHOLE = ["👩🏽‍🔬", "👍🏿", "🇫🇷", "é", "3️⃣", "❤️", "ש", "q\u0307\u0323", "𝑥"]


@pytest.mark.parametrize("one", WHOLE)
@given(before=st.integers(0, 12), most=st.integers(20, 40))
def test_no_cut_goes_through_what_is_seen_as_one_character(one: str, before: int, most: int) -> None:
    text = "a" * before + one * 40
    cut = [as_telegram_takes_it(piece).text for piece in pieces(Formatted(text), most)]
    assert "".join(cut) == text
    assert all(len(piece.removeprefix("a" * before)) % len(one) == 0 for piece in cut)


@given(
    before=st.integers(MAX_UNITS - 60, MAX_UNITS), words=st.sampled_from(["`y ~ x1 + x2 * 𝑥`", "**p < 0.001 and 😀**"])
)
def test_no_cut_goes_through_a_formula(before: int, words: str) -> None:
    whole = format_markdown("word " * (before // 5) + words + " end" * 50)
    cut = [as_telegram_takes_it(piece) for piece in pieces(whole)]
    assert "".join(piece.text for piece in cut) == whole.text
    [marked] = [part(piece, entity) for piece in cut for entity in piece.entities]
    assert marked == words.strip("`*")


def test_lines_in_columns_are_cut_at_their_ends() -> None:
    whole = fixed("\n".join(f"row {n:5} {'x' * 20}" for n in range(300)))
    cut = [as_telegram_takes_it(piece) for piece in pieces(whole)]
    assert len(cut) > 1
    assert all(piece.text.startswith("row ") and [one.kind for one in piece.entities] == ["pre"] for piece in cut)


def test_a_long_answer_is_cut_between_paragraphs() -> None:
    whole = format_markdown("\n\n".join(f"Paragraph {n}: " + "word " * 100 for n in range(20)))
    cut = pieces(whole)
    assert len(cut) == 3
    assert all(piece.text.startswith("Paragraph") for piece in cut)
    assert "".join(piece.text for piece in cut) == whole.text
    assert max(units(piece.text) for piece in cut) <= MAX_UNITS


def test_what_hides_in_a_value_is_shown() -> None:
    assert "\u202e" not in format_markdown("the value \u202eabc").text


def test_a_long_line_goes_on_below_its_value_and_never_where_labels_stand() -> None:
    name = '"x                     price      $0.00 at most"'
    shown = fixed(
        f"  warning   {name}\n            {name}\n  price     $9.00 expected\n  good until 12:40:45 UTC and not longer"
    )
    lines = shown.text.split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert [line[2:11].strip() for line in lines if line[2:12].strip()] == ["warning", "price", "good unti", "longer"]
    assert shown.text.split() == [
        *f"warning {name} {name} price $9.00 expected good until 12:40:45 UTC and not longer".split()
    ]


@given(st.text(st.characters(codec="ascii", exclude_characters="\x00\t\r\x0b\x0c\x1c\x1d\x1e\x1f"), max_size=300))
def test_folding_loses_no_character(text: str) -> None:
    assert "".join(folded(text).split()) == "".join(text.split())
