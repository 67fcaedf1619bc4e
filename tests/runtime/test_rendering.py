"""Tables at 40, 80 and 200 columns: nothing is cut, nothing is wider than the screen, numbers stay whole."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from runtime.rendering import FoldingMarkdown, result_view, table_of

NUMBERS = {"n": 342, "missing": 2, "mean": 43.92192982456140, "sd": 5.459583713926532, "skewness": -0.05288481}
DESCRIBED = {
    "rows": 344,
    "columns": [{"column": name, **NUMBERS} for name in ("bill_length_mm", "flipper_length_mm", "body_mass_g")]
    + [{"column": "species", "n": 344, "top": [{"value": "Adelie", "count": 152}]}],
    "warnings": ["a long warning " * 12],
}
MARKDOWN = """**Loaded**

| column | type | example |
|---|---|---|
| flipper_length_mm | integer | 181 |
| a_column_with_a_name_that_is_longer_than_any_narrow_screen | text | some words to be folded |
"""


def render(what: Any, width: int) -> list[str]:
    console = Console(width=width, file=io.StringIO(), color_system=None, highlight=False)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_nothing_is_cut_at_any_width(width: int) -> None:
    for what, words in (
        (result_view(DESCRIBED), ("flipper_length_mm", "43.9219", "5.45958", "-0.0528848", "Adelie")),
        (FoldingMarkdown(MARKDOWN), ("flipper_length_mm", "integer", "181")),
    ):
        lines = render(what, width)
        assert max(map(len, lines)) <= width
        text = "\n".join(lines)
        assert "…" not in text
        assert all(word in text for word in words if len(word) <= width // 2), text
    # A name that is longer than its column goes on in the next line: every letter of it is there.
    shown = "".join(render(FoldingMarkdown(MARKDOWN), width))
    assert all(shown.count(letter) >= MARKDOWN.count(letter) for letter in "qwyg_")


def test_the_same_table_takes_the_form_that_fits() -> None:
    assert sum("bill_length_mm" in line and "43.9219" in line for line in render(result_view(DESCRIBED), 200)) == 1
    side_by_side = [line for line in render(result_view(DESCRIBED), 60) if line.startswith("mean")]
    assert side_by_side == ["mean             43.9219            43.9219      43.9219"]
    assert len([line for line in render(result_view(DESCRIBED), 40) if line.startswith("mean")]) == 3


def test_what_data_holds_cannot_move_the_cursor_or_be_markup() -> None:
    rows: list[dict[str, Any]] = [
        {"[red]name": "\x1b[2J[bold]x[/bold]", "n": None},
        {"[red]name": "y\u202e", "n": True},
    ]
    text = "\n".join(render(table_of(rows), 80))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold]" in text
    assert "[red]name" in text


def test_a_query_is_a_table_and_a_long_one_says_how_many_more() -> None:
    result = {"columns": ["a", "b"], "rows": [[number, "x"] for number in range(50)], "total": 50, "truncated": False}
    lines = render(result_view(result), 80)
    assert [line.split() for line in lines[1:3]] == [["a", "b"], ["0", "x"]]
    assert lines[-1].strip() == "… and 10 more"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_each_group_of_a_comparison_stands_under_its_name_as_if_it_were_alone(width: int) -> None:
    one = {
        "test": "welch_t",
        "groups": [{"group": "f", "mean": 3344.44}, {"group": "m", "mean": 4045.54}],
        "reference": {},
    }
    result = {"by": ["a", "b"], "results": [{"group": "x, y", "group_values": ["x", "y"], **one}], "endless": ["g[c]"]}
    lines = [line.rstrip() for line in render(result_view(result), width)]
    assert lines == [
        "by: a, b",
        "",
        "x, y",
        "test: welch_t",
        "group     mean",
        "f      3344.44",
        "m      4045.54",
        "endless: g[c]",
    ]


def test_a_warning_is_shown_in_words_and_its_code_is_not() -> None:
    one = {"n": 3, "warnings": ["3 rows left out"], "warning_codes": ["missing_values"]}
    for content in (
        one,
        {"results": [{"group": "a", **one}]},
        {"notes": ["3 rows left out"], "note_codes": ["missing_values"]},
    ):
        text = "\n".join(render(result_view(content), 80))
        assert "3 rows left out" in text
        assert "missing_values" not in text


def test_a_page_is_rendered_as_the_prompt_renders_others_and_data_in_it_are_no_markup() -> None:
    card = ["# Model card: m", "## Data\n\n- Table: **not bold**\n\n| x | y |\n|---|---|\n| 1 | `2` |"]
    lines = render(result_view({"model": "m", "card": card}), 60)
    text = "\n".join(lines)
    assert "Model card: m" in text
    assert not [line for line in lines if line.startswith(("#", "card:", "|"))]
    escaped = "".join(render(result_view({"card": ["- Table: \\*\\*x\\*\\* \\[a\\](b)"]}), 60))
    assert escaped.count("*") == 4
    assert "](b)" in escaped
