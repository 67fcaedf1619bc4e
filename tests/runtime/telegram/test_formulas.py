"""Every number, operator, formula and comparison of an answer is in what Telegram shows, wherever it stands."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evals.world.bot_api.refusals import check_text
from runtime.telegram.formatting import Formatted, format_markdown, pieces

NUMBERS = ["0", "-0.5", "1e-300", "1.5e+10", "1,000", ".05", "50 %", "2026-11-27", "−3", "½", "1e9"]
NAMES = [
    "x",
    "x_1",
    "_x_",
    "__init__",
    "species",
    "log(y)",
    "I(x^2)",
    "[0-9]*",
    "C(a, b)",
    "`n`",
    "وزن",
    "👩🏽‍🔬",
    "$5",
    "\\d+",
]
OPERATORS = [
    "*",
    " * ",
    "**",
    " ** ",
    " + ",
    " - ",
    "-",
    "/",
    ":",
    "^",
    " ~ ",
    " < ",
    "<",
    " <= ",
    " > ",
    ">",
    " >= ",
    "=",
]
OPERATORS += [" != ", " & ", "&", " && ", " || ", " %in% ", "_", "~", " → ", "#", "!", " <- ", "<>"]
PLACES = {
    "a sentence": "The model is {} here.",
    "a line": "{}",
    "bold words around": "**So** {} **is it**",
    "an item": "- one\n- {}\n- three",
    "an item in an item": "1. one\n   - {}\n     - deeper",
    "an item's second paragraph": "- one\n\n  {}\n\n    {}",
    "a line that goes on": "Words\n    {}",
    "code": "```\n{}\n```\nand {}",
    "code that is not closed": "Words\n\n```r\n{}",
    "a cell": "| a | b |\n|---|---|\n| {} | 1 |",
    "a heading": "## {}\n\nWords",
    "after code on one line": "```y ~ x```\n{}",
    "after another fence in a fence": "```\n~~~\nx\n```\n{}",
}


@st.composite
def formulas(draw: st.DrawFn) -> str:
    operand = st.sampled_from([*NUMBERS, *NAMES])
    made = draw(operand)
    for _ in range(draw(st.integers(0, 5))):
        made += draw(st.sampled_from(OPERATORS)) + draw(operand)
    return made


def shown_by_telegram(markdown: str) -> str:
    """The text of the messages, joined; each is one that Telegram takes."""
    cut = pieces(format_markdown(markdown))
    for one in cut:
        entities = [{"type": e.kind, "offset": e.offset, "length": e.length} for e in one.entities]
        check_text(one.text, entities, 4096, "message")
    return "".join(one.text for one in cut)


def bare(text: str) -> str:
    """Without backticks, which are a look, and with blanks of one kind: an item may be shown on a line of its own."""
    return " ".join(text.replace("`", "").split())


@pytest.mark.parametrize("place", PLACES)
@given(formula=formulas())
@example(formula="sex*species*island")
@example(formula="a<b and c>d")
@example(formula="y = x**2 + z**3")
@example(formula="p < 0.001")
@example(formula="_x_")
@example(formula="y ~ x1 + x2")
@example(formula="1e-300")
def test_a_formula_is_shown_as_it_is_written(place: str, formula: str) -> None:
    written = formula.replace("|", "\\|") if place == "a cell" else formula
    markdown = PLACES[place].replace("{}", written)
    assert bare(shown_by_telegram(markdown)).count(bare(formula)) >= PLACES[place].count("{}")


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("5. a\n7. b", "5. a\n7. b"),
        ("2) x\n3) y", "2) x\n3) y"),
        ("y = 2\n+ 3*x_1\n- 4*z\n* 5", "y = 2\n+ 3*x_1\n- 4*z\n* 5"),
        ("those with n\n> 30 were kept", "those with n\n> 30 were kept"),
        ("Results:\n- 3 rows\n- 4 rows", "Results:\n• 3 rows\n• 4 rows"),
        ("- -0.5\n- - 3\n- 1. x", "• -0.5\n• - 3\n• 1. x"),
        ("x**2 or y**", "x**2 or y**"),
        ("a\n===\nb", "a\n===\nb"),
        ("[the page](http://a.b/c_(d)?x=1&y=2)", "[the page](http://a.b/c_(d)?x=1&y=2)"),
        ("<https://a.b/c_d_e> and http://a.b/*x*", "<https://a.b/c_d_e> and http://a.b/*x*"),
        ("```SELECT a<b\nFROM t\n```", "SELECT a<b\nFROM t"),
        ("```sql\nSELECT 1\n```", "SELECT 1"),
        ("****\n_ _ _", "****\n_ _ _"),
        ("a\n\n---\n\nb", "a\n\n—\n\nb"),
    ],
)
def test_what_only_looks_like_markup_stays(markdown: str, text: str) -> None:
    assert shown_by_telegram(markdown) == text


def test_a_row_with_more_cells_than_its_head_loses_none() -> None:
    shown = shown_by_telegram("| a | b |\n|---|---|\n| 1 | 2 | 3.75 |\n| 4 |")
    assert shown.split() == ["a", "b", "-" * 10, "1", "2", "3.75", "4"]


def test_bold_over_two_words_is_bold_and_a_power_is_not() -> None:
    shown = format_markdown("**x and y** are 2**3 and x**2, **n**=5")
    assert shown.text == "x and y are 2**3 and x**2, n=5"
    assert [(one.kind, one.offset, one.length) for one in shown.entities] == [("bold", 0, 7), ("bold", 27, 1)]


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=200))
def test_no_text_at_all_makes_a_message_that_telegram_refuses(text: str) -> None:
    shown: Formatted = format_markdown(text)
    assert shown.text == shown.text.rstrip()
    shown_by_telegram(text)
