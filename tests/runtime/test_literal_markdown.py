"""What a reply quotes of a file or of SQL is on the screen as it is in the reply: nothing is taken for markup."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from runtime.rendering import FoldingMarkdown


def on_screen(text: str, width: int = 200) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(FoldingMarkdown(text))
    return out.getvalue()


VALUES = [
    *("*A*", "_A_", "__A__", "`A`", "~~A~~", "<A>", "<LOD>", "<NA>", "A<br>B", "&amp;", "[x](u)", "![i](u)", "# x"),
    *(
        "*a*b*",
        "a\\b",
        "a\\*b",
        "{x}",
        "1. x",
        "+1",
        "- x",
        "> x",
        "https://e.org/*",
        "<https://e.org>",
        "[1]: x",
        "***",
    ),
    *("**a*b**", "5 * 3 * 2", "x_1 y_2", "(a) [b]", "|".replace("|", "\\|"), "!", "---x"),
]
EXPRESSION = (
    "TRY_CAST(replace(replace(regexp_extract(\"f\", '[-+]?[.,]?[0-9]([0-9., ]*[0-9])?([eE][-+]?[0-9]+)?'), ' ', ''), "
    "',', '') AS DOUBLE)"
)


@pytest.mark.parametrize("value", VALUES)
def test_a_value_in_a_table_is_shown_as_it_is(value: str) -> None:
    shown = on_screen(f"| g | n |\n|---|---|\n| {value} | 1 |\n| other | 2 |")
    rows = [line.rsplit(maxsplit=1) for line in shown.splitlines() if line.strip()][1:]
    assert [row[0].strip() for row in rows] == [value.replace("\\|", "|"), "other"]


@pytest.mark.parametrize("value", [value for value in VALUES if value not in ("\\|", "`A`")])
def test_a_value_in_a_sentence_is_shown_as_it_is(value: str) -> None:
    # Backticks in a sentence are code.
    assert on_screen(f"I cannot account for '{value}' in 'mean of {value} here'.").strip() == (
        f"I cannot account for '{value}' in 'mean of {value} here'."
    )


def test_an_expression_to_copy_is_shown_as_it_is() -> None:
    assert (
        on_screen(f"Warning: the step derive takes it: {EXPRESSION}.", width=400).strip().endswith(f": {EXPRESSION}.")
    )


def test_bold_code_lists_headings_and_tables_are_still_markup() -> None:
    shown = on_screen(
        "# Head\n\n**Made** `x_1` of **a_b**:\n\n- one\n- two\n\n1. first\n\n| **g** | n |\n|---|---|\n| a | 1 |"
    )
    assert "**" not in shown
    assert "#" not in shown
    assert "|" not in shown
    assert "`" not in shown
    assert all(word in shown for word in ("Made x_1 of a_b:", " • one", " 1 first"))


def test_blocks_of_code_are_left_alone() -> None:
    assert "a *b* [c] \\d" in on_screen("```\na *b* [c] \\d\n```")
    assert "a *b* [c] \\d" in on_screen("So:\n\n    a *b* [c] \\d\n")
